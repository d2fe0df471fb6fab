"""Colours that colour-blind readers can distinguish, and patterns for when there is no colour.

A colour means one thing: a server, an activity, or what is listed below. All are in the middle
between white and near-black, so that they show on a light page as on a dark one (a contrast of at
least 3:1, Web Content Accessibility Guidelines 2.2, 1.4.11), and each differs from the others by a
dash, a hatch or a symbol as well. What is being done is filled: computing strong, and I/O, which
leaves the CPU to others, so faint that no printer takes it for computing. Waiting is hatched, each
kind in a way of its own, and never brighter than computing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from simsched.engine.trace import Activity
from simsched.statistics.slo import Outcome
from simsched.statistics.words import captions as words

NEUTRAL = "#8a8f98"
"""What is there to compare with."""

INK = "#6b7480"
"""What means nothing by its colour: statistics, which have symbols, and lost requests."""

OVERTAKING = "#8456c8"
EVENT = "#8a7a2a"
LIMIT = "#c7362b"
"""The limits of objectives."""

OUTCOME_COLORS: Mapping[Outcome, str] = MappingProxyType(
    {"fail": LIMIT, "inconclusive": "#a98a00", "pass": "#3c8d2f"}
)
"""How servers stand to their objectives."""

_CPU = "#6672b4"


@dataclass(frozen=True, slots=True)
class Look:
    """How an activity is drawn.

    Attributes:
        words: what it is called.
        color: of its filling on white, or of its hatch.
        pattern: a hatch of Plotly's; "" is a filling.
        ink: the colour of a text on it.
        edge: the colour of the line around a filling; "" is none.
        fill: what it is filled with, if the page shows through; else its colour.
    """

    words: str
    color: str
    pattern: str = ""
    ink: str = "#10202c"
    edge: str = ""
    fill: str = ""

    def marker(self) -> dict[str, Any]:
        """Return the Plotly marker of a bar; a hatched bar has no fill, as nothing is done."""
        if not self.pattern:
            edge = {"width": 1, "color": self.edge} if self.edge else {"width": 0}
            return {"color": self.fill or self.color, "line": edge}
        hatch = {
            "shape": self.pattern,
            "fgcolor": self.color,
            "bgcolor": "rgba(0,0,0,0)",
            "size": 6,
            "solidity": 0.35,
        }
        return {"color": self.color, "pattern": hatch, "line": {"width": 1, "color": self.color}}


ACTIVITIES = {
    Activity.QUEUE: Look(words.ACTIVITIES[Activity.QUEUE], "#6b7077", "."),
    Activity.CPU: Look(words.ACTIVITIES[Activity.CPU], _CPU, ink="#ffffff"),
    Activity.CPU_WAIT: Look(words.ACTIVITIES[Activity.CPU_WAIT], "#945a34", "/"),
    Activity.IO: Look(
        words.ACTIVITIES[Activity.IO], "#e3e6f2", edge=_CPU, fill="rgba(102,114,180,0.18)"
    ),
    Activity.IO_WAIT: Look(words.ACTIVITIES[Activity.IO_WAIT], "#7f5f90", "x"),
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

RETRIES = Look(words.RETRIES, "#5c7434", "+")
"""What a client's attempts before the last one took."""

_SERVERS = ("#1478c8", "#d45500", "#00875a", "#c2479a", "#947000", "#008a9e")
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
