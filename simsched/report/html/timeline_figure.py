"""The lecture's picture: a bar a request along simulated time, every server on one axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simsched.engine.trace import Activity, Status
from simsched.experiment.result import Result
from simsched.report.axis import axis
from simsched.report.figures import show_exact
from simsched.report.html.figure import Figure, View, label
from simsched.report.html.palette import ACTIVITIES
from simsched.report.html.placing import LaneRow, WorkerRow, rows_of
from simsched.report.text import clean, truncated
from simsched.report.timeline import FEW, Lane, Stretch, Timeline, stored, timeline

AT_A_TIME = 20
"""Of more requests than fit in one picture so many are shown at a time."""

_LANE_PIXELS, _MARGIN_PIXELS = 26, 100
_MOST_NUMBERS = 8


def timeline_figure(result: Result) -> Figure:
    """Return the timeline of the requests whose segments are stored, of the first replication."""
    count = stored(result)
    step = count if count <= FEW else AT_A_TIME
    parts = [timeline(result, step, skip=first) for first in range(0, max(count, 1), max(step, 1))]
    return Figure(
        id="timeline",
        title="What happened to each request",
        alt=_in_words(parts[0]),
        views=tuple(_view(result, part) for part in parts),
        lede=_lede(result),
        picks="Requests",
    )


def _view(result: Result, shown: Timeline) -> View:
    lanes, workers, headings = rows_of(result, shown)
    scale = axis(shown.start_ns, shown.finish_ns, 10)
    bars = [_bars(activity, lanes, scale.unit_ns) for activity in ACTIVITIES]
    numbers = [row.lane.request for row in lanes]
    return View(
        name=f"{min(numbers, default=0)} to {max(numbers, default=0)}",
        data=[
            *(bar for bar in bars if bar["x"]),
            _ends(lanes, scale.unit_ns),
            _occupancy(workers, scale.unit_ns),
        ],
        layout=_layout(lanes, workers, headings, scale.unit),
    )


def _bars(activity: Activity, lanes: list[LaneRow], unit_ns: int) -> dict[str, Any]:
    """Return the trace of every stretch of one *activity*."""
    found = [(row, s) for row in lanes for s in row.lane.stretches if s.activity is activity]
    look = ACTIVITIES[activity]
    return {
        "type": "bar",
        "orientation": "h",
        "name": look.words,
        "y": [row.y for row, _ in found],
        "base": [s.start_ns / unit_ns for _, s in found],
        "x": [s.length_ns / unit_ns for _, s in found],
        "width": 0.72,
        "marker": look.marker(),
        "text": [label(clean(s.label)) if s.label else "" for _, s in found],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "insidetextfont": {"color": look.ink},
        "customdata": [[row.lane.request, row.server] for row, _ in found],
        "hovertext": [_hover(row, s) for row, s in found],
        "hoverinfo": "text",
    }


def _hover(row: LaneRow, stretch: Stretch) -> str:
    words = ACTIVITIES[stretch.activity].words
    what = f"{words}: {clean(stretch.label)}" if stretch.label else words
    where = "" if stretch.worker < 0 else f", worker {stretch.worker + 1}"
    who = f"request {row.lane.request} ({truncated(row.lane.kind)}) on {truncated(row.server)}"
    return "<br>".join(
        (
            f"<b>{label(what)}</b> for {show_exact(stretch.length_ns / 1e9)}",
            f"{show_exact(stretch.start_ns / 1e9)} to {show_exact(stretch.finish_ns / 1e9)}",
            label(who + where),
        )
    )


def _occupancy(workers: list[WorkerRow], unit_ns: int) -> dict[str, Any]:
    """Return who is on each worker's CPU."""
    found = [(row, number, s) for row in workers for number, s in row.stretches]
    look = ACTIVITIES[Activity.CPU]
    return {
        "type": "bar",
        "orientation": "h",
        "name": "worker",
        "showlegend": False,
        "y": [row.y for row, *_ in found],
        "base": [s.start_ns / unit_ns for *_, s in found],
        "x": [s.length_ns / unit_ns for *_, s in found],
        "width": 0.72,
        "marker": look.marker() | {"line": {"width": 1, "color": "#ffffff"}},
        "text": [str(number) for _, number, _ in found],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "insidetextfont": {"color": look.ink},
        "hovertext": [
            f"<b>request {number}</b> computes for {show_exact(s.length_ns / 1e9)}<br>"
            f"{show_exact(s.start_ns / 1e9)} to {show_exact(s.finish_ns / 1e9)}<br>"
            f"{label(truncated(row.server))}, worker {row.worker + 1}"
            for row, number, s in found
        ],
        "hoverinfo": "text",
    }


def _ends(lanes: list[LaneRow], unit_ns: int) -> dict[str, Any]:
    """Return the texts behind the bars: when each request was answered, or how it ended instead."""
    return {
        "type": "scatter",
        "mode": "text",
        "name": "answered",
        "showlegend": False,
        "cliponaxis": False,
        "x": [row.lane.last_ns / unit_ns for row in lanes],
        "y": [row.y for row in lanes],
        "text": [f" {_end(row.lane)}" for row in lanes],
        "textposition": "middle right",
        "hoverinfo": "skip",
    }


def _end(lane: Lane) -> str:
    """Return when the request was answered; how and when it ended, where it was not."""
    status = lane.status.name.lower().replace("_", " ")
    if lane.finish_ns is None:
        return status
    shown = show_exact(lane.finish_ns / 1e9)
    return shown if lane.status is Status.COMPLETED else f"{status} {shown}"


def _layout(
    lanes: list[LaneRow], workers: list[WorkerRow], headings: Mapping[int, str], unit: str
) -> dict[str, Any]:
    names = [(row.y, f"{row.lane.request} {truncated(row.lane.kind)}") for row in lanes]
    names += [(row.y, f"worker {row.worker + 1}") for row in workers]
    height = max((y for y, _ in names), default=0) + 1
    return {
        "height": _MARGIN_PIXELS + _LANE_PIXELS * (height + 1),
        "barmode": "overlay",
        "bargap": 0,
        "hovermode": "closest",
        "margin": {"t": 8, "r": 60, "b": 48, "l": 8},
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
        "uniformtext": {"mode": "hide", "minsize": 10},
        "xaxis": {"title": {"text": f"simulated time ({unit})"}, "zeroline": False},
        "yaxis": {
            "range": [height, -1],
            "tickmode": "array",
            "tickvals": [y for y, _ in names],
            "ticktext": [label(name) for _, name in names],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
        },
        "annotations": [_heading(y, server) for y, server in headings.items()],
    }


def _heading(y: int, server: str) -> dict[str, Any]:
    return {
        "text": f"<b>{label(truncated(server, 60))}</b>",
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": y,
        "yref": "y",
        "showarrow": False,
    }


def _lede(result: Result) -> str:
    """Return how to read the figure, after the orders of completion where they are short."""
    orders = {name: one.completion_order for name, one in result.servers.items()}
    told = [
        f"{clean(name)} answers in the order {' '.join(map(str, order))}."
        for name, order in orders.items()
        if order and len(order) <= _MOST_NUMBERS
    ]
    return " ".join((*told, "Behind each bar: when the request was answered."))


def _in_words(shown: Timeline) -> str:
    return ". ".join(_server_in_words(server, lanes) for server, lanes in shown.lanes.items())


def _server_in_words(server: str, lanes: tuple[Lane, ...]) -> str:
    """Return the order and the instants in which a server answered its first requests."""
    answered = sorted(
        (lane.finish_ns, lane.request)
        for lane in lanes
        if lane.finish_ns is not None and lane.status is Status.COMPLETED
    )
    told = (f"request {request} at {show_exact(at / 1e9)}" for at, request in answered[:10])
    return f"{clean(server)} answers {', '.join(told) or 'none of them'}"
