"""What a timeline is drawn with: bars of requests and workers, marks, and the times at their ends.

Each function returns a Plotly trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from simsched.engine.trace import Activity, Status
from simsched.report.html.figure import label
from simsched.report.html.palette import ACTIVITIES, INK
from simsched.report.html.timeline_rows import Bar, LaneRow, Rows, WorkerRow
from simsched.report.lanes import Attempt, Lane, Stretch
from simsched.report.table import words_of
from simsched.report.text import clean, truncated
from simsched.statistics.words import captions as words
from simsched.statistics.words.events import stay
from simsched.statistics.words.numbers import show_exact
from simsched.units import SECOND

_THINNEST = 0.38
"""Bars thinner than this have no room for a text."""

_OTHER = 0.7
"""How opaque every second request is on a worker."""

_ABANDONED = 0.4
"""How opaque work is that the client has given up on."""


def bars_of(found: Sequence[tuple[LaneRow, Bar]], activity: Activity, unit_ns: int) -> Any:
    """Return *found*, all of which are of one *activity*."""
    # Work for a client that has given up is pale: it keeps the server busy for no one.
    late = [_is_late(row, bar.stretch) for row, bar in found]
    opacity = {"opacity": [_ABANDONED if is_late else 1 for is_late in late]} if any(late) else {}
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
    times = _times(bar.stretch)
    what = bar.stretch.label or (ACTIVITIES[bar.stretch.activity].words if times else "")
    return label(times + clean(what)) if what else ""


def _times(stretch: Stretch) -> str:
    return f"{stretch.count} x " if stretch.count > 1 else ""


def _is_late(row: LaneRow, stretch: Stretch) -> bool:
    """Return whether the client had given up on the attempt before *stretch* began."""
    attempts = row.lane.attempts
    ended = attempts[stretch.attempt - 1].finish_ns if stretch.attempt <= len(attempts) else None
    return ended is not None and stretch.start_ns >= ended


def _hover(row: LaneRow, stretch: Stretch) -> str:
    lane, since = row.lane, row.lane.origin_ns
    what = clean(words.doing(stretch.activity, stretch.label, stretch.service))
    where = "" if stretch.worker < 0 else f", worker {stretch.worker + 1}"
    count = len(lane.attempts)
    attempt = f", attempt {stretch.attempt} of {count}" if count > 1 else ""
    request = f"request {lane.request} ({truncated(lane.kind)}) on {truncated(row.server)}"
    return "<br>".join(
        (
            f"<b>{_times(stretch)}{label(what)}</b> for {_time(stretch.length_ns)}",
            _from_to(stretch) + (" after its arrival" if since else ""),
            label(request + where + attempt),
            *([label(stay(*stretch.stay_ns))] if stretch.stay_ns else []),
            *([f"it arrived at {_time(since)}"] if since else []),
            *(["the client had given up"] if _is_late(row, stretch) else []),
        )
    )


def _from_to(stretch: Stretch) -> str:
    return f"{_instant(stretch.start_ns)} to {_instant(stretch.finish_ns)}"


def _instant(at_ns: int) -> str:
    """Return when something happens; late in a run, where three digits hide it, to the µs."""
    if at_ns < SECOND:
        return _time(at_ns)
    return f"{at_ns / SECOND:,.6f}".rstrip("0").rstrip(".") + " s"


def _time(time_ns: int) -> str:
    return show_exact(time_ns / SECOND)


def occupancy(rows: Rows, unit_ns: int) -> list[dict[str, Any]]:
    """Return what each worker is busy with: the CPU, or a request that it waits with."""
    found = [(row, bar) for row in rows.workers for bar in row.bars]
    return [
        _occupied([each for each in found if each[1].stretch.activity is activity], unit_ns)
        for activity in dict.fromkeys(bar.stretch.activity for _, bar in found)
    ]


def _occupied(found: Sequence[tuple[WorkerRow, Bar]], unit_ns: int) -> dict[str, Any]:
    activity = found[0][1].stretch.activity
    # Shades alternate, so that requests that follow each other do not look like one.
    shades = [1 if bar.stretch.request % 2 else _OTHER for _, bar in found]
    return _bars([bar for _, bar in found], activity, unit_ns) | {
        "name": "worker",
        "showlegend": False,
        "marker": ACTIVITIES[activity].marker() | {"opacity": shades},
        "text": [str(bar.stretch.request) for _, bar in found],
        "hovertext": [_busy_with(row, bar.stretch) for row, bar in found],
    }


def _busy_with(row: WorkerRow, stretch: Stretch) -> str:
    what = clean(words.doing(stretch.activity, "", stretch.service))
    return (
        f"<b>request {stretch.request}</b>: {label(what)} for {_time(stretch.length_ns)}<br>"
        f"{_from_to(stretch)}<br>{label(truncated(row.server))}, worker {row.worker + 1}"
    )


def given_up(rows: Rows, unit_ns: int, until_ns: int) -> dict[str, Any]:
    """Return a mark where an attempt ended without an answer, in a view that ends at *until_ns*."""
    found = [(row, *each) for row in rows.lanes for each in _given_up(row)]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "ended without an answer",
        "cliponaxis": any(at > until_ns for *_, at in found),
        "marker": {"symbol": "x", "size": 10, "color": INK, "line": {"width": 1}},
        "x": [at / unit_ns for _, _, _, at in found],
        "y": [round(y, 3) for _, _, y, _ in found],
        "hovertext": [
            f"<b>{words_of(attempt.status.name)}</b> at {_instant(at)}<br>"
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


def ends(rows: Rows, unit_ns: int, until_ns: int, *, took: bool) -> dict[str, Any]:
    """Return when each request was answered, or how it ended instead, as texts behind the bars.

    What ends after *until_ns*, where the view ends, is written there. The text is how long requests
    *took*, or else when they ended.
    """
    return {
        "type": "scatter",
        "mode": "text",
        "name": "answered",
        "showlegend": False,
        "cliponaxis": False,
        "x": [min(row.lane.last_ns, until_ns) / unit_ns for row in rows.lanes],
        "y": [round(row.ends[-1] if row.ends else row.y, 3) for row in rows.lanes],
        "text": [f" {_end(row.lane, took=took)}" for row in rows.lanes],
        "textposition": "middle right",
        "hoverinfo": "skip",
    }


def _end(lane: Lane, *, took: bool) -> str:
    if lane.finish_ns is None or lane.response_ns is None:
        return words_of(lane.status.name)
    is_lost = lane.status is not Status.COMPLETED
    if took:
        verb = f"{words_of(lane.status.name)} after" if is_lost else "took"
        return f"{verb} {_time(lane.response_ns)}"
    verb = f"{words_of(lane.status.name)} at" if is_lost else "at"
    return f"{verb} {_time(lane.finish_ns)}"
