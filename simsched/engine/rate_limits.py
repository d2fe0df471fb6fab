"""Rate limits: how a bucket of tokens fills, for both engines; times are nanoseconds."""

from __future__ import annotations

from simsched.engine.trace import LATEST_END


def wait(due: int, now: int, interval: int, burst: int) -> int:
    """Return how long a request waits for a token, in a bucket that is full again when *due*.

    The bucket holds *burst* tokens, of which one comes each *interval*. (This virtual scheduling is
    the same as counting tokens: ITU-T Recommendation I.371, annex A.)
    """
    return max(0, due - (burst - 1) * interval - now)


def full_again(due: int, now: int, interval: int) -> int:
    """Return when the bucket is full again once one more token is taken from it *now*."""
    return min(max(due, now), LATEST_END - interval) + interval
