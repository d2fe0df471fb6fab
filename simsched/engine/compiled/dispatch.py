"""Dispatch policies: which worker an arriving request goes to.

With ``shared`` and ``last_idle`` there is nothing to choose: all workers take from one queue.
"""

from __future__ import annotations

from simsched.engine.compiled import loads, restarts
from simsched.engine.compiled.codes import DISPATCHES
from simsched.engine.compiled.layout import NONE
from simsched.engine.compiled.pools import up_workers
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule

SHARED, LAST_IDLE, RACE, RANDOM, ROUND_ROBIN, LEAST_BUSY = range(len(DISPATCHES))


@rule
def queue_for(world: World, draw: float) -> int:
    """Return the accept queue of a request with this *draw*; none where no worker is up."""
    if world.server.shared:
        return 0
    count = up_count(world.general, world)
    if count == 0:
        return world.server.lobby if restarts.restarts_one(world.general, world) else NONE
    before = world.run.dispatched
    world.run.dispatched += 1
    if count == 1:
        return up_at(world.general, 0)
    if world.server.dispatch == RACE:
        return _race(world.general, world, draw, count)
    if world.server.dispatch == LEAST_BUSY:
        return loads.least_busy(world)
    position = int(draw * count) if world.server.dispatch == RANDOM else before % count
    return up_at(world.general, position)


@apart
def _race(general: General | None, world: World, draw: float, count: int) -> int:
    """Return the first of several workers to accept the request; see the reference."""
    run = world.run
    awake = run.awake
    if run.awake_at != run.now or not restarts.is_open(general, world, awake):
        chosen = up_at(general, int(draw * count))
    elif 2 * draw < 1:
        chosen = awake
    else:
        other = int((2 * draw - 1) * (count - 1))
        chosen = up_at(general, other)
        if chosen >= awake:  # they are in order, and it is not among the others
            chosen = up_at(general, other + 1)
    run.awake = chosen
    run.awake_at = run.now
    return chosen


@rule
def up_count(general: General | None, world: World) -> int:
    """Return how many workers are up."""
    if general is None:
        return world.server.workers
    return up_workers(general, 0)


@rule
def up_at(general: General | None, position: int) -> int:
    """Return the worker at *position* of those that are up."""
    if general is None:
        return position
    return up_workers(general, 1 + position)
