"""The last wait of requests in a deadlock, which has no end: drawn as wide as can be seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from simsched.engine.deadlock import Wait
from simsched.engine.trace import Activity, Status
from simsched.experiment.result import Result
from simsched.report.html.figure import label
from simsched.report.html.palette import ACTIVITIES
from simsched.report.html.timeline_rows import BAR, LaneRow, Rows
from simsched.report.text import clean, truncated
from simsched.statistics.words.numbers import show_exact
from simsched.units import SECOND

_WIDTH = 5
"""The wait is drawn as long as one part in so many of what comes before."""

Waits = Mapping[tuple[str, int], Wait]
"""What requests wait for, by server and request."""


def fatal_waits(result: Result, shown: Collection[tuple[str, int]]) -> Waits:
    """Return what those of the requests *shown*, by server, wait for that are in a deadlock."""
    return {
        (server, wait.request): wait
        for server, (trace, *_) in result.traces.items()
        if trace.deadlock is not None
        for wait in trace.deadlock.waits
        if (server, wait.request) in shown
    }


def lengthened(until_ns: int, start_ns: int, waits: Waits) -> int:
    """Return where a view that ends at *until_ns* ends with room for *waits*, if there are any."""
    return until_ns + (until_ns - start_ns) // _WIDTH if waits else until_ns


def fatal_bars(rows: Rows, waits: Waits, unit_ns: int, until_ns: int) -> dict[str, Any]:
    """Return the last waits as a Plotly trace, each from its begin to *until_ns*."""
    found = [
        (row, wait)
        for row in rows.lanes
        if (wait := wait_of(row, waits)) is not None and row.lane.last_ns < until_ns
    ]
    look = ACTIVITIES[Activity.IO_WAIT]
    return {
        "type": "bar",
        "orientation": "h",
        "name": "waits for ever",
        "y": [round(row.ends[-1] if row.ends else row.y, 3) for row, _ in found],
        "base": [row.lane.last_ns / unit_ns for row, _ in found],
        "x": [(until_ns - row.lane.last_ns) / unit_ns for row, _ in found],
        "width": BAR,
        "marker": look.marker(),
        "hovertext": [_said(row, wait) for row, wait in found],
        "hoverinfo": "text",
    }


def wait_of(row: LaneRow, waits: Waits) -> Wait | None:
    """Return what the request of *row* waits for without end; None where it ended."""
    is_open = row.lane.status is Status.UNFINISHED
    return waits.get((row.server, row.lane.request)) if is_open else None


def last_words(rows: Rows, waits: Waits, texts: Sequence[str]) -> list[str]:
    """Return *texts* behind the rows, with what those wait for that never end."""
    return [
        f" for ever: {label(truncated(wait.waits_for))}" if (wait := wait_of(row, waits)) else text
        for row, text in zip(rows.lanes, texts, strict=True)
    ]


def _said(row: LaneRow, wait: Wait) -> str:
    since = show_exact((row.lane.origin_ns + row.lane.last_ns) / SECOND)
    return f"<b>from {since} on, for ever</b><br>{label(clean(str(wait)))}"
