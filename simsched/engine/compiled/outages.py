"""Outages: a worker goes down, what it has at hand fails, and it returns."""

from __future__ import annotations

from simsched.engine.compiled import jobs, loads, model, queues
from simsched.engine.compiled.actions import BEGIN_ANEW
from simsched.engine.compiled.handovers import hand_over
from simsched.engine.compiled.layout import NOBODY
from simsched.engine.compiled.pools import job_at, queue_at, task_at, worker_at, write_up
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart


@apart
def close(general: General, world: World, worker: int) -> None:
    """Let *worker* begin nothing more: it goes down at this instant, when phases have ended."""
    worker_at(world, worker).up = False
    _note_who_is_up(general, world)
    loads.take_part(world, worker)
    for taker in range(worker, world.run.takers_count, world.server.workers):
        queues.leave(world, taker)


@apart
def fail(world: World, worker: int) -> None:
    """Let all that *worker* still has at hand fail, and whatever waits for it in particular."""
    _fail_what_is_served(world, worker)
    if not world.server.shared:
        _fail_what_waits(world, worker)


@apart
def come_up(general: General, world: World, worker: int) -> None:
    """Let *worker* be up again."""
    worker_at(world, worker).up = True
    _note_who_is_up(general, world)
    loads.take_part(world, worker)
    hand_over(world, BEGIN_ANEW, worker)


@apart
def begin_anew(world: World, worker: int) -> None:
    """Let the takers of *worker* take tasks again."""
    for taker in range(worker, world.run.takers_count, world.server.workers):
        queues.next_task(world, taker)


@apart
def _fail_what_is_served(world: World, worker: int) -> None:
    at = worker_at(world, worker).jobs.first
    while at != NOBODY:
        following = job_at(world, at).next
        _stop_all(world, at)
        model.leave(world, at, jobs.CANCELLED)
        at = following


@apart
def _fail_what_waits(world: World, worker: int) -> None:
    at = queue_at(world, worker).tasks.first
    while at != NOBODY:
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
    while slot != NOBODY:
        following = task_at(world, slot).younger
        model.stop(world.general, world, slot)
        if slot != at:
            model.drop_branch(world, slot)
        slot = following


@apart
def _note_who_is_up(general: General, world: World) -> None:
    """Write into ``up`` how many workers are up, and behind it which."""
    count = 0
    for worker in range(world.server.workers):
        if worker_at(world, worker).up:
            count += 1
            write_up(general, count, worker)
    write_up(general, 0, count)
