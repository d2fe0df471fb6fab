"""The choice of the engine: the reference for small runs, the compiled one for volume.

Runs, sweeps and searches all choose here. Both engines leave the same trace. Each is imported only
when it is used: the one needs SimPy, the other Numba.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from math import inf
from types import MappingProxyType
from typing import Literal, assert_never

from simsched.engine import machine_code
from simsched.engine.conditions import Conditions
from simsched.engine.trace import Trace
from simsched.engine.variant import Variant, variant
from simsched.errors import InputError
from simsched.scenario.model.run import Engine
from simsched.scenario.model.servers import Server
from simsched.workload.closed import ClosedWorkload, Population
from simsched.workload.columns import Workload

WORTH_LOADING = 10_000
"""The number of phases from which loading compiled code from disk is worthwhile.

Loading takes about a tenth of a second, in which the reference simulates 5,000 phases.
"""

WORTH_COMPILING: Mapping[Variant, int] = MappingProxyType({"plain": 500_000, "general": 1_500_000})
"""The number of phases from which compiling a variant that is not on disk is worthwhile.

That takes some ten seconds for the plain one and half a minute for the other.
"""

REFERENCE_S = 2e-5
COMPILED_S = 2e-7
"""The seconds that each engine needs for a phase, on an ordinary machine."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine for a run, and a note for the user if a better one is not installed."""

    engine: Literal["simpy", "compiled"]
    note: str | None = None


def choose(
    engine: Engine,
    workload: Workload | ClosedWorkload,
    server: Server,
    conditions: Conditions,
    phases: float = 0.0,
) -> Choice:
    """Return the engine for a run of *workload* on *server*, under *conditions*.

    It depends on everything that this process simulates: *phases* is the number for all servers,
    replications and points together, if that is more than this one run has.

    Raises:
        InputError: the compiled engine is demanded, but Numba is not installed.
    """
    match engine:
        case "simpy":
            return Choice("simpy")
        case "compiled" if not machine_code.is_available():
            raise InputError(
                "the compiled engine needs Numba; install it with pip install 'simsched[fast]', or"
                " leave out run.engine"
            )
        case "compiled":
            return Choice("compiled")
        case "auto":
            whole = max(phases, expected_rows(workload))
            return _quicker(whole, variant(workload, server, conditions))
        case _:
            assert_never(engine)


def _quicker(phases: float, kind: Variant) -> Choice:
    """Return the engine that finishes *phases* first, with the time to load it."""
    if phases < WORTH_LOADING:
        return Choice("simpy")
    if not machine_code.is_available():
        note = "Install Numba for a quicker simulation: pip install 'simsched[fast]'."
        return Choice("simpy", note)
    worthwhile = phases >= WORTH_COMPILING[kind] or machine_code.is_at_hand(kind)
    return Choice("compiled" if worthwhile else "simpy")


def library_of(engine: str) -> str | None:
    """Return the package that an engine is made with; None if simsched came with it compiled."""
    compiler = None if machine_code.is_shipped() else "numba"
    return {"simpy": "simpy", "compiled": compiler}[engine]


def foreseen_s(engine: Engine, phases: float) -> float:
    """Return about how many seconds *phases* take, before anything was measured."""
    slow = engine == "simpy" or not machine_code.is_available()
    return phases * (REFERENCE_S if slow else COMPILED_S)


def expected_rows(workload: Workload | ClosedWorkload) -> float:
    """Return about how many phases a run of *workload* has."""
    if isinstance(workload, Workload):
        return len(workload.step_id)
    block = workload.block(0)
    rows_each = len(block.step_id) / max(1, len(block))
    cycle_ns = max(1.0, float(block.think_ns.mean() + block.demand_ns().mean()))
    rounds = inf if workload.end_ns is None else workload.end_ns / cycle_ns
    beside = 0 if workload.beside is None else len(workload.beside.step_id)
    return beside + rows_each * sum(_requests(each, rounds) for each in workload.populations)


def _requests(users: Population, rounds: float) -> float:
    """Return about how many requests users send who have time for so many *rounds*."""
    return min(users.most_requests or inf, users.users * min(users.iterations or inf, rounds))


def simulate(  # noqa: PLR0913 - the engines' own arguments, and which engine
    workload: Workload | ClosedWorkload,
    server: Server,
    conditions: Conditions | None = None,
    *,
    timeline: int | None = 200,
    also: Collection[int] = (),
    engine: Engine = "auto",
    phases: float = 0.0,
) -> Trace:
    """Return what happens when *workload* meets *server*: a pure function of its arguments.

    Args:
        workload: the requests of one replication.
        server: one server of a scenario.
        conditions: the client's patience, and what fails when.
        timeline: how many of the first requests have segments in the trace; None means all.
        also: the numbers of other requests that have segments; they count from 1.
        engine: the engine; the trace is the same.
        phases: about how many phases this process simulates in all, by which ``auto`` chooses.

    Raises:
        InputError: the compiled engine is demanded, but Numba is not installed.
        RunError: for one of the users, time stands still; or the run takes too long.
    """
    choice = choose(engine, workload, server, conditions or Conditions(), phases)
    if choice.note is not None:
        _warn(choice.note)
    if choice.engine == "compiled":
        from simsched.engine.compiled import simulate as run
    else:
        from simsched.engine.reference import simulate as run
    return run(workload, server, conditions, timeline=timeline, also=also)


@cache
def _warn(note: str) -> None:
    """Log *note* once per process; without a handler, Python prints it on stderr."""
    logging.getLogger(__name__).warning(note)
