"""The figure of ``benchmarks/growth.py``: small panels, both axes logarithmic, as an SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from math import ceil, floor, log10
from typing import Protocol

COLUMNS = 3
WIDTH, HEIGHT = 300, 210
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 30, 62
COLOURS = ("#2f7ed8", "#e0722c", "#2b9e6b", "#a45fc4", "#c2475b", "#7f8c1f", "#5b7083")
"""Each is readable on white and on near black."""

STYLE = """
text { font: 11px system-ui, sans-serif; fill: #444 }
.title { font-weight: 600; fill: #222 }
.grid { stroke: #8884; stroke-width: 1 }
.line { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #bbb } .title { fill: #eee } }
"""

Span = tuple[float, float]


class Measured(Protocol):
    """What a line is drawn from."""

    @property
    def panel(self) -> str:
        """The panel that it is in."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def values(self) -> tuple[float, ...]:
        """What grows."""

    @property
    def microseconds(self) -> tuple[float, ...]:
        """How long a request takes."""


def figure(found: Sequence[Measured], title: str) -> str:
    """Return the figure of *found*, whose lines of one panel follow each other."""
    panels = [(name, list(lines)) for name, lines in groupby(found, lambda each: each.panel)]
    rows = ceil(len(panels) / COLUMNS)
    parts = "".join(
        f'<g transform="translate({WIDTH * (at % COLUMNS)},{HEIGHT * (at // COLUMNS)})">'
        f"{''.join(panel(name, lines))}</g>"
        for at, (name, lines) in enumerate(panels)
    )
    size = f'viewBox="0 0 {WIDTH * COLUMNS} {HEIGHT * rows}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>{parts}</svg>\n"
    )


def panel(name: str, lines: Sequence[Measured]) -> Iterator[str]:
    """Yield the parts of one panel."""
    across = span(value for line in lines for value in line.values)
    up = span(time for line in lines for time in line.microseconds)
    yield f'<text class="title" x="{LEFT}" y="18">{escape(name)}</text>'
    for power in powers(across):
        at = place(10.0**power, across, LEFT, WIDTH - RIGHT)
        yield grid(at, at, TOP, HEIGHT - BOTTOM)
        yield label(at, HEIGHT - BOTTOM + 14, "middle", say(power))
    for power in powers(up):
        at = place(10.0**power, up, HEIGHT - BOTTOM, TOP)
        yield grid(LEFT, WIDTH - RIGHT, at, at)
        yield label(LEFT - 6, at + 4, "end", f"{say(power)} µs")
    for at, line in enumerate(lines):
        yield from curve(at, line, across, up)


def curve(at: int, line: Measured, across: Span, up: Span) -> Iterator[str]:
    """Yield one line, and its name below the panel."""
    colour = COLOURS[at % len(COLOURS)]
    points = [
        (place(value, across, LEFT, WIDTH - RIGHT), place(time, up, HEIGHT - BOTTOM, TOP))
        for value, time in zip(line.values, line.microseconds, strict=True)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline class="line" stroke="{colour}" points="{path}"/>'
    yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in points)
    x, y = LEFT + 84 * (at % 3), HEIGHT - BOTTOM + 30 + 13 * (at // 3)
    yield f'<rect x="{x}" y="{y - 8}" width="10" height="8" fill="{colour}"/>'
    yield label(x + 14, y, "start", line.name)


def label(x: float, y: float, anchor: str, words: str) -> str:
    """Return a text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def grid(x: float, to_x: float, y: float, to_y: float) -> str:
    """Return a line of the grid."""
    return f'<line class="grid" x1="{x:.1f}" x2="{to_x:.1f}" y1="{y:.1f}" y2="{to_y:.1f}"/>'


def span(values: Iterator[float]) -> Span:
    """Return the logarithms between which all of *values* lie, with some room."""
    logs = [log10(value) for value in values]
    return min(logs) - 0.15, max(*logs, min(logs) + 1) + 0.15


def powers(reach: Span) -> range:
    """Return the powers of ten within a span, at most eight of them."""
    first, last = ceil(reach[0]), floor(reach[1])
    return range(first, last + 1, max(1, (last - first) // 4))


def place(value: float, reach: Span, start: float, end: float) -> float:
    """Return where *value* is between *start* and *end*."""
    return start + (log10(value) - reach[0]) / (reach[1] - reach[0]) * (end - start)


def say(power: int) -> str:
    """Return a power of ten as a short number."""
    for prefix, at_least in (("M", 6), ("k", 3)):
        if power >= at_least:
            return f"{10 ** (power - at_least)}{prefix}"
    return f"{10.0**power:g}"
