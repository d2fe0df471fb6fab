"""Which engine simulates."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from workloads import closed, cpu, io, lecture, workload

from simsched import experiment
from simsched.engine import Trace, choice, choose, kept_code, machine_code, simulate
from simsched.engine.conditions import Conditions
from simsched.engine.variant import Variant
from simsched.errors import InputError
from simsched.scenario import Scenario
from simsched.scenario.model.servers import CooperativeServer, Server, ThreadedServer
from simsched.workload.columns import Workload

LOOP = CooperativeServer(model="cooperative")


def large() -> Workload:
    return workload([(0, cpu(0) * choice.WORTH_LOADING)])


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of compiled code, in which there is none yet."""
    monkeypatch.setattr(kept_code, "folder", lambda: tmp_path)
    return tmp_path


def without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_code, "find_spec", lambda _: None)


def test_a_small_run_is_simulated_by_the_reference() -> None:
    assert choose("auto", lecture(), LOOP, Conditions()).engine == "simpy"


@pytest.mark.parametrize(
    ("kind", "server"), [("plain", LOOP), ("general", ThreadedServer(model="threaded"))]
)
def test_a_run_worth_loading_takes_the_variant_that_is_on_disk(
    kind: Variant, server: Server, kept: Path
) -> None:
    assert choose("auto", large(), server, Conditions()).engine == "simpy"
    (kept / f"{kind}.o").touch()
    assert choose("auto", large(), server, Conditions()).engine == "compiled"


@pytest.mark.parametrize(
    ("kind", "server"), [("plain", LOOP), ("general", ThreadedServer(model="threaded"))]
)
def test_the_whole_run_decides_whether_to_load_and_to_compile(
    kind: Variant, server: Server, kept: Path
) -> None:
    def chosen(phases: float) -> str:
        return choose("auto", lecture(), server, Conditions(), phases).engine

    assert chosen(choice.WORTH_COMPILING[kind] - 1) == "simpy"
    assert chosen(choice.WORTH_COMPILING[kind]) == "compiled"
    (kept / f"{kind}.o").touch()
    assert chosen(choice.WORTH_LOADING - 1) == "simpy"
    assert chosen(choice.WORTH_LOADING) == "compiled"


def test_all_replications_of_all_servers_count(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []

    def noting(*arguments: Any, phases: float, **options: Any) -> Trace:
        told.append(phases)
        return simulate(*arguments, **options)

    monkeypatch.setattr("simsched.experiment.simulating.simulate", noting)
    scenario = Scenario(
        name="whole",
        requests={"page": [{"cpu": {"exponential": "1ms"}}, {"io": "2ms"}]},
        workload={"open": {"rate": "50/s"}, "requests": 20},
        servers={"serial": {"model": "serial"}, "loop": {"model": "cooperative"}},
        run={"replications": 4},
    )
    experiment.run(experiment.prepare([scenario]), timelines="none")
    assert told == [20 * 3 * 2 * 4] * 8


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
    monkeypatch.setattr(choice, "WORTH_LOADING", 1)
    choice._warn.cache_clear()
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


def test_a_compiler_is_loaded_only_to_compile() -> None:
    code = "import sys; sys.modules['numba'] = None; import simsched.engine.compiled"
    subprocess.run([sys.executable, "-c", code], check=True)
