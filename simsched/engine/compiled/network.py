"""The arenas of a server, and of the services that its requests call."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simsched.engine.compiled import layout
from simsched.engine.compiled.arena import Arena, Part
from simsched.engine.compiled.layout import NEVER, NONE
from simsched.workload.steps import Step


class Network:
    """Lets the worlds of several *arenas* know each other; the first is the server's.

    Requests have these *steps*.
    """

    def __init__(self, arenas: Sequence[Arena], steps: Sequence[Step]) -> None:
        self.arenas = arenas
        table = np.zeros(len(arenas), layout.PLACE)
        table["time"] = NEVER
        arrays = {
            "places": table,
            "messages": np.zeros(64, layout.MESSAGE),
            "budgets": _budgets(steps),
        }
        self.part = Part.of(layout.NETWORK, arrays, free=NONE)
        for position, arena in enumerate(arenas):
            arena.join(self.part, position)
        self.make_room()

    def make_room(self) -> None:
        """Make those arrays larger that the run is about to fill."""
        self.part.grow("messages", self.part["under_way"])
        for arena in self.arenas:
            arena.make_room(2 * self.part["messages_size"])
        self.part["crowded"] = False


def _budgets(steps: Sequence[Step]) -> layout.Records:
    table = np.zeros(len(steps), layout.BUDGET)
    for at, tries in ((at, step.tries) for at, step in enumerate(steps) if step.tries):
        if tries.burst is not None:
            table[at] = (tries.burst, tries.ratio, tries.burst)
    return table
