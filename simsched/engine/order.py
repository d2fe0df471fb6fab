"""The order in which both engines handle the events at one instant."""

from __future__ import annotations

from enum import IntEnum


class Order(IntEnum):
    """The kinds of events, in the order in which those at one instant are handled.

    A worker that goes down is closed by a CAPACITY event, before anything else, so that it starts
    nothing more; the requests that it still has after the COMPLETION events fail in the first TIMER
    event. So a phase that ends at that very instant counts as ended.

    Everything that an event causes at its own instant happens before the next event: such
    hand-overs have SimPy's own priorities, which are 0 and 1.
    """

    CAPACITY = 2
    COMPLETION = 3
    TIMER = 4
    ARRIVAL = 5
    END = 6
