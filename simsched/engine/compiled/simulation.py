"""One simulation, compiled: the same as the reference, for volume."""

from __future__ import annotations

from collections.abc import Collection

from simsched.engine.compiled import kernel
from simsched.engine.compiled.arena import Arena
from simsched.engine.compiled.recorder import record
from simsched.engine.compiled.setup import arena_of
from simsched.engine.compiled.stuck import may_be_stuck, situation_of
from simsched.engine.compiled.supply import Supply
from simsched.engine.conditions import Conditions
from simsched.engine.deadlock import Deadlock
from simsched.engine.kept_code import compiled_once
from simsched.engine.standstill import standstill
from simsched.engine.stuck import find_deadlock
from simsched.engine.trace import Trace, check_end
from simsched.scenario.model.servers import Server
from simsched.workload.closed import ClosedWorkload
from simsched.workload.columns import Workload
from simsched.workload.steps import pools_of


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
    with compiled_once("plain" if arena.general is None else "general"):
        kernel.begin(arena.world)
        _proceed(arena, supply)
        end = workload.end_ns
        if end is None:
            end = check_end(int(arena.run["last_change"]))
        deadlock = _deadlock(arena, supply, server)
        kernel.conclude(arena.world, end)
    return record(arena, supply, server, end, deadlock)


def _deadlock(arena: Arena, supply: Supply, server: Server) -> Deadlock | None:
    if not may_be_stuck(arena):
        return None
    pools = pools_of(supply.pattern.resources, server.workers)
    return find_deadlock(situation_of(arena, server.occupied, pools))


def _proceed(arena: Arena, supply: Supply) -> None:
    world = arena.world
    while (stop := kernel.proceed(world)) != kernel.DONE:
        if stop == kernel.NEEDS_ROOM:
            arena.make_room()
        elif stop == kernel.NEEDS_BLOCK:
            arena.add_block(supply)
        elif stop == kernel.STANDS_STILL:
            raise standstill(arena.run["stuck"], arena.run["now"])
