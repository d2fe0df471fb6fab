"""How servers handle requests: they are taken by workers, go from phase to phase, and leave.

A serial server's workers and a threaded one's threads keep a request from its first phase to its
last. A cooperative server's loops run the tasks that are ready while others wait.
"""

from __future__ import annotations

from simsched.engine.compiled import (
    batches,
    bursts,
    calls,
    cpu,
    jobs,
    loads,
    phases,
    queues,
    restarts,
    slots,
    takers,
    tasks,
)
from simsched.engine.compiled.actions import WAITED
from simsched.engine.compiled.codes import OWN_CORE
from simsched.engine.compiled.handovers import hand_over
from simsched.engine.compiled.layout import NONE
from simsched.engine.compiled.pools import job_at, job_of, queue_at, taker_at, task_at
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule


@rule
def take_up(world: World, taker: int) -> tuple[int, int]:
    """Let a worker, a loop or a thread go on with the task that it was handed.

    Return its slot and the overhead before it computes, as other rules here do that let one go on.
    """
    slot = taker_at(world, taker).task
    task = task_at(world, slot)
    again = task.position > job_at(world, job_of(world, slot)).begin
    overhead = world.server.switch if again else world.server.request
    return slot, overhead + batches.added_first(world.general, world, taker)


@rule
def begin_branch(world: World, slot: int) -> tuple[int, int]:
    """Let a branch begin in a thread of its own."""
    return slot, world.server.again


@rule
def go_on(world: World, slot: int) -> tuple[int, int]:
    """Let a task go on that has what it waited for, or waits for it no longer."""
    _forget_timers(world.general, world, slot)
    if world.server.cooperative and not task_at(world, slot).blocking:
        _resume(world, slot)
        return NONE, 0
    if not tasks.is_wanted(world, slot):
        return slot, NONE
    return slot, 0 if world.server.cooperative else world.server.again


@rule
def carry_on(world: World, slot: int, overhead: int) -> None:
    """Let a task that may compute go on, from phase to phase.

    It begins with this *overhead*; NONE if it has just computed.
    """
    if overhead == NONE and cpu.go_on_without_lock(world.general, world, slot):
        return
    taker = _go_through(world, slot, overhead)
    if taker != NONE:
        takers.next_task(world, taker)


@rule
def _go_through(world: World, slot: int, overhead: int) -> int:
    """Go through the phases up to one that takes time; return who need not wait for its end."""
    computes = overhead != NONE
    while computes or tasks.is_wanted(world, slot):
        if not computes:
            overhead = 0
            if bursts.is_computing(world.general, world, slot):
                overhead = world.server.again
            elif phases.begin(world.general, world, slot):
                return _left_by(world, slot)
            computes = tasks.is_wanted(world, slot)
        if computes and phases.compute(world, slot, overhead):
            return NONE
        computes = False
    taker = task_at(world, slot).taker
    _end(world.general, world, slot)
    return taker


@rule
def _left_by(world: World, slot: int) -> int:
    """Return the loop that is free while a task waits."""
    if world.server.cooperative and not task_at(world, slot).blocking:
        return task_at(world, slot).taker
    return NONE


@rule
def _forget_timers(general: General | None, world: World, slot: int) -> None:
    """Let timers that were set for the wait count no longer."""
    if general is not None:
        tasks.new_epoch(world, slot)


@rule
def _resume(world: World, slot: int) -> None:
    """Let a task wait for its loop, unless it is at its end."""
    if tasks.is_wanted(world, slot):
        takers.make_ready(world, slot)
    else:
        finish(world, slot)


@rule
def _end(general: General | None, world: World, slot: int) -> None:
    """End a task that is done; one of a batch when all of that are."""
    if general is not None:
        if world.server.batch_size > 0:
            _end_batch(general, world, slot)
            return
    finish(world, slot)


@apart
def _end_batch(general: General, world: World, slot: int) -> None:
    worker = job_at(world, job_of(world, slot)).worker
    if batches.note_done(general, world, slot):
        each = batches.take_done(general, world, worker)
        while each != NONE:
            finish(world, each)
            each = batches.take_done(general, world, worker)


@rule
def finish(world: World, slot: int) -> None:
    """Let a task end: a branch for its parent, a request's own for its client."""
    stop(world.general, world, slot)
    parent = task_at(world, slot).parent
    if parent == NONE:
        leave(world, slot, jobs.COMPLETED)
    else:
        drop_branch(world, slot)
        _end_branch(world, parent)


@rule
def _end_branch(world: World, parent: int) -> None:
    """Note that one more branch is at its end."""
    task = task_at(world, parent)
    task.branches -= 1
    if task.branches == 0:
        hand_over(world.run, WAITED, tasks.ticket(world, parent))


@rule
def stop(general: General | None, world: World, slot: int) -> None:
    """Let the task wait for nothing, have nothing and do nothing more."""
    if general is not None:
        task = task_at(world, slot)
        if task.queue != NONE:
            _leave_queue(world, slot)
        if task.level != OWN_CORE:
            cpu.withdraw(general, world, slot)
        if task.waits_for != NONE:
            slots.leave_line(general, world, slot)
        slots.give_back_all(general, world, slot)
        calls.drop(world.network, world, slot)
    tasks.enter(world, slot, tasks.NOTHING)
    tasks.new_epoch(world, slot)


@rule
def _leave_queue(world: World, slot: int) -> None:
    queue = task_at(world, slot).queue
    if queue_at(world, queue).gated:
        loads.change(world, queue, -1)
    queues.forget(world, slot)


@rule
def drop_branch(world: World, slot: int) -> None:
    """Forget a branch that is at its end."""
    tasks.leave_job(world, slot)
    tasks.drop_task(world, slot)


@rule
def leave(world: World, at: int, status: int) -> None:
    """Let the server be done with the job, whose tasks are stopped."""
    takers.end_serving(world, at)
    if job_at(world, at).status == jobs.UNFINISHED:
        jobs.end(world, at, status)
    restarts.end_if_done(world, job_at(world, at).worker)
    if world.server.max_in_flight >= 0:
        _serve_who_waits(world, job_at(world, at).worker)
    jobs.close_job(world, at)


@apart
def _serve_who_waits(world: World, worker: int) -> None:
    """Serve the accept queues in turn, now that *worker*, or any of all, may serve one more."""
    if world.server.limits_each and not world.server.shared:
        takers.serve(world, worker)
        return
    for queue in range(1 if world.server.shared else world.server.workers):
        takers.serve(world, queue)
    if world.server.kept != NONE:
        for queue in range(world.server.workers):
            takers.serve(world, world.server.kept + queue)
