"""Each sweep in ``bad_sweep`` gives exactly the faults written beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from simsched.errors import ScenarioError
from simsched.scenario.sweep.loading import load_sweep
from simsched.scenario.sweep.points import check_values

BAD = Path(__file__).parent / "bad_sweep"
NAMES = sorted(path.stem for path in BAD.glob("*.yaml"))


def faults(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(BAD)
    with pytest.raises(ScenarioError) as raised:
        check_values(load_sweep(f"{name}.yaml"))
    return f"{raised.value}\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_sweep_gives_these_faults(
    name: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    told = faults(name, monkeypatch)
    expected = BAD / f"{name}.txt"
    if request.config.getoption("--update"):
        expected.write_text(told, encoding="utf-8")
    assert told == expected.read_text(encoding="utf-8")


def test_every_list_of_faults_belongs_to_a_sweep() -> None:
    assert sorted(path.stem for path in BAD.glob("*.txt")) == NAMES
