"""Colours that colour-blind readers can distinguish, and patterns for when there is no colour.

The hues are those of Okabe and Ito, "Color Universal Design" (2008): distinct under protanopia,
deuteranopia and tritanopia, and on white as on near-black. What is being done is filled: computing
dark, and I/O, which leaves the CPU to others, so light that no printer takes it for computing.
Waiting is hatched, each kind in a way of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simsched.engine.trace import Activity
from simsched.statistics.words import captions as words

NEUTRAL = "#8a8f98"
ACCENT = "#d55e00"
EVENT = "#e69f00"
INK = "#5b6470"
"""What means nothing by its colour."""

LIMIT = "#b3261e"
"""The limits of objectives."""

_BLUE = "#0072b2"


@dataclass(frozen=True, slots=True)
class Look:
    """How an activity is drawn.

    Attributes:
        words: what it is called.
        color: of its filling, or of its hatch.
        pattern: a hatch of Plotly's; "" is a filling.
        ink: the colour of a text on it.
        edge: the colour of the line around a filling; "" is none.
    """

    words: str
    color: str
    pattern: str = ""
    ink: str = "#10202c"
    edge: str = ""

    def marker(self) -> dict[str, Any]:
        """Return the Plotly marker of a bar; a hatched bar has no fill, as nothing is done."""
        if not self.pattern:
            edge = {"width": 1, "color": self.edge} if self.edge else {"width": 0}
            return {"color": self.color, "line": edge}
        hatch = {
            "shape": self.pattern,
            "fgcolor": self.color,
            "bgcolor": "rgba(0,0,0,0)",
            "size": 6,
            "solidity": 0.35,
        }
        return {"color": self.color, "pattern": hatch, "line": {"width": 1, "color": self.color}}


ACTIVITIES = {
    Activity.QUEUE: Look(words.ACTIVITIES[Activity.QUEUE], NEUTRAL, "."),
    Activity.CPU: Look(words.ACTIVITIES[Activity.CPU], _BLUE, ink="#ffffff"),
    Activity.CPU_WAIT: Look(words.ACTIVITIES[Activity.CPU_WAIT], "#d55e00", "/"),
    Activity.IO: Look(words.ACTIVITIES[Activity.IO], "#c3e3f6", edge=_BLUE),
    Activity.IO_WAIT: Look(words.ACTIVITIES[Activity.IO_WAIT], "#cc79a7", "x"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """How a statistic is drawn: by its symbol alone, as colours are those of servers."""

    symbol: str

    def marker(self) -> dict[str, Any]:
        """Return the Plotly marker of its points."""
        return {"symbol": self.symbol, "size": 10, "color": INK}


STATISTICS = {
    "throughput": Mark("circle"),
    "mean": Mark("diamond"),
    "p50": Mark("circle-open"),
    "p95": Mark("square-open"),
    "p99": Mark("triangle-up-open"),
}

RETRIES = Look(words.RETRIES, "#009e73", "+")
"""What a client's attempts before the last one took."""

_SERVERS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_DASHES = {
    "solid": "",
    "dash": "8 4",
    "dot": "2 3",
    "dashdot": "8 3 2 3",
    "longdash": "13 4",
    "longdashdot": "13 3 2 3",
}
"""Plotly's names of line styles, each with the lengths of its dashes and gaps for an SVG."""


def server_color(position: int) -> str:
    """Return the colour of the server at *position*."""
    return _SERVERS[position % len(_SERVERS)]


def server_dash(position: int) -> str:
    """Return the line style of the server at *position*, so that it is known without its colour.

    Each further round of colours begins with another style: of 36 servers no two are alike.
    """
    # Each round of colours starts one dash further, so that 36 servers all look different.
    return list(_DASHES)[(position + position // len(_SERVERS)) % len(_DASHES)]


@dataclass(frozen=True, slots=True)
class Stroke:
    """How the line of a server is drawn outside of figures: its colour and its dashes."""

    color: str
    dashes: str


def server_stroke(position: int) -> Stroke:
    """Return the same line as in figures, for the server at *position*."""
    return Stroke(server_color(position), _DASHES[server_dash(position)])
