"""Real servers, replayed: what the benchmark's table shows stays within bounds."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "real_servers.py"
FILES = ["quart_r40", "flask1_r8", "flask4_r40"]


@pytest.fixture(scope="module")
def real_servers() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("real_servers_benchmark", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_every_measured_file_is_replayed(real_servers: ModuleType) -> None:
    assert sorted(real_servers.SERVERS) == sorted(
        path.stem for path in real_servers.DATA.glob("*.csv")
    )


@pytest.mark.parametrize("file", FILES)
def test_the_second_half_is_predicted_from_an_overhead_fitted_to_the_first(
    real_servers: ModuleType, file: str
) -> None:
    found = real_servers.replay(file)
    assert len(found.measured) * 2 == len(real_servers.measured(file)[0])
    assert abs(found.mean_error) < 0.03
    assert abs(found.p95_error) < 0.05
    assert found.kendall_tau >= 0.998
    assert 500 < found.overhead_us < real_servers.MOST_OVERHEAD_US / 2


def test_the_wrong_model_of_a_server_is_told_by_its_responses(
    real_servers: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bounds mean something: four sync workers are not an event loop, nor one worker."""
    for server in ("{model: serial}", "{model: cooperative}"):
        monkeypatch.setitem(real_servers.SERVERS, "flask4_r40", server)
        found = real_servers.replay("flask4_r40")
        assert (
            abs(found.mean_error) > 0.03
            or abs(found.p95_error) > 0.05
            or (found.kendall_tau < 0.998)
        )


def test_the_replay_takes_arrivals_and_durations_from_the_file(real_servers: ModuleType) -> None:
    rows = np.genfromtxt(real_servers.DATA / "flask1_r8.csv", delimiter=",", names=True)
    demand = rows["cpu1_s"] + rows["io_s"] + rows["cpu2_s"]
    responses = real_servers.responses("flask1_r8", 1000)
    assert len(responses) == 200
    assert np.all(responses > demand + 0.001 - 1e-9)
    assert np.isclose(responses.min(), (demand + 0.001).min(), atol=1e-3)
