"""Rate limits: buckets of tokens, of a server, of each worker, or of a resource."""

from __future__ import annotations

from simsched.engine import rate_limits
from simsched.engine.compiled.layout import NONE
from simsched.engine.compiled.pools import full_again_at, pool_at, set_full_again
from simsched.engine.compiled.world import General, World
from simsched.engine.jit import apart, rule

_wait = rule(rate_limits.wait)
_full_again = rule(rate_limits.full_again)


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
    wait = _wait(due, now, interval, world.server.token_burst)
    if wait > 0 and not world.server.waits_for_token:
        return NONE
    set_full_again(general, bucket, _full_again(due, now, interval))
    return wait


@rule
def wait_for_token_of_pool(general: General, world: World, at: int) -> int:
    """Take a token of a resource; return how long until there is one, NONE if it is refused."""
    pool = pool_at(general, at)
    if pool.token_interval < 0:
        return 0
    now = world.run.now
    wait = _wait(pool.full_again, now, pool.token_interval, pool.token_burst)
    if wait > 0 and pool.refuses:
        return NONE
    pool.full_again = _full_again(pool.full_again, now, pool.token_interval)
    return wait
