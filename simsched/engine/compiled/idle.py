"""Takers that wait for a task, in the queues that they may take from."""

from __future__ import annotations

from simsched.engine.compiled import linked
from simsched.engine.compiled.layout import NONE, TAKER
from simsched.engine.compiled.pools import queue_at, taker_at, worker_at
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule


@rule
def accepts(general: General | None, world: World, worker: int) -> bool:
    """Return whether a worker that is up may take from its accept queue.

    One that takes no new requests still does, where the queue is its own: those are not new.
    """
    if general is None:
        return True
    return not (worker_at(world, worker).draining and world.server.shared)


@rule
def wait(world: World, at: int) -> None:
    """Let the taker *at* be idle: the last to be served."""
    taker = taker_at(world, at)
    if accepts(world.general, world, taker.worker):
        taker.idle = True
        idle = queue_at(world, taker.queue).idle
        if world.server.last_idle:
            previous = _last_before(world, idle.last, taker.worker)
            linked.insert(idle, world.run.takers, TAKER, at, previous)
        else:
            linked.append(idle, world.run.takers, TAKER, at)
    if taker.ready != NONE:
        _be_alone(world, taker.ready, at)


@apart
def _last_before(world: World, at: int, worker: int) -> int:
    """Return the last of the idle takers up to the one *at* whose worker is not after *worker*."""
    while at != NONE and taker_at(world, at).worker > worker:
        at = taker_at(world, at).previous
    return at


@rule
def leave(world: World, at: int) -> None:
    """Let the taker *at* wait for tasks no longer."""
    taker = taker_at(world, at)
    taker.task = NONE
    if taker.idle:
        accept_no_more(world, at)
    if taker.ready != NONE:
        _be_alone(world, taker.ready, NONE)


@rule
def accept_no_more(world: World, at: int) -> None:
    """Let the taker *at*, which is idle, wait for tasks of the accept queue no longer."""
    taker = taker_at(world, at)
    taker.idle = False
    linked.remove(queue_at(world, taker.queue).idle, world.run.takers, TAKER, at)


@rule
def _be_alone(world: World, queue: int, taker: int) -> None:
    """Note who is idle of the one loop that a ready queue has."""
    idle = queue_at(world, queue).idle
    idle.first = taker
    idle.last = taker
