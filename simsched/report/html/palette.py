"""Colours that colour-blind readers can tell apart, and patterns for when there is no colour.

The hues are those of Okabe and Ito, "Color Universal Design" (2008): distinct under protanopia,
deuteranopia and tritanopia, and on white as on near-black.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simsched.engine.trace import Activity

NEUTRAL = "#8a8f98"
ACCENT = "#d55e00"
EVENT = "#e69f00"


@dataclass(frozen=True, slots=True)
class Look:
    """How an activity is drawn: ``pattern`` is a Plotly hatch or "", ``ink`` the text on it."""

    words: str
    color: str
    pattern: str = ""
    ink: str = "#10202c"

    def marker(self) -> dict[str, Any]:
        """Return the Plotly marker of a bar; a hatched bar has no fill, as nothing is done."""
        if not self.pattern:
            return {"color": self.color, "line": {"width": 0}}
        hatch = {
            "shape": self.pattern,
            "fgcolor": self.color,
            "bgcolor": "rgba(0,0,0,0)",
            "size": 6,
            "solidity": 0.35,
        }
        return {"color": self.color, "pattern": hatch, "line": {"width": 1, "color": self.color}}


ACTIVITIES = {
    Activity.QUEUE: Look("waiting in the queue", NEUTRAL, "."),
    Activity.CPU: Look("CPU", "#0072b2", ink="#ffffff"),
    Activity.CPU_WAIT: Look("waiting for the CPU", "#d55e00", "/"),
    Activity.IO: Look("I/O", "#56b4e9"),
    Activity.IO_WAIT: Look("waiting for a resource", "#cc79a7", "x"),
}

RETRIES = Look("earlier attempts", "#f0e442", "+")
"""What a client's attempts before the last one took."""

_SERVERS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def server_color(position: int) -> str:
    """Return the colour of the server at *position*."""
    return _SERVERS[position % len(_SERVERS)]


def server_dash(position: int) -> str:
    """Return the line style of the server at *position*, so that it is known without its colour."""
    return _DASHES[position % len(_DASHES)]
