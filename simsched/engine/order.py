"""In which order events at one instant are handled, by both engines."""

from __future__ import annotations

from enum import IntEnum


class Order(IntEnum):
    """The order of events at one instant, the first to be handled first.

    A worker that goes down is closed by a CAPACITY event, before anything else happens, so that it
    begins nothing more; what it still has after the COMPLETION events fails as the first TIMER
    event. So what ends at that very instant has ended.

    What one event sets off at its instant is settled before the next event is looked at: such
    hand-overs have SimPy's own priorities, which are 0 and 1.
    """

    CAPACITY = 2
    COMPLETION = 3
    TIMER = 4
    ARRIVAL = 5
    END = 6
