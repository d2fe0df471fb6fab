"""What a timeline is drawn with: bars of requests, and of what workers are busy with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from simsched.engine.trace import Activity, Status
from simsched.report.html.figure import label
from simsched.report.html.palette import ACTIVITIES
from simsched.report.html.placing import Bar, LaneRow, Rows, WorkerRow
from simsched.report.html.timeline_ends import words_of
from simsched.report.lanes import Attempt, Stretch
from simsched.report.text import clean, truncated
from simsched.statistics.words.numbers import show_exact

_THINNEST = 0.38
"""Bars thinner than this have no room for a text."""

_OTHER = 0.7
"""How opaque every second request is on a worker."""

_FOR_NOBODY = 0.4
"""How opaque work is that the client has given up on."""


def bars_of(found: Sequence[tuple[LaneRow, Bar]], activity: Activity, unit_ns: int) -> Any:
    """Return the Plotly trace of *found*, all of which are of one *activity*."""
    late = [_is_late(row, bar.stretch) for row, bar in found]
    opacity = {"opacity": [_FOR_NOBODY if is_late else 1 for is_late in late]} if any(late) else {}
    return _bars([bar for _, bar in found], activity, unit_ns) | {
        "name": ACTIVITIES[activity].words,
        "marker": ACTIVITIES[activity].marker() | opacity,
        "text": [_text(bar) for _, bar in found],
        "customdata": [[row.lane.request, row.server] for row, _ in found],
        "hovertext": [_hover(row, bar.stretch) for row, bar in found],
    }


def _bars(found: Sequence[Bar], activity: Activity, unit_ns: int) -> dict[str, Any]:
    widths = [round(bar.width, 3) for bar in found]
    return {
        "type": "bar",
        "orientation": "h",
        "y": [round(bar.y, 3) for bar in found],
        "base": [bar.stretch.start_ns / unit_ns for bar in found],
        "x": [bar.stretch.length_ns / unit_ns for bar in found],
        "width": widths[0] if len(set(widths)) == 1 else widths,
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "insidetextfont": {"color": ACTIVITIES[activity].ink},
        "hoverinfo": "text",
    }


def _text(bar: Bar) -> str:
    if bar.width < _THINNEST:
        return ""
    times = f"{bar.stretch.count} x " if bar.stretch.count > 1 else ""
    what = bar.stretch.label or (ACTIVITIES[bar.stretch.activity].words if times else "")
    return label(times + clean(what)) if what else ""


def _is_late(row: LaneRow, stretch: Stretch) -> bool:
    """Say whether the client had given up on the attempt before *stretch* began."""
    attempts = row.lane.attempts
    ended = attempts[stretch.attempt - 1].finish_ns if stretch.attempt <= len(attempts) else None
    return ended is not None and stretch.start_ns >= ended


def _hover(row: LaneRow, stretch: Stretch) -> str:
    words = ACTIVITIES[stretch.activity].words
    what = f"{words}: {clean(stretch.label)}" if stretch.label else words
    times = f"{stretch.count} x " if stretch.count > 1 else ""
    where = "" if stretch.worker < 0 else f", worker {stretch.worker + 1}"
    several = len(row.lane.attempts) > 1
    attempt = f", attempt {stretch.attempt} of {len(row.lane.attempts)}" if several else ""
    who = f"request {row.lane.request} ({truncated(row.lane.kind)}) on {truncated(row.server)}"
    since = row.lane.origin_ns
    more = [f"it arrived at {show_exact(since / 1e9)}"] if since else []
    more += ["the client had given up"] if _is_late(row, stretch) else []
    return "<br>".join(
        (
            f"<b>{times}{label(what)}</b> for {show_exact(stretch.length_ns / 1e9)}",
            _from_to(stretch) + (" after its arrival" if since else ""),
            label(who + where + attempt),
            *more,
        )
    )


def _from_to(stretch: Stretch) -> str:
    return f"{show_exact(stretch.start_ns / 1e9)} to {show_exact(stretch.finish_ns / 1e9)}"


def occupancy(rows: Rows, unit_ns: int) -> list[dict[str, Any]]:
    """Return what each worker is busy with: the CPU, or a request that it waits with."""
    return [
        _occupied([(row, bar) for row, bar in found if bar.stretch.activity is activity], unit_ns)
        for found in ([(row, bar) for row in rows.workers for bar in row.bars],)
        for activity in dict.fromkeys(bar.stretch.activity for _, bar in found)
    ]


def _occupied(found: Sequence[tuple[WorkerRow, Bar]], unit_ns: int) -> dict[str, Any]:
    activity = found[0][1].stretch.activity
    return _bars([bar for _, bar in found], activity, unit_ns) | {
        "name": "worker",
        "showlegend": False,
        "marker": ACTIVITIES[activity].marker() | {"opacity": [_shade(bar) for _, bar in found]},
        "text": [str(bar.stretch.request) for _, bar in found],
        "hovertext": [_busy_with(row, bar.stretch) for row, bar in found],
    }


def _shade(bar: Bar) -> float:
    """Return how opaque a worker's bar is, so that requests after each other can be told apart."""
    return 1 if bar.stretch.request % 2 else _OTHER


def _busy_with(row: WorkerRow, stretch: Stretch) -> str:
    words = ACTIVITIES[stretch.activity].words
    return (
        f"<b>request {stretch.request}</b>: {words} for {show_exact(stretch.length_ns / 1e9)}<br>"
        f"{_from_to(stretch)}<br>{label(truncated(row.server))}, worker {row.worker + 1}"
    )


def given_up(rows: Rows, unit_ns: int) -> dict[str, Any]:
    """Return a mark where an attempt ended without an answer."""
    found = [(row, *each) for row in rows.lanes for each in _given_up(row)]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "ended without an answer",
        "cliponaxis": False,
        "marker": {"symbol": "x", "size": 10, "color": "#d55e00", "line": {"width": 1}},
        "x": [at / unit_ns for _, _, _, at in found],
        "y": [round(y, 3) for _, _, y, _ in found],
        "hovertext": [
            f"<b>{words_of(attempt.status)}</b> at {show_exact(at / 1e9)}<br>"
            f"request {row.lane.request} on {label(truncated(row.server))}"
            for row, attempt, _, at in found
        ],
        "hoverinfo": "text",
    }


def _given_up(row: LaneRow) -> Iterator[tuple[Attempt, float, int]]:
    """Yield the attempts that ended without an answer, how high they are and when that was."""
    for attempt, y in zip(row.lane.attempts, row.ends, strict=True):
        if attempt.status is not Status.COMPLETED and attempt.finish_ns is not None:
            yield attempt, y, attempt.finish_ns
