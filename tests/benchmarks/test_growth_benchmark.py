"""The benchmarks of growth and of start-up still run, and still notice what grows too fast."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest

from simsched.scenario import loads

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def benchmarks_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)


@pytest.fixture
def growth() -> ModuleType:
    return importlib.import_module("growth")


@pytest.fixture
def dimensions() -> ModuleType:
    return importlib.import_module("growth_dimensions")


def line(growth: ModuleType, dimensions: ModuleType, exponent: float) -> object:
    values = (10, 100, 1000, 10_000)
    times = tuple(value**exponent for value in values)
    return growth.Found(dimensions.DIMENSIONS[0], "serial", values, times)


@pytest.mark.parametrize("exponent", [-0.5, 0.0, 0.5, 1.0])
def test_the_exponent_of_a_power_is_found(
    growth: ModuleType, dimensions: ModuleType, exponent: float
) -> None:
    found, error = line(growth, dimensions, exponent).power
    assert found == pytest.approx(exponent)
    assert error == pytest.approx(0, abs=1e-9)


def test_the_error_is_that_of_a_regression(growth: ModuleType) -> None:
    """By hand: x = 0, 1, 2; y = 0, 1, 0 (natural logarithms)."""
    e = 2.718281828459045
    assert growth.fitted_power((1, e, e * e), (1, e, 1)) == pytest.approx((0, (2 / 3 / 2) ** 0.5))


def test_a_request_may_cost_a_logarithm_more_but_not_a_root(
    growth: ModuleType, dimensions: ModuleType
) -> None:
    assert not line(growth, dimensions, 0.1).grows_too_fast
    assert line(growth, dimensions, 0.5).grows_too_fast


def test_what_grows_fast_only_at_the_end_is_noticed(
    growth: ModuleType, dimensions: ModuleType
) -> None:
    values = (10, 100, 1000, 10_000)
    found = growth.Found(dimensions.DIMENSIONS[0], "serial", values, (1.0, 1.0, 1.1, 3.0))
    assert found.power[0] - 2 * found.power[1] < growth.SLACK
    assert found.grows_too_fast


def test_every_scenario_can_be_read_at_every_value(dimensions: ModuleType) -> None:
    for dimension in dimensions.DIMENSIONS:
        for each in dimension.lines:
            for value in (dimension.values[0], dimension.values[-1]):
                assert loads(each.text(value, 100)).servers["server"] is not None


def test_tables_and_a_figure_are_made(
    growth: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(growth, "use_one_core", lambda: None)
    file = tmp_path / "growth.svg"
    few = ["--only", "resour", "branch", "--requests", "20", "--seconds", "0.02", "--first", "5"]
    monkeypatch.setattr(
        sys, "argv", ["growth.py", "--engine", "simpy", "--figure", str(file), *few]
    )
    growth.main()
    printed = capsys.readouterr().out
    assert "| resources | 1 | 3 | 10 | 30 | 100 | exponent | at the end |" in printed
    assert re.search(r"\| cooperative \| [\d.e+]+ \|", printed)
    svg = ET.fromstring(file.read_text(encoding="utf-8"))  # noqa: S314 - our own
    titles = [each.text for each in svg.iter() if each.get("class") == "title"]
    assert titles == ["resources", "branches"]
    assert len([each for each in svg.iter() if each.tag.endswith("polyline")]) == 2


def test_starting_up_is_held_against_its_bounds() -> None:
    startup = importlib.import_module("startup")
    help_page = next(each for each in startup.COMMANDS if each.name == "simsched --help")
    assert startup.row(help_page, [0.1, 0.2, 0.4]).endswith("| 0.20 (0.10 to 0.40) | 0.3 s | met |")
    assert startup.row(help_page, [0.4, 0.4, 0.1]).endswith("| 0.3 s | missed |")


def test_a_command_is_timed_from_start_to_end(tmp_path: Path) -> None:
    startup = importlib.import_module("startup")
    assert 0 < startup.seconds(startup.COMMANDS[0], tmp_path, "wall") < 30
    assert startup.seconds(startup.COMMANDS[1], tmp_path, "cpu") > 0
