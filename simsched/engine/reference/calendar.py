"""The calendar of events: when things happen, and in which order where they happen at one instant.

At one instant, workers go down and return first; then come the ends of phases, timers, arrivals,
and last the end of the run; within each kind, in the order in which they were scheduled. SimPy's
own events (a worker is handed a request, a process goes on) have the priority ``NORMAL``, which
comes before all of these: whatever one event sets off at its instant is settled before the next
event is looked at.
"""

from __future__ import annotations

from operator import attrgetter

import simpy
from simpy.events import EventPriority

from simsched.engine.order import Order

__all__ = ["Calendar", "Order", "Outcome"]

_PRIORITY = {order: EventPriority(order) for order in Order}


class Calendar(simpy.Environment):
    """A SimPy environment whose time is a whole number of nanoseconds."""

    now: int = property(attrgetter("_now"))  # type: ignore[assignment]
    """The present moment, in nanoseconds."""

    def after(self, delay: int, order: Order) -> simpy.Event:
        """Return the event that happens *delay* nanoseconds from now, certainly.

        ``simpy.Timeout`` always has SimPy's priority ``NORMAL``, so that it cannot express an
        order.
        """
        return _Moment(self, delay, order)

    def run_until(self, end: int | None) -> None:
        """Let everything happen up to *end* and at it, or until nothing more would happen."""
        self.run(until=None if end is None else self.after(end, Order.END))


class Outcome(simpy.Event):
    """An event that may happen at once, within the one that is under way."""

    def happen(self) -> None:
        """Let it happen."""
        self._ok, self._value = True, None
        callbacks, self.callbacks = self.callbacks, None  # type: ignore[assignment]
        for callback in callbacks:
            callback(self)


class _Moment(simpy.Event):
    """An event that is certain to happen, with its place among the events of its instant."""

    def __init__(self, calendar: Calendar, delay: int, order: Order) -> None:
        self.env = calendar  # as simpy.Timeout does: a call of Event's costs as much as all this
        self.callbacks = []
        self._ok, self._value = True, None
        calendar.schedule(self, _PRIORITY[order], delay)
