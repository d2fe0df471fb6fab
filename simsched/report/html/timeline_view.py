"""One view of a timeline: the bars of requests and workers, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simsched.engine.trace import Activity, Status
from simsched.experiment.result import Result
from simsched.report.html.bars import bars_of, ends, given_up, occupancy
from simsched.report.html.events import event_shapes
from simsched.report.html.fatal_waits import fatal_bars, last_words, wait_of
from simsched.report.html.figure import Explorable, View, heading, label, layout
from simsched.report.html.palette import ACTIVITIES, NEUTRAL
from simsched.report.html.timeline_rows import Bar, LaneRow, Rows, rows_of
from simsched.report.text import truncated
from simsched.report.timeline import Timeline, axis, lengthened
from simsched.report.verdict import MANY
from simsched.units import SECOND

_MUCH_LONGER = 5
_LANE_PIXELS, _MARGIN_PIXELS = 26, 100
_ANSWERED_PIXELS, _LOST_PIXELS = 80, 165


def view_of(result: Result, shown: Timeline, name: str, *, since_arrival: bool = False) -> View:
    """Return *shown* as a view that the reader picks by its *name*.

    Workers and events have their place in simulated time, and none where times count since the
    arrival of each request.
    """
    rows = rows_shown(result, shown, since_arrival=since_arrival)
    waits = shown.waits
    until_ns = lengthened(_until(shown), shown.start_ns, waits)
    scale = axis(shown.start_ns, until_ns, 10)
    bars = [
        bars_of(found, activity, scale.unit_ns)
        for activity in ACTIVITIES
        if (found := _stretches(rows, activity))
    ]
    texts = ends(rows, scale.unit_ns, until_ns, took=since_arrival or shown.at_ns is not None)
    fatal = fatal_bars(rows, waits, scale.unit_ns, until_ns)
    texts["x"] = [
        until_ns / scale.unit_ns if wait_of(row, waits) else x
        for row, x in zip(rows.lanes, texts["x"], strict=True)
    ]
    texts["text"] = last_words(rows, waits, texts["text"])
    lost = given_up(rows, scale.unit_ns, until_ns)
    traces = (*bars, fatal, lost, texts, *occupancy(rows, scale.unit_ns))
    clock = "time since the request arrived" if since_arrival else "simulated time"
    is_whole = until_ns == max((row.lane.last_ns for row in rows.lanes), default=until_ns)
    ends_at = [] if is_whole else [shown.start_ns, until_ns]
    drawn = _layout(
        rows, f"{clock} ({scale.unit})", [instant / scale.unit_ns for instant in ends_at]
    )
    if not since_arrival:
        drawn["shapes"] = event_shapes(result, scale.unit_ns, shown.start_ns, until_ns)
    if shown.at_ns is not None:
        drawn["shapes"].append(_mark(shown.at_ns / scale.unit_ns))
    zoom = "since-arrival" if since_arrival else "time"
    drawn |= Explorable(zoom=zoom, size=scale.unit_ns / SECOND, rows=rows.blocks).layout
    return View(name, [trace for trace in traces if trace["y"]], drawn)


def rows_shown(result: Result, shown: Timeline, *, since_arrival: bool = False) -> Rows:
    """Return the rows of the view of *shown*; see :func:`view_of`."""
    # The workers of many servers would be more than the requests.
    return rows_of(result, shown, workers=len(result.servers) <= MANY and not since_arrival)


def _mark(x: float) -> dict[str, Any]:
    """Return a line at *x* through all rows."""
    place = {"xref": "x", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1}
    look = {"width": 1.5, "dash": "dot", "color": NEUTRAL}
    return {"type": "line", "layer": "below", "line": look, **place}


def _until(shown: Timeline) -> int:
    """Return where the view ends: at its end, or with the last that ends if others never do.

    Those that never end would have everything else drawn too small to be seen.
    """
    lanes = [lane for found in shown.lanes.values() for lane in found]
    ended = max((lane.last_ns for lane in lanes if lane.finish_ns is not None), default=0)
    is_short = (ended - shown.start_ns) * _MUCH_LONGER < shown.finish_ns - shown.start_ns
    return ended if is_short and ended > shown.start_ns else shown.finish_ns


def _stretches(rows: Rows, activity: Activity) -> list[tuple[LaneRow, Bar]]:
    return [
        (row, bar) for row in rows.lanes for bar in row.bars if bar.stretch.activity is activity
    ]


def _layout(rows: Rows, title: str, limits: Sequence[float]) -> dict[str, Any]:
    names = [(row.y, f"{row.lane.request} {truncated(row.lane.kind)}") for row in rows.lanes]
    names += [(row.y, f"worker {row.worker + 1}") for row in rows.workers]
    answered = all(row.lane.status is Status.COMPLETED for row in rows.lanes)
    found = layout(
        _MARGIN_PIXELS + round(_LANE_PIXELS * rows.height),
        title,
        x={"range": limits} if limits else {},
        y={
            "range": [rows.height, 0],
            "tickmode": "array",
            "tickvals": [y for y, _ in names],
            "ticktext": [label(name) for _, name in names],
            "showgrid": False,
            "zeroline": False,
        },
    )
    found["margin"]["r"] = _ANSWERED_PIXELS if answered else _LOST_PIXELS
    servers = rows.headings.items()
    return found | {
        "barmode": "overlay",
        "bargap": 0,
        "uniformtext": {"mode": "hide", "minsize": 10},
        "annotations": [heading(truncated(server, 60), y=y, yref="y") for y, server in servers],
    }
