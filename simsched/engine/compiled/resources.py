"""Resources: what a task does with a slot of one, holding it through phases or for one of I/O."""

from __future__ import annotations

from simsched.engine import slowdowns
from simsched.engine.compiled import columns, jobs, queues, slots, tasks
from simsched.engine.compiled.actions import (
    EXPIRED,
    GRANTED,
    IO_ENDED,
    STARTED,
    WAITED,
)
from simsched.engine.compiled.calendar import COMPLETION, after
from simsched.engine.compiled.codes import IN_THREAD
from simsched.engine.compiled.handovers import hand_over
from simsched.engine.compiled.layout import NONE
from simsched.engine.compiled.pools import (
    job_at,
    job_of,
    pool_at,
    slowdown_at,
    step_at,
    task_at,
)
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule

_pass_through = rule(slowdowns.pass_through)


@apart
def acquire(general: General, world: World, slot: int) -> bool:
    """Let the task take up the slot that it asks for; return whether it has to wait for it."""
    at = _pool(world, slot, task_at(world, slot).position)
    waits = slots.ask_for(general, world, slot, at, WAITED)
    task_at(world, slot).position += 1
    return waits


@apart
def take_executor(general: General, world: World, slot: int) -> bool:
    """Let the task take a thread or process of its worker; return whether it has to wait."""
    thread = task_at(world, slot).where == IN_THREAD
    at = world.server.thread_pools if thread else world.server.process_pools
    at += job_at(world, job_of(world, slot)).worker
    return slots.ask_for(general, world, slot, at, STARTED)


@apart
def release(general: General, world: World, slot: int) -> None:
    """Let the task give back the slot that it no longer needs."""
    slots.give_back(general, world, slot, _pool(world, slot, task_at(world, slot).position))
    task_at(world, slot).position += 1


@apart
def use(general: General, world: World, slot: int) -> None:
    """Let the task do its next I/O phase on a slot."""
    row = task_at(world, slot).position
    at = _pool(world, slot, row)
    if not slots.ask_for(general, world, slot, at, GRANTED):
        begin_io(general, world, slot)
    timeout = step_at(world, row).timeout
    if timeout >= 0:
        after(world, timeout, COMPLETION, EXPIRED, tasks.ticket(world, slot))


@apart
def begin_io(general: General, world: World, slot: int) -> None:
    """Begin the I/O for which the task has its slot, unless its worker goes down just then."""
    if not queues.is_up(general, world, job_at(world, job_of(world, slot)).worker):
        return
    pool = pool_at(general, _pool(world, slot, task_at(world, slot).position))
    moment, length = world.run.now, tasks.start_io(world, slot)
    for at in range(pool.slowdowns, pool.slowdowns_end):
        slow = slowdown_at(general, at)
        moment, length = _pass_through(moment, length, slow.start, slow.finish, slow.factor)
    takes = moment + length - world.run.now
    task_at(world, slot).due = moment + length
    after(world, takes, COMPLETION, IO_ENDED, tasks.ticket(world, slot))


@apart
def end_io(general: General, world: World, slot: int) -> None:
    """End the I/O, and give its slot back."""
    row = task_at(world, slot).position - 1
    slots.give_back(general, world, slot, _pool(world, slot, row))
    _come_back(world, slot, fails_at(general, world, slot, row))


@rule
def fails_at(general: General, world: World, slot: int, row: int) -> bool:
    """Return whether the request fails at the end of a row, as chance decided."""
    if not step_at(world, row).may_fail:
        return False
    return columns.fails_at(general, job_at(world, job_of(world, slot)).attempt, row)


@apart
def give_up_io(general: General, world: World, slot: int) -> None:
    """Let the request fail, or go on, before its I/O has ended, or has started.

    I/O that ends at this very moment has ended; and what was granted its slot as its worker goes
    down does not begin.
    """
    task = task_at(world, slot)
    if task.waits_for != NONE:
        slots.leave_line(general, world, slot)
        task.position += 1
    elif task.activity != tasks.IO or task.due <= world.run.now:
        return
    else:
        slots.give_back(general, world, slot, _pool(world, slot, task_at(world, slot).position - 1))
    tasks.new_epoch(world, slot)
    _come_back(world, slot, not step_at(world, task_at(world, slot).position - 1).goes_on)


@apart
def _come_back(world: World, slot: int, fails: bool) -> None:
    """Let the task learn that its I/O is over, and whether the request *fails* with it."""
    if world.server.late > 0:
        task_at(world, slot).fails = fails
        after(world, world.server.late, COMPLETION, WAITED, tasks.ticket(world, slot))
        return
    if fails:
        jobs.fail(world, job_of(world, slot))
    hand_over(world.run, WAITED, tasks.ticket(world, slot))


@rule
def _pool(world: World, slot: int, row: int) -> int:
    """Return the pool of which a row needs a slot: its worker's, or the one of all."""
    step = step_at(world, row)
    if step.per_worker:
        return step.pool + job_at(world, job_of(world, slot)).worker
    return step.pool
