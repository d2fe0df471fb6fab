"""The texts behind the bars of a timeline: what came of each request, and when."""

from __future__ import annotations

from typing import Any

from simsched.engine.trace import Status
from simsched.report.html.placing import LaneRow, Rows
from simsched.statistics.words.numbers import show_exact

SHORT = "short"
"""Where a trace has its texts, and a layout its margin, for pages that are narrow."""


def ends(
    rows: Rows,
    unit_ns: int,
    until_ns: int,
    *,
    since_arrival: bool,
) -> dict[str, Any]:
    """Return when each request was answered, or how it ended instead, as texts behind the bars.

    What ends after *until_ns*, where the view ends, is written there. Where times count
    *since_arrival*, the text says how long requests took.
    """
    told = [_told(row) for row in rows.lanes]
    before = "took" if since_arrival else "at"
    answered = "took" if since_arrival else "answered at"
    return {
        "type": "scatter",
        "mode": "text",
        "name": "answered",
        "showlegend": False,
        "cliponaxis": False,
        "x": [min(row.lane.last_ns, until_ns) / unit_ns for row in rows.lanes],
        "y": [round(row.ends[-1] if row.ends else row.y, 3) for row in rows.lanes],
        "text": [f" {_said(how or answered, when)}" for how, when in told],
        "meta": {SHORT: [f" {_said(how or before, when)}" for how, when in told]},
        "textposition": "middle right",
        "hoverinfo": "skip",
    }


def _told(row: LaneRow) -> tuple[str, str]:
    """Return how the request ended, "" if it was answered, and when, "" if it never did."""
    lane = row.lane
    if lane.finish_ns is None:
        return words_of(lane.status), ""
    when = show_exact(lane.finish_ns / 1e9)
    return ("", when) if lane.status is Status.COMPLETED else (f"{words_of(lane.status)} at", when)


def _said(how: str, when: str) -> str:
    return f"{how} {when}".rstrip()


def words_of(status: Status) -> str:
    """Return how an attempt or a request ended."""
    return status.name.lower().replace("_", " ")
