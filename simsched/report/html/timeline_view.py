"""One view of the timeline: a bar a request along time, every server on one axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simsched.engine.trace import Activity, Status
from simsched.experiment.result import Result
from simsched.report.html.figure import PLAIN, View, event_shapes, label
from simsched.report.html.palette import ACTIVITIES
from simsched.report.html.placing import Bar, LaneRow, Rows, rows_of
from simsched.report.html.timeline_bars import bars_of, given_up, occupancy
from simsched.report.html.timeline_ends import SHORT, ends
from simsched.report.text import truncated
from simsched.report.timeline import Timeline, axis

_LANE_PIXELS, _MARGIN_PIXELS = 26, 100
_MUCH_LONGER = 5
_ANSWERED_PIXELS, _LOST_PIXELS, _NARROW_PIXELS = 140, 150, 66


@dataclass(frozen=True, slots=True)
class Clock:
    """What the time of a view counts from, in words; ``runs`` where that is the run's beginning."""

    words: str
    runs: bool


SIMULATED = Clock("simulated time", runs=True)
SINCE_ARRIVAL = Clock("time since the request arrived", runs=False)


def timeline_view(result: Result, shown: Timeline, name: str, clock: Clock = SIMULATED) -> View:
    """Return *shown* as a view that the reader picks by its *name*.

    Workers and events have their place in simulated time, and are left out of any other.
    """
    rows = rows_of(result, shown, workers=clock.runs)
    until_ns = _until(shown)
    scale = axis(shown.start_ns, until_ns, 10)
    bars = [
        bars_of(found, activity, scale.unit_ns)
        for activity in ACTIVITIES
        if (found := _stretches(rows, activity))
    ]
    told = ends(rows, scale.unit_ns, until_ns, since_arrival=not clock.runs)
    traces = (*bars, given_up(rows, scale.unit_ns), told, *occupancy(rows, scale.unit_ns))
    events = event_shapes(result, scale.unit_ns, shown.start_ns, until_ns) if clock.runs else []
    title = f"{clock.words} ({scale.unit})"
    cut = None if until_ns == shown.finish_ns else (shown.start_ns, until_ns)
    limits = {"range": [end / scale.unit_ns for end in cut]} if cut else {}
    return View(
        name=name,
        data=[trace for trace in traces if trace["y"]],
        layout=_layout(rows, {"title": {"text": title}, **limits}) | {"shapes": events},
    )


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


def _layout(rows: Rows, xaxis: dict[str, Any]) -> dict[str, Any]:
    names = [(row.y, f"{row.lane.request} {truncated(row.lane.kind)}") for row in rows.lanes]
    names += [(row.y, f"worker {row.worker + 1}") for row in rows.workers]
    return {
        "height": _MARGIN_PIXELS + round(_LANE_PIXELS * rows.height),
        "barmode": "overlay",
        "bargap": 0,
        "hovermode": "closest",
        "margin": {"t": 8, "r": _room(rows), "b": 48, "l": 8},
        "meta": {SHORT: _NARROW_PIXELS},
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
        "uniformtext": {"mode": "hide", "minsize": 10},
        "xaxis": {"zeroline": False, **PLAIN, **xaxis},
        "yaxis": {
            "range": [rows.height, 0],
            "tickmode": "array",
            "tickvals": [y for y, _ in names],
            "ticktext": [label(name) for _, name in names],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
        },
        "annotations": [_heading(y, server) for y, server in rows.headings.items()],
    }


def _room(rows: Rows) -> int:
    """Return the pixels that the texts behind the last bars need."""
    answered = all(row.lane.status is Status.COMPLETED for row in rows.lanes)
    return _ANSWERED_PIXELS if answered else _LOST_PIXELS


def _heading(y: float, server: str) -> dict[str, Any]:
    return {
        "text": f"<b>{label(truncated(server, 60))}</b>",
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": y,
        "yref": "y",
        "showarrow": False,
    }
