"""How long a worker's process lives, and what comes after it; as in the reference."""

from __future__ import annotations

from simsched.engine import conditions
from simsched.engine.compiled import calls, idle, loads
from simsched.engine.compiled.actions import BOOTED
from simsched.engine.compiled.calendar import CAPACITY, after
from simsched.engine.compiled.layout import NONE, Record
from simsched.engine.compiled.pools import job_at, queue_at, taker_at, worker_at, write_up
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule

_WORKER_BITS = 32
_WORKERS = (1 << _WORKER_BITS) - 1

_request_limit = rule(conditions.request_limit)


@rule
def is_open(general: General | None, world: World, worker: int) -> bool:
    """Return whether a worker is up and takes new requests."""
    if general is None:
        return True
    return worker_at(world, worker).up and not worker_at(world, worker).draining


@rule
def take(general: General | None, world: World, at: int) -> None:
    """Note that its worker takes the job *at*, which may be the last of its process."""
    if general is not None:
        if world.server.max_requests >= 0:
            _count(general, world, at)


@apart
def _count(general: General, world: World, at: int) -> None:
    job = job_at(world, at)
    one, server = worker_at(world, job.worker), world.server
    if one.taken == 0:
        draw = calls.draw_of(world, at)
        one.limit = _request_limit(server.max_requests, server.max_requests_jitter, draw)
    one.taken += 1
    if one.taken == one.limit and is_open(general, world, job.worker):
        drain(general, world, job.worker)
        one.restarts = True


@apart
def drain(general: General, world: World, worker: int) -> None:
    """Let *worker* take nothing new, and go down when it has ended what it has."""
    one = worker_at(world, worker)
    one.restarts = False
    if one.draining:
        return
    if not one.up:
        new_process(one)  # it is booting: that no longer counts
        return
    if world.server.shared:
        for taker in range(worker, world.run.takers_count, world.server.workers):
            if taker_at(world, taker).idle:
                idle.accept_no_more(world, taker)
    one.draining = True
    note_who_is_open(general, world)
    loads.take_part(world, worker)
    _end_if_done(general, world, worker)


@rule
def end_if_done(world: World, worker: int) -> None:
    """Let *worker* go down if it is to when it has ended what it has, and has."""
    if 0 <= worker < world.server.workers:  # else it is the lobby, or none
        _end_if_drained(world.general, world, worker)


@rule
def _end_if_drained(general: General | None, world: World, worker: int) -> None:
    if general is not None:
        if worker_at(world, worker).draining:
            _end_if_done(general, world, worker)


@apart
def _end_if_done(general: General, world: World, worker: int) -> None:
    one = worker_at(world, worker)
    own_queue = own_queue_of(world, worker)
    waits = own_queue != NONE and queue_at(world, own_queue).length > 0
    if waits or one.jobs.first != NONE:
        return
    restarts = one.restarts
    go_down(general, world, worker)
    one.restarts = restarts
    if restarts:
        booting = one.number << _WORKER_BITS | worker
        after(world, world.server.boot, CAPACITY, BOOTED, booting)


@rule
def own_queue_of(world: World, worker: int) -> int:
    """Return the queue of those who wait for *worker* in particular, if there is one."""
    if world.server.kept != NONE:
        return world.server.kept + worker
    return NONE if world.server.shared else worker


@apart
def go_down(general: General, world: World, worker: int) -> None:
    """Let *worker* be up no longer."""
    for taker in range(worker, world.run.takers_count, world.server.workers):
        idle.leave(world, taker)
    one = worker_at(world, worker)
    new_process(one)
    one.up = False
    note_who_is_open(general, world)
    loads.take_part(world, worker)


@rule
def new_process(one: Record) -> None:
    """Let another process of a worker begin."""
    one.taken = 0
    one.draining = False
    one.restarts = False
    one.number += 1


@rule
def booted(world: World, subject: int) -> int:
    """Return the worker whose process has booted; none if that no longer counts."""
    worker = subject & _WORKERS
    return worker if worker_at(world, worker).number == subject >> _WORKER_BITS else NONE


@rule
def restarts_one(general: General | None, world: World) -> bool:
    """Return whether any worker comes back by itself."""
    if general is not None:
        for worker in range(world.server.workers):
            if worker_at(world, worker).restarts:
                return True
    return False


@apart
def note_who_is_open(general: General, world: World) -> None:
    """Write into ``up`` how many workers take new requests, and behind it which."""
    count = 0
    for worker in range(world.server.workers):
        if is_open(general, world, worker):
            count += 1
            write_up(general, count, worker)
    write_up(general, 0, count)
