"""The last wait of requests in a deadlock, which has no end: drawn as wide as can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simsched.engine.deadlock import Wait
from simsched.engine.trace import Activity
from simsched.report.html.figure import label
from simsched.report.html.palette import ACTIVITIES
from simsched.report.html.timeline_rows import BAR, LaneRow, Rows
from simsched.report.text import clean, truncated
from simsched.report.timeline import Waits
from simsched.statistics.words.captions import for_ever
from simsched.statistics.words.numbers import show_exact
from simsched.units import SECOND


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
    return waits.get((row.server, row.lane.request))


def last_words(rows: Rows, waits: Waits, texts: Sequence[str]) -> list[str]:
    """Return *texts* behind the rows, with what those wait for that never end."""
    return [
        f" {for_ever(label(truncated(wait.waits_for)))}" if (wait := wait_of(row, waits)) else text
        for row, text in zip(rows.lanes, texts, strict=True)
    ]


def _said(row: LaneRow, wait: Wait) -> str:
    since = show_exact((row.lane.origin_ns + row.lane.last_ns) / SECOND)
    return f"<b>from {since} on, for ever</b><br>{label(clean(str(wait)))}"
