"""The calendar of events: when things happen, and in which order where they happen at one instant.

It is a binary heap. The first event's place stays open for a moment after it was taken: if the next
thing that happens is that another is scheduled, that one goes down from there.
"""

from __future__ import annotations

from simsched.engine.compiled.jit import rule
from simsched.engine.compiled.layout import Record
from simsched.engine.compiled.pools import event_at
from simsched.engine.compiled.world import World
from simsched.engine.order import Order

COMPLETION = int(Order.COMPLETION)
TIMER = int(Order.TIMER)
ARRIVAL = int(Order.ARRIVAL)

_ORDER_AT = 60
_ACTION_BITS = 4
_ACTIONS = (1 << _ACTION_BITS) - 1


@rule
def after(world: World, delay: int, order: int, action: int, subject: int) -> None:
    """Let *action* happen to *subject* *delay* ns from now."""
    run = world.run
    rank = next_rank(run, order, action)
    if run.open_top:
        run.open_top = False
        _sift_down(run, run.events, run.now + delay, rank, subject)
    else:
        run.events += 1
        _sift_up(run, run.events - 1, run.now + delay, rank, subject)


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
def take_first(run: Record) -> None:
    """Take the first event out; its place is closed later."""
    run.open_top = True


@rule
def close_top(run: Record) -> None:
    """Fill the place of an event that was taken out."""
    if run.open_top:
        run.open_top = False
        run.events -= 1
        last = event_at(run, run.events)
        _sift_down(run, run.events, last.time, last.rank, last.subject)


@rule
def is_before(time: int, rank: int, other_time: int, other_rank: int) -> bool:
    """Return whether one event comes before another."""
    return time < other_time or (time == other_time and rank < other_rank)


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
