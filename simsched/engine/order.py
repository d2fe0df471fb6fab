"""In which order events at one instant are handled, by both engines."""

from __future__ import annotations

from enum import IntEnum


class Order(IntEnum):
    """The order of events at one instant, the first to be handled first.

    What one event sets off at its instant is settled before the next event is looked at: such
    hand-overs have SimPy's own priorities, which are 0 and 1.
    """

    COMPLETION = 2
    TIMER = 3
    ARRIVAL = 4
    END = 5
