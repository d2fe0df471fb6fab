"""Refusals: of requests that find no room, and of those whose turn comes too late."""

from __future__ import annotations

from simsched.engine import codel
from simsched.engine.compiled import jobs, loads, queues, restarts, tasks
from simsched.engine.compiled.pools import codel_at, job_at, job_of, queue_at, task_at
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule

_refuses = rule(codel.refuses)


@rule
def is_late(general: General | None, world: World, slot: int) -> bool:
    """Return whether the turn of one who waits for it comes too late."""
    if general is None:
        return False
    limit = world.server.queue_timeout
    if limit < 0 and not world.server.codel:
        return False
    if not queue_at(world, task_at(world, slot).queue).gated:
        return False
    if limit >= 0 and world.run.now - job_at(world, job_of(world, slot)).sent > limit:
        return True
    return world.server.codel and _codel_refuses(general, world, slot)


@apart
def _codel_refuses(general: General, world: World, slot: int) -> bool:
    """Return whether CoDel refuses a task whose turn comes in an accept queue."""
    queue = task_at(world, slot).queue
    now = world.run.now
    waited = now - job_at(world, job_of(world, slot)).sent
    return _refuses(codel_at(general, queue), now, waited, queue_at(world, queue).length)


@apart
def refuse_late(world: World, slot: int) -> None:
    """Refuse one whose turn comes too late, who is still in the queue."""
    queue = task_at(world, slot).queue
    loads.change(world, queue, -1)
    queues.forget(world, slot)
    restarts.end_if_done(world, queues.worker_of(world, queue))
    refuse(world, slot)


@apart
def refuse(world: World, at: int) -> None:
    """Refuse the job in the slot *at*, which waits in no queue, unless its client has given up."""
    tasks.enter(world, at, tasks.NOTHING)
    tasks.new_epoch(world, at)
    if job_at(world, at).status == jobs.UNFINISHED:
        jobs.end(world, at, jobs.REFUSED)
    jobs.close_job(world, at)
