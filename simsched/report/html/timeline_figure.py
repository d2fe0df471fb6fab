"""The lecture's picture: a bar a request along simulated time, every server on one axis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simsched.engine.trace import Activity, Status
from simsched.experiment.result import Result
from simsched.report.axis import axis
from simsched.report.figures import show_exact
from simsched.report.html.events import shapes
from simsched.report.html.figure import Figure, View, label
from simsched.report.html.palette import ACTIVITIES
from simsched.report.html.placing import Bar, LaneRow, Rows, rows_of
from simsched.report.html.timeline_bars import bars_of, ends, given_up, occupancy
from simsched.report.stuck import requests_in
from simsched.report.text import clean, truncated
from simsched.report.timeline import FEW, Lane, Timeline, longest_ns, slowest, stored, timeline

AT_A_TIME = 20
"""Of more requests than fit in one picture so many are shown at a time."""

_LANE_PIXELS, _MARGIN_PIXELS = 26, 100
_ANSWERED_PIXELS, _LOST_PIXELS = 60, 120
_MOST_NUMBERS = 8
_FEWEST_TO_BRUSH = 3
_MOST_BARS = 8000


def timeline_figure(result: Result) -> Figure:
    """Return the timeline of the requests whose segments are stored, of the first replication."""
    count = stored(result)
    step = count if count <= FEW else AT_A_TIME
    views = list(_pages(result, count, step))
    if count > step:
        longest = slowest(result, step, count)
        views.append(_view(result, longest, f"the {step} slowest of these {count}"))
    return Figure(
        id="timeline",
        title="What happened to each request",
        alt=_in_words(timeline(result, step)),
        views=tuple(views),
        lede=_lede(result),
        picks="Requests",
        brush=_heights(result, (len(views) - 1) * step) if len(views) > _FEWEST_TO_BRUSH else (),
    )


def _heights(result: Result, count: int) -> tuple[float, ...]:
    """Return how long each of the first *count* requests took, over the longest of them."""
    longest = longest_ns(result, count)
    most = max(int(longest.max(initial=0)), 1)
    return tuple(round(each / most, 3) for each in longest.tolist())


def _pages(result: Result, count: int, step: int) -> Iterator[View]:
    """Yield *step* requests at a time of the first *count*, as long as the page stays small."""
    bars = 0
    for first in range(0, max(count, 1), max(step, 1)):
        shown = timeline(result, step, skip=first)
        bars += sum(len(lane.stretches) for lanes in shown.lanes.values() for lane in lanes)
        if first and bars > _MOST_BARS:
            return
        yield _view(result, shown, _range_of(shown))


def _range_of(shown: Timeline) -> str:
    numbers = [lane.request for lanes in shown.lanes.values() for lane in lanes]
    return f"{min(numbers, default=0)} to {max(numbers, default=0)}"


def _view(result: Result, shown: Timeline, name: str) -> View:
    rows = rows_of(result, shown)
    scale = axis(shown.start_ns, shown.finish_ns, 10)
    bars = [
        bars_of(found, activity, scale.unit_ns)
        for activity in ACTIVITIES
        if (found := _stretches(rows, activity))
    ]
    traces = (*bars, given_up(rows, scale.unit_ns), ends(rows, scale.unit_ns, _stuck(result)))
    busy = occupancy(rows, scale.unit_ns)
    return View(
        name=name,
        data=[*(trace for trace in traces if trace["y"]), *busy],
        layout=_layout(rows, scale.unit)
        | {"shapes": shapes(result, scale.unit_ns, shown.start_ns, shown.finish_ns)},
    )


def _stuck(result: Result) -> dict[str, frozenset[int]]:
    return {server: requests_in(t[0].deadlock) for server, t in result.traces.items() if t}


def _stretches(rows: Rows, activity: Activity) -> list[tuple[LaneRow, Bar]]:
    return [
        (row, bar) for row in rows.lanes for bar in row.bars if bar.stretch.activity is activity
    ]


def _layout(rows: Rows, unit: str) -> dict[str, Any]:
    names = [(row.y, f"{row.lane.request} {truncated(row.lane.kind)}") for row in rows.lanes]
    names += [(row.y, f"worker {row.worker + 1}") for row in rows.workers]
    return {
        "height": _MARGIN_PIXELS + round(_LANE_PIXELS * rows.height),
        "barmode": "overlay",
        "bargap": 0,
        "hovermode": "closest",
        "margin": {"t": 8, "r": _room(rows), "b": 48, "l": 8},
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
        "uniformtext": {"mode": "hide", "minsize": 10},
        "xaxis": {"title": {"text": f"simulated time ({unit})"}, "zeroline": False},
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
