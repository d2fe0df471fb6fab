"""Which engine simulates."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from workloads import closed, cpu, io, lecture, workload

from simsched.engine import choice, choose, kept_code, simulate
from simsched.engine.conditions import Conditions
from simsched.errors import InputError
from simsched.scenario.servers import CooperativeServer, ThreadedServer
from simsched.workload.columns import Workload

LOOP = CooperativeServer(model="cooperative")


def large() -> Workload:
    return workload([(0, cpu(0) * choice.WORTH_COMPILING)])


def without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "find_spec", lambda _: None)


def test_a_small_run_is_simulated_by_the_reference() -> None:
    assert choose("auto", lecture(), LOOP, Conditions()).engine == "simpy"


def test_a_large_run_is_compiled() -> None:
    assert choose("auto", large(), LOOP, Conditions()).engine == "compiled"


@pytest.mark.parametrize(("kept", "engine"), [(False, "simpy"), (True, "compiled")])
def test_a_run_that_needs_all_rules_waits_for_them_to_be_compiled_until_it_is_larger(
    kept: bool, engine: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(kept_code, "FOLDER", tmp_path)
    if kept:
        (tmp_path / "general").touch()
    locked = ThreadedServer(model="threaded")
    assert choose("auto", large(), locked, Conditions()).engine == engine
    monkeypatch.setattr(choice, "WORTH_COMPILING_ALL", choice.WORTH_COMPILING)
    assert choose("auto", large(), locked, Conditions()).engine == "compiled"


def test_what_is_asked_for_is_taken() -> None:
    assert choose("simpy", large(), LOOP, Conditions()).engine == "simpy"
    assert choose("compiled", lecture(), LOOP, Conditions()).engine == "compiled"


@pytest.mark.parametrize(
    ("limits", "rows"),
    [({"end": 600}, 2 * 200), ({"end": 600, "most": 10}, 2 * 10), ({"most": 10}, 2 * 10)],
)
def test_what_users_will_ask_is_guessed_from_the_time_that_a_round_takes(
    limits: dict[str, int], rows: int
) -> None:
    users = closed([[(1, cpu(1) + io(1))]], **limits)
    assert choice.expected_rows(users) == pytest.approx(rows)


def test_without_numba_the_reference_simulates_all_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    without_numba(monkeypatch)
    monkeypatch.setattr(choice, "WORTH_COMPILING", 1)
    choice._tell.cache_clear()
    for _ in range(2):
        assert simulate(lecture(), LOOP).finish_ns.tolist() == [94_000_000, 108_000_000, 98_000_000]
    assert caplog.record_tuples == [
        (
            "simsched.engine.choice",
            logging.WARNING,
            "Install Numba for a quicker simulation: pip install 'simsched[fast]'.",
        )
    ]


def test_what_cannot_be_compiled_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    without_numba(monkeypatch)
    with pytest.raises(InputError, match="needs Numba"):
        simulate(lecture(), LOOP, engine="compiled")


def test_neither_engine_is_loaded_before_it_simulates() -> None:
    code = (
        "import sys, simsched.engine; print([name for name in ('numba', 'simpy')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
