"""Dispatch policies: which worker an arriving request goes to.

With ``shared`` there is nothing to choose: all workers take from one accept queue.
"""

from __future__ import annotations

from simsched.engine.compiled import loads
from simsched.engine.compiled.layout import NOBODY
from simsched.engine.compiled.pools import up_workers
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import rule

SHARED, RANDOM, ROUND_ROBIN, LEAST_BUSY = range(4)
POLICIES = ("shared", "random", "round_robin", "least_busy")


@rule
def queue_for(world: World, draw: float) -> int:
    """Return the accept queue of a request with this *draw*; nobody's where no worker is up."""
    if world.server.shared:
        return 0
    count = up_count(world.general, world)
    if count == 0:
        return NOBODY
    before = world.run.dispatched
    world.run.dispatched += 1
    if count == 1:
        return up_at(world.general, 0)
    if world.server.dispatch == RANDOM:
        return up_at(world.general, int(draw * count))
    if world.server.dispatch == ROUND_ROBIN:
        return up_at(world.general, before % count)
    return loads.least_busy(world)


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
