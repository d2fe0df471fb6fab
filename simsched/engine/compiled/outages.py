"""Outages: a worker goes down, what it has at hand fails, and it returns. Or it is slower."""

from __future__ import annotations

from simsched.engine.compiled import batches, jobs, loads, model, queues, restarts, takers
from simsched.engine.compiled.actions import (
    BEGIN_ANEW,
    BOOTED,
    CLOSE,
    DRAIN,
    FAIL,
    SLOW_DOWN,
    SPEED_UP,
)
from simsched.engine.compiled.handovers import hand_over
from simsched.engine.compiled.layout import NONE
from simsched.engine.compiled.pools import (
    job_at,
    outage_at,
    queue_at,
    taker_at,
    task_at,
    worker_at,
)
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart


@apart
def happen(general: General, world: World, action: int, subject: int) -> None:
    """Let a worker go down, come up, or do what else may happen to it."""
    if action == CLOSE:
        close(general, world, subject)
    elif action == DRAIN:
        retire(general, world, subject)
    elif action == BOOTED:
        booted(general, world, subject)
    elif action == FAIL:
        fail(world, subject)
    elif action in (SLOW_DOWN, SPEED_UP):
        _change_speed(general, world, subject, action == SLOW_DOWN)
    else:
        let_up(general, world, subject)


@apart
def _change_speed(general: General, world: World, position: int, slower: bool) -> None:
    """Let the worker of an outage compute more slowly, or as fast as usual."""
    outage = outage_at(general, position)
    worker = worker_at(world, outage.worker)
    worker.speed = worker.full_speed / outage.slower if slower else worker.full_speed


@apart
def fail(world: World, worker: int) -> None:
    """Let all that *worker* still has at hand fail, and whatever waits for it in particular."""
    _fail_what_is_served(world, worker)
    batches.forget(world.general, world, worker)
    own_queue = restarts.own_queue_of(world, worker)
    if own_queue != NONE:
        _fail_what_waits(world, own_queue)


@apart
def close(general: General, world: World, worker: int) -> None:
    """Let *worker* begin nothing more: it goes down at this instant, when phases have ended."""
    worker_at(world, worker).held += 1
    restarts.go_down(general, world, worker)


@apart
def retire(general: General, world: World, worker: int) -> None:
    """Let *worker* end what it has, and go down."""
    worker_at(world, worker).held += 1
    restarts.drain(general, world, worker)


@apart
def let_up(general: General, world: World, worker: int) -> None:
    """Let *worker* come up, unless something else keeps it from that."""
    worker_at(world, worker).held -= 1
    if worker_at(world, worker).held == 0:
        come_up(general, world, worker)


@apart
def booted(general: General, world: World, subject: int) -> None:
    """Let a worker be up again whose process has booted."""
    worker = restarts.booted(world, subject)
    if worker != NONE:
        come_up(general, world, worker)


@apart
def come_up(general: General, world: World, worker: int) -> None:
    """Let *worker* take requests again, whether or not it was down."""
    restarts.new_process(worker_at(world, worker))
    worker_at(world, worker).up = True
    restarts.note_who_is_open(general, world)
    loads.take_part(world, worker)
    hand_over(world.run, BEGIN_ANEW, worker)
    _leave_lobby(world, worker)


@apart
def _leave_lobby(world: World, worker: int) -> None:
    """Let *worker* accept those whom no worker would."""
    slot = queue_at(world, world.server.lobby).tasks.first
    while slot != NONE:
        following = task_at(world, slot).next
        queues.forget(world, slot)
        loads.change(world, worker, 1)
        takers.join(world, worker, slot)
        slot = following


@apart
def begin_anew(world: World, worker: int) -> None:
    """Let those takers of *worker* look for tasks who have none, and wait for none."""
    for at in range(worker, world.run.takers_count, world.server.workers):
        taker = taker_at(world, at)
        if taker.task == NONE and not taker.idle:
            takers.next_task(world, at)


@apart
def _fail_what_is_served(world: World, worker: int) -> None:
    at = worker_at(world, worker).jobs.first
    while at != NONE:
        following = job_at(world, at).next
        _stop_all(world, at)
        model.leave(world, at, jobs.CANCELLED)
        at = following


@apart
def _fail_what_waits(world: World, queue: int) -> None:
    at = queue_at(world, queue).tasks.first
    while at != NONE:
        following = task_at(world, at).next
        model.stop(world.general, world, at)
        if job_at(world, at).status == jobs.UNFINISHED:
            jobs.end(world, at, jobs.CANCELLED)
        jobs.close_job(world, at)
        at = following


@apart
def _stop_all(world: World, at: int) -> None:
    """Stop the tasks of a job; only its first is not forgotten."""
    slot = job_at(world, at).first
    while slot != NONE:
        following = task_at(world, slot).younger
        model.stop(world.general, world, slot)
        if slot != at:
            model.drop_branch(world, slot)
        slot = following
