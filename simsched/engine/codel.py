"""CoDel: how it decides whom a queue refuses, for both engines; times are nanoseconds.

Source: RFC 8289.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_NOT_YET = -1
_FEW = 2  # of whom one is left when this one is taken, which is no queue
_RECENT = 16  # intervals; RFC 8289, section 5.3


@dataclass(slots=True)
class CoDelState:
    """What CoDel knows of a queue.

    Attributes:
        target: a wait that is short enough,
        interval: and for how long waits are to be longer before one is refused.
        above: from when on waits have been too long for an interval; -1 where they are not.
        due: when the next is refused, while some are.
        count: how many have been refused since that began,
        last_count: and how many had been when it began last.
        refusing: whether it goes on.
        again: whether the latest decision was to refuse.
    """

    target: int
    interval: int
    above: int = _NOT_YET
    due: int = 0
    count: int = 0
    last_count: int = 0
    refusing: bool = False
    again: bool = False


def refuses(state: CoDelState, now: int, waited: int, waiting: int) -> bool:
    """Return whether CoDel refuses the one of those *waiting* whose turn comes, who has *waited*.

    It refuses the first when waits have been longer than the *target* for an *interval*, and more
    and more quickly until one is not. (RFC 8289, section 5, where packets are dropped.)
    """
    too_long, interval = False, state.interval
    if waited < state.target or waiting <= _FEW:
        state.above = _NOT_YET
    elif state.above == _NOT_YET:
        state.above = now + interval
    else:
        too_long = now >= state.above
    if not too_long:
        state.refusing = False
        state.again = False
        return False
    if not state.refusing:
        since = state.count - state.last_count
        recent = now - state.due < _RECENT * interval
        state.count = since if since > 1 and recent else 1
        state.last_count = state.count
        state.due = now + round(interval / sqrt(state.count))
        state.refusing = True
        return True
    if state.again:
        state.due += round(interval / sqrt(state.count))
        state.again = False
    if now < state.due:
        return False
    state.count += 1
    state.again = True
    return True
