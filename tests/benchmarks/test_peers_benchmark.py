"""The benchmark against other simulators still runs, and still notices who does other work."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
YARDSTICKS = ["heap_loop", "simpy_processes", "simpy_callbacks", "numba_loop", "simsched_reference"]


@pytest.fixture(autouse=True)
def benchmarks_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)


@pytest.fixture
def peers() -> ModuleType:
    return importlib.import_module("peers")


@pytest.fixture
def work() -> ModuleType:
    return importlib.import_module("contestants.work")


@pytest.mark.parametrize("name", YARDSTICKS)
@pytest.mark.parametrize("of", ["FEEDBACK", "MM1"])
def test_contestants_find_the_mean_response_of_theory(name: str, of: str, work: ModuleType) -> None:
    """2,000 requests are enough to tell one queue from another, within a quarter of the mean."""
    if name == "numba_loop":
        pytest.importorskip("numba")
    contestant = importlib.import_module(f"contestants.{name}")
    todo = getattr(work, of)
    found = contestant.simulate(contestant.draw(todo, 2000, seed=2))
    assert found == pytest.approx(todo.mean_response_s, rel=0.25)


def test_contestants_that_draw_alike_find_the_same_to_rounding(work: ModuleType) -> None:
    loop, plain = (
        importlib.import_module(f"contestants.{name}") for name in ("heap_loop", "simpy_processes")
    )
    todo = work.Undrawn(work.FEEDBACK, 500, seed=3)
    assert loop.simulate(todo) == pytest.approx(plain.simulate(todo), rel=1e-9)


def test_theory_is_of_both_workloads(work: ModuleType) -> None:
    assert work.FEEDBACK.mean_response_s == pytest.approx(2 * 0.004 / (1 - 0.64) + 0.050)
    assert work.MM1.mean_response_s == pytest.approx(0.010 / (1 - 0.8))


def test_without_variation_the_loop_finds_what_theory_says_of_constant_service(
    work: ModuleType,
) -> None:
    """M/D/1 waits half as long as M/M/1 (Pollaczek and Khinchine)."""
    loop = importlib.import_module("contestants.heap_loop")
    found = loop.simulate(work.Undrawn(work.MM1, 200_000, seed=1), varying=False)
    assert found == pytest.approx(0.010 + 0.040 / 2, rel=0.05)


def test_a_round_prints_rates_and_says_who_is_absent(
    peers: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--only", "heap", "cimba", "--work", "mm1", "--scale", "0", "--rounds", "2"]
    monkeypatch.setattr(sys, "argv", ["peers.py", *arguments])
    monkeypatch.setattr(peers, "use_one_core", lambda: None)
    code = peers.main()
    printed = capsys.readouterr().out
    assert "| heap loop by hand | 1,000 |" in printed
    assert "| cimba | absent: ModuleNotFoundError: No module named 'cimba' |" in printed
    assert code == 0


def test_other_work_is_noticed(peers: ModuleType, work: ModuleType) -> None:
    turns = peers.Turns(peers.PLAIN, 1000, mean_s=[0.07, 0.0701, 0.0702])
    line, agrees = peers.row(turns, work.FEEDBACK)
    assert not agrees
    assert line.endswith("72.22 ms **differs** |")
    turns.mean_s = [0.070, 0.075, 0.072]
    assert peers.row(turns, work.FEEDBACK)[1]


def test_goals_are_told_by_the_median(peers: ModuleType, work: ModuleType) -> None:
    engine = peers.Turns(peers.ENGINE, 1000, simulated=[4e6, 5.5e6, 6e6], drawn=[3e6, 3e6, 3e6])
    loop = peers.Turns(peers.LOOP, 1000, simulated=[12e6, 12e6, 10e6])
    rows = peers.goals(work.FEEDBACK, {one.contestant.label: one for one in (engine, loop)})
    assert rows == [
        "| engine: 5,000,000 requests/s | 5,500,000 (4,000,000 to 6,000,000) | met |",
        "| engine: half as fast as the loop by hand | 0.46 (0.33 to 0.60) | missed |",
    ]
