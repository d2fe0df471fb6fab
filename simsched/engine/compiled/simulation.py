"""One simulation, compiled: the same as the reference, for volume."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from simsched.engine.compiled import codes
from simsched.engine.compiled.arena import Arena
from simsched.engine.compiled.network import Network
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
from simsched.engine.variant import Variant, variant
from simsched.scenario.model.servers import Server
from simsched.workload.closed import ClosedWorkload
from simsched.workload.columns import Workload

Kernel = Callable[[int, int], int]
"""Does a stage of the run, up to its end if it is the last; see :mod:`codes`."""


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
    conditions = conditions or Conditions()
    supply = Supply(workload, server.workers, **_looks(server))
    servers = [server, *(each.server for each in conditions.services)]
    arenas = [arena_of(supply, server, conditions, timeline=timeline, also=also)]
    for each in conditions.services:
        called = supply.of_service(each.server.workers, **_looks(each.server))
        around = Conditions(
            slowdowns=conditions.slowdowns, outages=each.outages, services=conditions.services
        )
        arenas.append(arena_of(called, each.server, around, timeline=0, also=()))
    kind = variant(workload, server, conditions)
    network = None
    if kind == "plain":
        arenas[0].make_room()
    else:
        network = Network(arenas, supply.pattern.steps)
    run = _kernel(kind, arenas, network)
    run(codes.BEGIN, 0)
    _proceed(run, arenas, network, supply)
    end = workload.end_ns
    if end is None:
        end = check_end(max(int(arena.run["last_change"]) for arena in arenas))
    deadlock = _deadlock(arenas, servers, supply)
    run(codes.CONCLUDE, end)
    return record(arenas, supply, servers, end, deadlock)


def _looks(server: Server) -> dict[str, bool]:
    """Return how a server looks at what remains to be done of a request."""
    return {
        "ranked": server.discipline == "shortest",
        "sequential": server.parallel == "sequential",
    }


def _kernel(kind: Variant, arenas: Sequence[Arena], network: Network | None) -> Kernel:
    function = compiled(
        kind, f"Compiling the engine for {kind} runs; it is kept for the next time."
    )
    if network is not None:
        place = network.part.address
        return lambda stage, end: function(stage, place, end)
    (arena,) = arenas
    return lambda stage, end: function(stage, *arena.addresses, end)


def _deadlock(
    arenas: Sequence[Arena], servers: Sequence[Server], supply: Supply
) -> Deadlock | None:
    if not may_be_stuck(arenas):
        return None
    return find_deadlock(situation_of(arenas, servers, supply.pattern))


def _proceed(run: Kernel, arenas: Sequence[Arena], network: Network | None, supply: Supply) -> None:
    first = arenas[0]
    while (stop := run(codes.PROCEED, 0)) != codes.DONE:
        if stop == codes.NEEDS_ROOM:
            (first if network is None else network).make_room()
        elif stop == codes.NEEDS_BLOCK:
            # All blocks are joined anew: one by one, that would take the square of their number.
            for _ in range(1 + len(supply.blocks) // 4):
                supply.draw_block()
            for arena in arenas:
                arena.add_block(supply)
        elif stop == codes.STANDS_STILL:
            raise standstill(first.run["stuck"], first.run["now"])
