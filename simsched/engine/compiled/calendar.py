"""The calendar of events: when things happen, and in which order where they happen at one instant.

The first event stands apart, the others are in a binary heap: what a burst of computing appoints is
mostly the next thing to happen, and is never in the heap.
"""

from __future__ import annotations

from simsched.engine.compiled.layout import Record
from simsched.engine.compiled.pools import event_at
from simsched.engine.compiled.world import World
from simsched.engine.jit import rule
from simsched.engine.order import Order
from simsched.engine.trace import LATEST_END

CAPACITY = int(Order.CAPACITY)
COMPLETION = int(Order.COMPLETION)
TIMER = int(Order.TIMER)
ARRIVAL = int(Order.ARRIVAL)

_ORDER_AT = 60
_ACTION_BITS = 6
_ACTIONS = (1 << _ACTION_BITS) - 1


@rule
def after(world: World, delay: int, order: int, action: int, subject: int) -> None:
    """Let *action* happen to *subject* *delay* ns from now, or at the last moment there is."""
    run = world.run
    schedule(run, moment(run, delay), next_rank(run, order, action), subject)


@rule
def moment(run: Record, delay: int) -> int:
    """Return the moment *delay* ns from now, or the last one that there is."""
    return run.now + min(delay, LATEST_END - run.now)


@rule
def schedule(run: Record, time: int, rank: int, subject: int) -> None:
    """Put an event into the calendar."""
    if not run.has_first:
        _replace_first(run, time, rank, subject)
    elif is_before(time, rank, run.first_time, run.first_rank):
        _push(run, run.first_time, run.first_rank, run.first_subject)
        _set_first(run, time, rank, subject)
    else:
        _push(run, time, rank, subject)


@rule
def next_rank(run: Record, order: int, action: int) -> int:
    """Return the rank of the event that is scheduled now."""
    run.sequence += 1
    return order << _ORDER_AT | run.sequence << _ACTION_BITS | action


@rule
def action_of(rank: int) -> int:
    """Return what an event of this rank does."""
    return rank & _ACTIONS


@rule
def find_first(run: Record) -> bool:
    """Find the first event after another was taken; return whether there is one."""
    if not run.has_first and run.events > 0:
        run.events -= 1
        last = event_at(run, run.events)
        _move_up_first(run)
        _sift_down(run, run.events, last.time, last.rank, last.subject)
    return bool(run.has_first)


@rule
def take_first(run: Record) -> None:
    """Take the first event out of the calendar."""
    run.has_first = False


@rule
def is_before(time: int, rank: int, other_time: int, other_rank: int) -> bool:
    """Return whether one event comes before another."""
    return time < other_time or (time == other_time and rank < other_rank)


@rule
def _replace_first(run: Record, time: int, rank: int, subject: int) -> None:
    """Put an event into the calendar, out of which the first one was taken."""
    top = event_at(run, 0)
    if run.events > 0 and is_before(top.time, top.rank, time, rank):
        _move_up_first(run)
        _sift_down(run, run.events, time, rank, subject)
    else:
        _set_first(run, time, rank, subject)


@rule
def _move_up_first(run: Record) -> None:
    """Let the first event of the heap be the first of all; its place is open."""
    top = event_at(run, 0)
    _set_first(run, top.time, top.rank, top.subject)


@rule
def _set_first(run: Record, time: int, rank: int, subject: int) -> None:
    run.first_time = time
    run.first_rank = rank
    run.first_subject = subject
    run.has_first = True


@rule
def _push(run: Record, time: int, rank: int, subject: int) -> None:
    run.events += 1
    _sift_up(run, run.events - 1, time, rank, subject)


@rule
def _sift_up(run: Record, at: int, time: int, rank: int, subject: int) -> None:
    while at > 0:
        above = (at - 1) >> 1
        event = event_at(run, above)
        if not is_before(time, rank, event.time, event.rank):
            break
        _put(run, at, event.time, event.rank, event.subject)
        at = above
    _put(run, at, time, rank, subject)


@rule
def _sift_down(run: Record, size: int, time: int, rank: int, subject: int) -> None:
    at = 0
    while 2 * at + 1 < size:
        below = _first_below(run, at, size)
        event = event_at(run, below)
        if not is_before(event.time, event.rank, time, rank):
            break
        _put(run, at, event.time, event.rank, event.subject)
        at = below
    _put(run, at, time, rank, subject)


@rule
def _first_below(run: Record, at: int, size: int) -> int:
    """Return which of the two events below the one *at* comes first."""
    left = 2 * at + 1
    if left + 1 == size:
        return left
    one, other = event_at(run, left), event_at(run, left + 1)
    return left + is_before(other.time, other.rank, one.time, one.rank)


@rule
def _put(run: Record, at: int, time: int, rank: int, subject: int) -> None:
    event = event_at(run, at)
    event.time = time
    event.rank = rank
    event.subject = subject
