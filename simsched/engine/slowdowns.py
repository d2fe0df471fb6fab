"""The duration of I/O while its resource is slower than usual, or stopped."""

from __future__ import annotations

from collections.abc import Iterable

from simsched.engine.conditions import Slowdown


def delay(now: int, length: int, slowdowns: Iterable[Slowdown]) -> int:
    """Return how long I/O of *length* ns takes that starts at *now*, in ns.

    *slowdowns* are those of its resource, in order of time, without overlaps. I/O in progress when
    one begins or ends is slower only for the part that falls inside.
    """
    moment = now
    for each in slowdowns:
        moment, length = pass_through(moment, length, each.start, each.finish, each.factor)
    return moment + length - now


def pass_through(
    moment: int, length: int, start: int, finish: int, factor: float
) -> tuple[int, int]:
    """Return when I/O leaves a slowdown, and how much of it is then left.

    At *moment*, *length* ns of it were left. From *start* to *finish* it takes *factor* times as
    long. I/O that ends before the slowdown is not affected.
    """
    if length <= start - moment or finish <= moment:
        return moment, length
    length -= max(0, start - moment)
    moment = max(moment, start)
    within = round((finish - moment) / factor)
    if length > within:
        return finish, length - within
    return moment + (round(length * factor) if length else 0), 0
