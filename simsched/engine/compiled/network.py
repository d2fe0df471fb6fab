"""The arenas of a server, and of the services that its requests call."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simsched.engine.compiled import layout
from simsched.engine.compiled.arena import Arena, Part
from simsched.engine.compiled.layout import NEVER, NOBODY


class Network:
    """Lets the worlds of several *arenas* know each other; the first is the server's."""

    def __init__(self, arenas: Sequence[Arena]) -> None:
        self.arenas = arenas
        table = np.zeros(len(arenas), layout.PLACE)
        table["time"] = NEVER
        messages = np.zeros(64, layout.MESSAGE)
        self.part = Part.of(layout.NETWORK, {"places": table, "messages": messages}, free=NOBODY)
        for position, arena in enumerate(arenas):
            arena.join(self.part, position)

    def make_room(self) -> None:
        """Make those arrays larger that the run is about to fill."""
        for arena in self.arenas:
            arena.make_room()
        tasks = max(len(arena.run.arrays["tasks"]) for arena in self.arenas)
        self.part.grow("messages", self.part["under_way"] + tasks + 4)
