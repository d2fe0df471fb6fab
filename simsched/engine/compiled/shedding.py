"""Whom a server keeps out when there are too many, as in the reference."""

from __future__ import annotations

from simsched.engine import shedding
from simsched.engine.compiled.layout import NONE
from simsched.engine.compiled.pools import (
    codel_at,
    full_again_at,
    job_at,
    job_of,
    queue_at,
    set_full_again,
    task_at,
)
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule

_token_wait = rule(shedding.token_wait)
_full_again = rule(shedding.full_again)
_codel_refuses = rule(shedding.codel_refuses)


@rule
def wait_for_token(general: General | None, world: World) -> int:
    """Take a token of the server's; return how long until there is one, NONE if it refuses.

    Where there is no limit that all workers share, no one waits.
    """
    if general is not None:
        if world.server.token_interval > 0 and not world.server.tokens_each:
            return _take_token(general, world, 0)
    return 0


@rule
def wait_for_token_of(general: General | None, world: World, queue: int) -> int:
    """Take a token of the worker whose *queue* it is, in the same way, if those are limited."""
    if general is not None:
        if world.server.tokens_each and queue != world.server.lobby:
            return _take_token(general, world, queue)
    return 0


@apart
def _take_token(general: General, world: World, bucket: int) -> int:
    now, interval = world.run.now, world.server.token_interval
    due = full_again_at(general, bucket)
    wait = _token_wait(due, now, interval, world.server.token_burst)
    if wait > 0 and not world.server.waits_for_token:
        return NONE
    set_full_again(general, bucket, _full_again(due, now, interval))
    return wait


@rule
def codel_refuses(general: General, world: World, slot: int) -> bool:
    """Return whether CoDel refuses a task whose turn comes in an accept queue."""
    return world.server.codel and _refuses(general, world, slot)


@apart
def _refuses(general: General, world: World, slot: int) -> bool:
    queue = task_at(world, slot).queue
    now = world.run.now
    waited = now - job_at(world, job_of(world, slot)).sent
    return _codel_refuses(codel_at(general, queue), now, waited, queue_at(world, queue).length)
