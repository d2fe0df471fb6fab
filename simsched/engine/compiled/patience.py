"""How long clients wait: for the answer, or until their request is taken up."""

from __future__ import annotations

from simsched.engine.compiled import (
    jobs,
    model,
    queues,
    restarts,
)
from simsched.engine.compiled.actions import GIVE_UP, LEAVE
from simsched.engine.compiled.calendar import TIMER, after, next_rank
from simsched.engine.compiled.codes import SLOT_BITS, SLOTS
from simsched.engine.compiled.columns import patience_at, timeout_at
from simsched.engine.compiled.layout import NEVER, NONE
from simsched.engine.compiled.pools import (
    job_at,
    task_at,
    timer_at,
)
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule


@rule
def begin(general: General | None, world: World, at: int) -> None:
    """Set the client's timer."""
    if general is not None:
        run = world.run
        if general.waits:
            _set_timers(general, world, at)
        elif world.server.timeout >= 0:
            timer = timer_at(general, run.timer + run.timers_count)
            timer.time = run.now + world.server.timeout
            timer.rank = next_rank(run, TIMER, 0)
            timer.job = at
            timer.row = job_at(world, at).row
            run.timers_count += 1
            watch(general, world)


@apart
def _set_timers(general: General, world: World, at: int) -> None:
    """Set timers for as long as the request is waited for, and until it is taken up."""
    job = job_at(world, at)
    subject = job.row << SLOT_BITS | at
    timeout, patience = timeout_at(general, job.index), patience_at(general, job.index)
    if timeout >= 0:
        after(world, timeout, TIMER, GIVE_UP, subject)
    if patience >= 0:
        after(world, patience, TIMER, LEAVE, subject)


@apart
def give_up(world: World, subject: int, leaves: bool) -> None:
    """Let a client without an answer lose patience, or *leaves* the queue if it is still in one."""
    at, row = subject & SLOTS, subject >> SLOT_BITS
    job = job_at(world, at)
    if job.row != row or job.status != jobs.UNFINISHED:
        return
    if not leaves:
        lose(world, at, False)
    elif job.worker == NONE:
        lose(world, at, True)


@rule
def watch(general: General, world: World) -> None:
    """Note which timer is the next to go off; they were set in that order."""
    run = world.run
    if run.timers_count == 0:
        run.next_timer = NEVER
    else:
        timer = timer_at(general, run.timer)
        run.next_timer = timer.time
        run.next_timer_rank = timer.rank


@apart
def go_off(general: General, world: World) -> None:
    """Let the first timer go off: a client without an answer loses patience."""
    run = world.run
    timer = timer_at(general, run.timer)
    at, row = timer.job, timer.row
    run.timer += 1
    run.timers_count -= 1
    watch(general, world)
    if job_at(world, at).row == row and job_at(world, at).status == jobs.UNFINISHED:
        lose(world, at, False)


@apart
def lose(world: World, at: int, leaves: bool) -> None:
    """Let the client of the job in the slot *at* wait no longer, who may only leave the queue."""
    waiting = job_at(world, at).worker == NONE
    jobs.settle(world, at)
    queue = task_at(world, at).queue
    outside = waiting and (queue == NONE or queue > world.server.lobby)
    stops = world.server.cancels or outside or leaves
    if stops:
        job_at(world, at).unwanted = True
        if waiting:
            model.stop(world.general, world, at)
            restarts.end_if_done(world, queues.worker_of(world, queue))
    jobs.end(world, at, jobs.TIMED_OUT)
    if stops and waiting:
        jobs.close_job(world, at)
