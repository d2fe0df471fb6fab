"""Each file in ``bad`` gives exactly the faults written beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from simsched.errors import ScenarioError
from simsched.scenario import load
from simsched.scenario.file.wording import counted, plural
from simsched.scenario.model.request_class import RequestClass

BAD = Path(__file__).parent / "bad"
NAMES = sorted(path.stem for path in BAD.glob("*.yaml"))


def faults(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(BAD)
    with pytest.raises(ScenarioError) as raised:
        load(f"{name}.yaml")
    return f"{raised.value}\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_file_gives_these_faults(
    name: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    told = faults(name, monkeypatch)
    expected = BAD / f"{name}.txt"
    if request.config.getoption("--update"):
        expected.write_text(told, encoding="utf-8")
    assert told == expected.read_text(encoding="utf-8")


def test_every_list_of_faults_belongs_to_a_file() -> None:
    assert sorted(path.stem for path in BAD.glob("*.txt")) == NAMES


@pytest.mark.parametrize(
    ("things", "thing"),
    [
        ("phases", "phase"),
        ("branches", "branch"),
        ("classes", "class"),
        ("boxes", "box"),
        ("crashes", "crash"),
        ("queries", "query"),
        ("delays", "delay"),
        ("distributions of counts", "distribution of counts"),
    ],
)
def test_several_things_are_called_by_their_plural(things: str, thing: str) -> None:
    assert plural(thing) == things
    assert [counted(n, thing) for n in (0, 1, 2000)] == [
        f"0 {things}",
        f"1 {thing}",
        f"2,000 {things}",
    ]


def test_too_many_branches_are_called_branches() -> None:
    with pytest.raises(ScenarioError) as raised:
        RequestClass(phases=[{"parallel": [[{"cpu": "1ms"}] for _ in range(2000)]}])
    (fault,) = raised.value.faults
    assert str(fault) == (
        "RequestClass: phases[0].parallel: 2000 branches are too many; the most is 1000"
    )
