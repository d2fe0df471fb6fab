"""Takers: the workers, loops and threads that take tasks from queues, and wait for them."""

from __future__ import annotations

from simsched.engine.compiled import (
    batches,
    connections,
    idle,
    linked,
    loads,
    queues,
    ranking,
    refusals,
    restarts,
    tasks,
)
from simsched.engine.compiled.actions import HANDED
from simsched.engine.compiled.handovers import hand_over
from simsched.engine.compiled.layout import JOB, NONE
from simsched.engine.compiled.pools import (
    batch_at,
    job_at,
    job_of,
    queue_at,
    taker_at,
    task_at,
    worker_at,
)
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule


@rule
def join(world: World, at: int, slot: int) -> None:
    """Let the task in *slot* join the queue *at*, and be taken if a worker is idle."""
    batches.expect_others(world.general, world, at, slot)
    queues.add(world, at, slot)
    serve(world, at)


@rule
def _has_room(world: World, worker: int) -> bool:
    """Return whether a worker may start one more request."""
    limit = world.server.max_in_flight
    return limit < 0 or _in_flight(world.general, world, worker) < limit


@rule
def _in_flight(general: General | None, world: World, worker: int) -> int:
    """Return how many requests are started and not ended, where those are limited."""
    if general is not None:
        if world.server.limits_each:
            return worker_at(world, worker).in_flight
    return world.run.in_flight


@rule
def woken(world: World, at: int) -> int:
    """Return which of the takers that are idle in the queue *at* is to be served, if one may be."""
    queue = queue_at(world, at)
    if _has_kept_queues(world.general, world):
        worker = queues.worker_of(world, at)
        if 0 <= worker < world.server.workers:
            return _idle_of(world, worker) if _has_room(world, worker) else NONE
    taker = queue.idle.last if world.server.last_idle else queue.idle.first
    if taker == NONE or not queue.gated or _has_room(world, taker_at(world, taker).worker):
        return taker
    return _other(world.general, world, taker)


@rule
def serves_at_once(world: World, at: int) -> bool:
    """Return whether a task that joins the queue *at* now is taken without waiting."""
    return woken(world, at) != NONE and batches.is_formed(world.general, world, at, 1)


@apart
def wait_no_longer(general: General, world: World, slot: int) -> None:
    """Note that a task, if it is still in its queue, has waited for long enough for others."""
    task = task_at(world, slot)
    if task.queue != NONE:
        batch_at(general, task.queue).overdue = task.ticket + 1
        serve(world, task.queue)


@rule
def _other(general: General | None, world: World, taker: int) -> int:
    """Return which of the takers idle behind one without room is the first to have some."""
    if general is not None:
        if world.server.limits_each and world.server.shared:
            return _next_with_room(world, taker)
    return NONE


@apart
def _next_with_room(world: World, taker: int) -> int:
    while taker != NONE and not _has_room(world, taker_at(world, taker).worker):
        one = taker_at(world, taker)
        taker = one.previous if world.server.last_idle else one.next
    return taker


@rule
def _has_kept_queues(general: General | None, world: World) -> bool:
    """Return whether requests may wait for the worker that keeps their connection."""
    if general is None:
        return False
    return world.server.kept != NONE


@apart
def _idle_of(world: World, worker: int) -> int:
    """Return which of the takers of *worker* that are idle is to be served."""
    taker = queue_at(world, 0).idle.first
    while taker != NONE and taker_at(world, taker).worker != worker:
        taker = taker_at(world, taker).next
    if taker != NONE or not queues.is_up(world.general, world, worker):
        return taker
    for other in range(worker, world.run.takers_count, world.server.workers):
        if taker_at(world, other).task == NONE:  # it takes no new requests
            return other
    return NONE


@rule
def serve(world: World, at: int) -> None:
    """Hand tasks to idle takers while there are both."""
    while True:
        taker = woken(world, at)
        if taker == NONE or not batches.is_formed(world.general, world, at, 0):
            break
        slot = queues.head(world, at)
        if slot == NONE:
            break
        if refusals.is_late(world.general, world, slot):
            refusals.refuse_late(world, slot)
        else:
            hand(world, taker, slot)


@rule
def next_task(world: World, at: int) -> None:
    """Let the taker *at* be handed a task, or be idle.

    Of its queues, the one whose head ranks first is served. Nothing is taken by a worker that goes
    down at this instant.
    """
    taker = taker_at(world, at)
    taker.task = NONE
    if batches.go_on(world.general, world, at):
        return
    slot = _next_of(world, at)
    while slot != NONE and refusals.is_late(world.general, world, slot):
        refusals.refuse_late(world, slot)
        slot = _next_of(world, at)
    if slot != NONE:
        hand(world, at, slot)
    elif queues.is_up(world.general, world, taker.worker):
        idle.wait(world, at)


@rule
def _next_of(world: World, at: int) -> int:
    """Return whom the taker *at* is to take next, if there is one."""
    taker = taker_at(world, at)
    if not queues.is_up(world.general, world, taker.worker):
        return NONE
    slot = NONE
    if _may_take(world, at) and batches.is_formed(world.general, world, taker.queue, 0):
        slot = queues.head(world, taker.queue)
    if _has_kept_queues(world.general, world) and _has_room(world, taker.worker):
        slot = _first_of(world, slot, queues.head(world, world.server.kept + taker.worker))
    if taker.ready != NONE:
        slot = _first_of(world, slot, queues.head(world, taker.ready))
    return slot


@rule
def _first_of(world: World, one: int, other: int) -> int:
    """Return which of two tasks is to be taken first, or the one that there is."""
    if one == NONE or (other != NONE and ranking.ranks_before(world, other, one)):
        return other
    return one


@rule
def _may_take(world: World, at: int) -> bool:
    """Return whether the taker *at*, whose worker is up, may take from its accept queue."""
    worker = taker_at(world, at).worker
    return idle.accepts(world.general, world, worker) and _has_room(world, worker)


@rule
def hand(world: World, at: int, slot: int) -> None:
    """Hand the task in *slot* to the taker *at*."""
    queues.forget(world, slot)
    idle.leave(world, at)
    taker_at(world, at).task = slot
    task_at(world, slot).taker = at
    _take(world, slot, taker_at(world, at).worker)
    hand_over(world.run, HANDED, at)
    _fill_batch(world.general, world, at)


@rule
def _fill_batch(general: General | None, world: World, at: int) -> None:
    """Let the taker *at* take more tasks, if it serves batches."""
    if general is not None:
        if world.server.batch_size > 0:
            _take_others(general, world, at)


@apart
def _take_others(general: General, world: World, at: int) -> None:
    taker = taker_at(world, at)
    while batch_at(general, taker.worker).left_count + 1 < world.server.batch_size:
        slot = NONE
        if queues.is_up(general, world, taker.worker) and _may_take(world, at):
            slot = queues.head(world, taker.queue)
        if slot == NONE:
            break
        if refusals.is_late(general, world, slot):
            refusals.refuse_late(world, slot)
        else:
            queues.forget(world, slot)
            _take(world, slot, taker.worker)
            batches.add(general, world, taker.worker, slot)


@rule
def _take(world: World, slot: int, worker: int) -> None:
    """Note that *worker* has the request, if it is new to it."""
    at = job_of(world, slot)
    job = job_at(world, at)
    if job.worker != NONE:
        return
    job.worker = worker
    job.start = world.run.now
    world.run.in_flight += 1
    _link(world.general, world, at)
    _accept(world.general, world, at)
    restarts.take(world.general, world, at)


@rule
def _link(general: General | None, world: World, at: int) -> None:
    """Note that its worker has the job *at*; in a plain run it does not go down with it."""
    if general is not None:
        worker = worker_at(world, job_at(world, at).worker)
        worker.in_flight += 1
        linked.append(worker.jobs, world.run.jobs, JOB, at)


@rule
def _accept(general: General | None, world: World, at: int) -> None:
    if general is not None:
        connections.accept(general, world, at)


@rule
def end_serving(world: World, at: int) -> None:
    """Note that its worker no longer has the job *at*."""
    world.run.in_flight -= 1
    loads.change(world, job_at(world, at).worker, -1)
    _unlink(world.general, world, at)


@rule
def _unlink(general: General | None, world: World, at: int) -> None:
    if general is not None:
        worker = worker_at(world, job_at(world, at).worker)
        worker.in_flight -= 1
        linked.remove(worker.jobs, world.run.jobs, JOB, at)


@rule
def make_ready(world: World, slot: int) -> None:
    """Let the task wait for its loop."""
    tasks.enter(world, slot, tasks.CPU_WAIT)
    worker = job_at(world, job_of(world, slot)).worker
    join(world, taker_at(world, worker).ready, slot)
