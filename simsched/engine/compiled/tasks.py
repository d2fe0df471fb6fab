"""Tasks: threads of control through requests' programs, and where their time goes."""

from __future__ import annotations

from simsched.engine.compiled.codes import ON_LOOP, OWN_CORE, SLOT_BITS, SLOTS
from simsched.engine.compiled.columns import duration_at
from simsched.engine.compiled.layout import NONE
from simsched.engine.compiled.pools import (
    job_at,
    job_of,
    set_spent,
    spent_at,
    step_at,
    stretch_at,
    task_at,
)
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import rule
from simsched.engine.trace import MISSING, Activity, Status
from simsched.workload.steps import StepKind

NOTHING = -1
"""The activity of a task that waits for its branches, or is at its end."""

QUEUE = int(Activity.QUEUE)
CPU = int(Activity.CPU)
CPU_WAIT = int(Activity.CPU_WAIT)
IO = int(Activity.IO)
IO_WAIT = int(Activity.IO_WAIT)

UNFINISHED = int(Status.UNFINISHED)

_MISSING = int(MISSING)

_RELEASE_ROW = int(StepKind.RELEASE)


@rule
def new_task(world: World) -> int:
    """Return a slot for a task, with nothing in it but its epoch."""
    run = world.run
    slot = run.free
    if slot == NONE:
        slot = run.fresh
        run.fresh += 1
        _begin_anew(world, slot)
    else:
        run.free = task_at(world, slot).next
        _clear(world.general, world, slot)
    run.alive += 1
    return slot


@rule
def _clear(general: General | None, world: World, slot: int) -> None:
    """Forget what the slot's last task left in it, which in a plain run is nothing."""
    if general is not None:
        _begin_anew(world, slot)


@rule
def _begin_anew(world: World, slot: int) -> None:
    task, job = task_at(world, slot), job_at(world, slot)
    task.parent = NONE
    task.branches = 0
    task.queue = NONE
    task.waits_for = NONE
    task.early = False
    task.sent_to = NONE
    task.visit = NONE
    task.calls = NONE
    task.younger = NONE
    task.blocking = False
    task.level = OWN_CORE
    task.lock_free = 0
    task.fails = False
    task.where = ON_LOOP
    job.late_cpu = 0
    job.late_until = _MISSING
    job.unwanted = False


@rule
def open_task(world: World, slot: int, job: int, begin: int, end: int, activity: int) -> None:
    """Let a task be in *slot*, for the rows of *job* from *begin* to *end*."""
    task = task_at(world, slot)
    task.job = job
    task.position = begin
    task.end = end
    task.since = world.run.now
    task.activity = activity
    task.taker = NONE
    task.alive = True
    world.run.last_change = world.run.now


@rule
def drop_task(world: World, slot: int) -> None:
    """Let the slot be used again."""
    task = task_at(world, slot)
    task.alive = False
    task.next = world.run.free
    world.run.free = slot
    world.run.alive -= 1


@rule
def ticket(world: World, slot: int) -> int:
    """Return what to schedule for the task in *slot*; it counts until its epoch is over."""
    return task_at(world, slot).epoch << SLOT_BITS | slot


@rule
def slot_of(subject: int) -> int:
    """Return the slot that a ticket is of."""
    return subject & SLOTS


@rule
def counts(world: World, subject: int) -> bool:
    """Return whether a ticket still counts."""
    return task_at(world, subject & SLOTS).epoch == subject >> SLOT_BITS


@rule
def new_epoch(world: World, slot: int) -> None:
    """Let nothing count that was scheduled for the task."""
    task = task_at(world, slot)
    task.epoch = (task.epoch + 1) & (SLOTS >> 1)


@rule
def is_wanted(world: World, slot: int) -> bool:
    """Return whether there is more to be done than giving slots back, for one who wants it."""
    task = task_at(world, slot)
    return task.position < task.end and _is_wanted(world.general, world, slot)


@rule
def _is_wanted(general: General | None, world: World, slot: int) -> bool:
    if general is None:
        return True
    task = task_at(world, slot)
    if job_at(world, job_of(world, slot)).unwanted:
        return False
    for row in range(task.position, task.end):
        if step_at(world, row).kind != _RELEASE_ROW:
            return True
    return False


@rule
def start_io(world: World, slot: int) -> int:
    """Take up the next row, an I/O phase, and return its length."""
    settle(world, slot)
    task = task_at(world, slot)
    task.activity = IO
    task.row = task.position
    task.position += 1
    return duration_at(world, task.row)


@rule
def enter(world: World, slot: int, activity: int) -> None:
    """Let the task be in *activity* from now on."""
    if activity != task_at(world, slot).activity:
        settle(world, slot)
        task_at(world, slot).activity = activity


@rule
def settle(world: World, slot: int) -> None:
    """Account for the present activity up to now."""
    task = task_at(world, slot)
    length = world.run.now - task.since
    if length > 0 and task.activity != NOTHING:
        _account(world, slot, length)
    task.since = world.run.now
    world.run.last_change = world.run.now


@rule
def _account(world: World, slot: int, length: int) -> None:
    task = task_at(world, slot)
    at = job_of(world, slot)
    job = job_at(world, at)
    if job.status == UNFINISHED:
        set_spent(world, at, task.activity, spent_at(world, at, task.activity) + length)
    elif task.activity == CPU:
        job.late_cpu += length
        job.late_until = world.run.now
    if job.kept:
        _record(world, slot)
        if task.activity == CPU:
            overhead = min(length, task.overhead)
            task.overhead -= overhead
            task.executed += length - overhead


@rule
def _record(world: World, slot: int) -> None:
    task = task_at(world, slot)
    job = job_at(world, job_of(world, slot))
    stretch = stretch_at(world, world.run.stretches_count)
    world.run.stretches_count += 1
    stretch.request = job.number
    stretch.attempt = job.attempt
    stretch.activity = task.activity
    stretch.start = task.since
    stretch.finish = world.run.now
    stretch.worker = job.worker
    stretch.row = task.row
    stretch.executed = task.executed
    stretch.overhead = task.overhead
    stretch.speed = task.speed


@rule
def add_to_job(world: World, slot: int) -> None:
    """Let the task be the youngest of its job."""
    task = task_at(world, slot)
    job = job_at(world, job_of(world, slot))
    task.elder = job.last
    task_at(world, job.last).younger = slot
    job.last = slot


@rule
def leave_job(world: World, slot: int) -> None:
    """Let the task, which is not its job's first, belong to it no longer."""
    task = task_at(world, slot)
    task_at(world, task.elder).younger = task.younger
    if task.younger == NONE:
        job_at(world, job_of(world, slot)).last = task.elder
    else:
        task_at(world, task.younger).elder = task.elder
