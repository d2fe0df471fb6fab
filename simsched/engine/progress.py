"""How long I/O takes while its resource is slower than usual, or stopped."""

from __future__ import annotations

from collections.abc import Iterable

from simsched.engine.conditions import Slowdown


def delay(now: int, length: int, slowdowns: Iterable[Slowdown]) -> int:
    """Return the ns that I/O of *length* ns takes when it begins at *now*.

    *slowdowns* are those of its resource, in order of time, none overlapping. What goes on while
    one begins or ends is slower only for the part of it that falls inside.
    """
    moment = now
    for each in slowdowns:
        if length <= each.start - moment:
            break
        if each.finish <= moment:
            continue
        length -= max(0, each.start - moment)
        moment = max(moment, each.start)
        within = round((each.finish - moment) / each.factor)
        if length <= within:
            slowed = round(length * each.factor) if length else 0
            return moment + slowed - now
        length -= within
        moment = each.finish
    return moment + length - now
