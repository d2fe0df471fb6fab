"""Which engine simulates: the reference for small runs, the compiled one for volume.

Both leave the same trace. Each is imported when it is used: the one needs SimPy, the other Numba.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from types import MappingProxyType
from typing import Literal

from simsched.engine.conditions import Conditions
from simsched.engine.trace import Trace
from simsched.engine.variant import Variant, variant
from simsched.errors import InputError
from simsched.scenario.scenario import Engine
from simsched.scenario.servers import Server
from simsched.workload.closed import ClosedWorkload
from simsched.workload.columns import Workload

ENGINES: Mapping[str, str] = MappingProxyType({"simpy": "simpy", "compiled": "numba"})
"""The engines, and the package that each is made with."""

WORTH_COMPILING = 50_000
"""From how many phases of a run on the compiled engine is taken.

It takes about half a second to load, in which the reference does 30,000 phases; and for plain runs
some ten seconds to be compiled once, which it has to be worth.
"""

WORTH_COMPILING_ALL = 300_000
"""The same for a run that needs all of its rules, until they were compiled: that takes a minute."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine that simulates a run, and a sentence where it is not the one to be expected."""

    engine: Literal["simpy", "compiled"]
    note: str | None = None


def choose(
    engine: Engine, workload: Workload | ClosedWorkload, server: Server, conditions: Conditions
) -> Choice:
    """Return the engine for a run of *workload* on *server*, under *conditions*.

    Raises:
        InputError: it is to be compiled, but Numba is not installed.
    """
    rows = expected_rows(workload) if engine == "auto" else 0
    if engine == "simpy" or (engine == "auto" and rows < WORTH_COMPILING):
        return Choice("simpy")
    if find_spec("numba") is None:
        return _without_numba(engine)
    waits = engine == "auto" and rows < WORTH_COMPILING_ALL
    if waits and not _is_ready(variant(workload, server, conditions)):
        return Choice("simpy")
    return Choice("compiled")


def _is_ready(kind: Variant) -> bool:
    """Return whether a run of this kind is compiled soon, or was before."""
    if kind == "plain":
        return True
    from simsched.engine.kept_code import is_kept

    return is_kept(kind)


def _without_numba(engine: Engine) -> Choice:
    if engine == "compiled":
        raise InputError(
            "the compiled engine needs Numba; install it with pip install 'simsched[fast]', or"
            " leave out run.engine"
        )
    return Choice("simpy", "Install Numba for a quicker simulation: pip install 'simsched[fast]'.")


def expected_rows(workload: Workload | ClosedWorkload) -> float:
    """Return about how many phases a run of *workload* goes through."""
    if isinstance(workload, Workload):
        return len(workload.step_id)
    block = workload.block(0)
    rows_each = len(block.step_id) / max(1, len(block))
    if workload.end_ns is None:
        return rows_each * (workload.most_requests or 0)
    cycle_ns = max(1.0, float(block.think_ns.mean() + block.demand_ns().mean()))
    requests = workload.users * workload.end_ns / cycle_ns
    return rows_each * min(requests, workload.most_requests or requests)


def simulate(  # noqa: PLR0913 - the engines' own arguments, and which engine
    workload: Workload | ClosedWorkload,
    server: Server,
    conditions: Conditions | None = None,
    *,
    timeline: int | None = 200,
    also: Collection[int] = (),
    engine: Engine = "auto",
) -> Trace:
    """Return what happens when *workload* meets *server*: a pure function of its arguments.

    Args:
        workload: the requests of one replication.
        server: one server of a scenario.
        conditions: the client's patience, and what goes wrong when.
        timeline: for how many of the first requests the trace holds segments; None means all.
        also: the numbers of more requests that it holds segments for; they count from 1.
        engine: what simulates; the trace is the same.

    Raises:
        InputError: it is to be compiled, but Numba is not installed.
        RunError: for one of the users, time stands still; or the run goes on for too long.
    """
    choice = choose(engine, workload, server, conditions or Conditions())
    if choice.note is not None:
        _tell(choice.note)
    if choice.engine == "compiled":
        from simsched.engine.compiled import simulate as run
    else:
        from simsched.engine.reference import simulate as run
    return run(workload, server, conditions, timeline=timeline, also=also)


@cache
def _tell(note: str) -> None:
    """Say this on stderr, unless somebody handles what is logged, and only once."""
    logging.getLogger(__name__).warning(note)
