"""One simulation, compiled: the same as the reference, for volume."""

from __future__ import annotations

from collections.abc import Callable, Collection

from simsched.engine.compiled import general, layout
from simsched.engine.compiled.arena import Arena
from simsched.engine.compiled.recorder import record
from simsched.engine.compiled.setup import arena_of
from simsched.engine.compiled.stuck import may_be_stuck, situation_of
from simsched.engine.compiled.supply import Supply
from simsched.engine.conditions import Conditions
from simsched.engine.deadlock import Deadlock
from simsched.engine.machine_code import compiled
from simsched.engine.standstill import standstill
from simsched.engine.stuck import find_deadlock
from simsched.engine.trace import Trace, check_end
from simsched.engine.variant import Variant
from simsched.scenario.model.servers import Server
from simsched.workload.closed import ClosedWorkload
from simsched.workload.columns import Workload

Kernel = Callable[..., int]
"""A compiled function of a stage, the addresses of the records, and the end of the run."""


def simulate(
    workload: Workload | ClosedWorkload,
    server: Server,
    conditions: Conditions | None = None,
    *,
    timeline: int | None = 200,
    also: Collection[int] = (),
) -> Trace:
    """Return what happens when *workload* meets *server*, as the reference engine does.

    Args:
        workload: the requests of one replication.
        server: one server of a scenario.
        conditions: the client's patience, and what goes wrong when.
        timeline: for how many of the first requests the trace holds segments; None means all.
        also: the numbers of more requests that it holds segments for; they count from 1.

    Raises:
        RunError: for one of the users, time stands still; or the run goes on for too long.
    """
    sequential = server.parallel == "sequential"
    ranked = server.discipline == "shortest"
    supply = Supply(workload, server.workers, ranked=ranked, sequential=sequential)
    arena = arena_of(supply, server, conditions or Conditions(), timeline=timeline, also=also)
    arena.make_room()
    run = _kernel("plain" if arena.general is None else "general")
    run(layout.BEGIN, *arena.addresses, 0)
    _proceed(run, arena, supply)
    end = workload.end_ns
    if end is None:
        end = check_end(int(arena.run["last_change"]))
    deadlock = _deadlock(arena, supply, server)
    run(layout.CONCLUDE, *arena.addresses, end)
    return record(arena, supply, server, end, deadlock)


def _kernel(kind: Variant) -> Kernel:
    return compiled(
        kind,
        f"simsched.engine.compiled.kernel:{kind}",
        f"Compiling the engine for {kind} runs; it is kept for the next time.",
    )


def _deadlock(arena: Arena, supply: Supply, server: Server) -> Deadlock | None:
    if not may_be_stuck(arena):
        return None
    pools = general.pools_of_all(supply.pattern, server)
    return find_deadlock(situation_of(arena, server.occupied, pools))


def _proceed(run: Kernel, arena: Arena, supply: Supply) -> None:
    while (stop := run(layout.PROCEED, *arena.addresses, 0)) != layout.DONE:
        if stop == layout.NEEDS_ROOM:
            arena.make_room()
        elif stop == layout.NEEDS_BLOCK:
            arena.add_block(supply)
        elif stop == layout.STANDS_STILL:
            raise standstill(arena.run["stuck"], arena.run["now"])
