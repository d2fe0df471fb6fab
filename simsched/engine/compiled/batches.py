"""Batches: the requests that a worker takes together and answers together, as in the reference.

The worker's taker has one of them at a time. The others are ``left``, or ``done`` and waiting for
the end of the batch.
"""

from __future__ import annotations

from simsched.engine.compiled import linked, tasks
from simsched.engine.compiled.actions import HANDED, OVERDUE
from simsched.engine.compiled.calendar import COMPLETION, after
from simsched.engine.compiled.handovers import hand_over
from simsched.engine.compiled.layout import NONE, TASK
from simsched.engine.compiled.pools import batch_at, queue_at, taker_at, task_at
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule


@rule
def expect_others(general: General | None, world: World, queue: int, slot: int) -> None:
    """Let a task that joins an accept queue wait for others of its batch for so long."""
    if general is not None:
        if world.server.batch_wait > 0 and _is_accept_queue(world, queue):
            after(world, world.server.batch_wait, COMPLETION, OVERDUE, tasks.ticket(world, slot))


@rule
def _is_accept_queue(world: World, queue: int) -> bool:
    """Return whether requests join a queue that have no worker, or no connection, yet."""
    return queue < (1 if world.server.shared else world.server.workers)


@rule
def is_formed(general: General | None, world: World, queue: int, more: int) -> bool:
    """Return whether those in an accept queue, and so many *more*, need not wait for others."""
    if general is None:
        return True
    if world.server.batch_wait == 0 or not _is_accept_queue(world, queue):
        return True
    return _is_formed(general, world, queue, more)


@apart
def _is_formed(general: General, world: World, at: int, more: int) -> bool:
    queue = queue_at(world, at)
    if queue.length + more >= world.server.batch_size:
        return True
    first = queue.tasks.first
    return first != NONE and task_at(world, first).ticket < batch_at(general, at).overdue


@rule
def added_first(general: General | None, world: World, taker: int) -> int:
    """Return the CPU time that is added to a task if it is the first of a batch."""
    if general is not None:
        if world.server.batch_size > 0:
            return _added_first(general, world, taker)
    return 0


@apart
def _added_first(general: General, world: World, taker: int) -> int:
    batch = batch_at(general, taker_at(world, taker).worker)
    return world.server.batch_base if batch.done.first == NONE else 0


@apart
def add(general: General, world: World, worker: int, slot: int) -> None:
    """Let the task be the last of those left in the batch of *worker*."""
    tasks.enter(world, slot, tasks.CPU_WAIT)
    batch = batch_at(general, worker)
    linked.append(batch.left, world.run.tasks, TASK, slot)
    batch.left_count += 1


@rule
def go_on(general: General | None, world: World, at: int) -> bool:
    """Hand the taker the next task of its batch; return whether there is one."""
    if general is None:
        return False
    if world.server.batch_size <= 0:
        return False
    return _go_on(general, world, at)


@apart
def _go_on(general: General, world: World, at: int) -> bool:
    batch = batch_at(general, taker_at(world, at).worker)
    slot = batch.left.first
    if slot == NONE:
        return False
    linked.remove(batch.left, world.run.tasks, TASK, slot)
    batch.left_count -= 1
    taker_at(world, at).task = slot
    task_at(world, slot).taker = at
    hand_over(world.run, HANDED, at)
    return True


@apart
def note_done(general: General, world: World, slot: int) -> bool:
    """Note that a task of a batch is done; return whether all of the batch are."""
    tasks.enter(world, slot, tasks.CPU_WAIT)
    batch = batch_at(general, taker_at(world, task_at(world, slot).taker).worker)
    linked.append(batch.done, world.run.tasks, TASK, slot)
    return batch.left.first == NONE


@apart
def take_done(general: General, world: World, worker: int) -> int:
    """Return the first of the batch of *worker*, which is to end now; none if all have."""
    batch = batch_at(general, worker)
    slot = batch.done.first
    if slot != NONE:
        linked.remove(batch.done, world.run.tasks, TASK, slot)
    return slot


@rule
def forget(general: General | None, world: World, worker: int) -> None:
    """Forget the batch of *worker*, whose tasks have failed."""
    if general is not None:
        if world.server.batch_size > 0:
            batch = batch_at(general, worker)
            batch.left.first = NONE
            batch.left.last = NONE
            batch.done.first = NONE
            batch.done.last = NONE
            batch.left_count = 0
            taker_at(world, worker).task = NONE
