"""The lecture's picture: a bar a request along simulated time, every server on one axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simsched.engine.trace import Activity
from simsched.experiment.result import Result
from simsched.report.axis import axis
from simsched.report.figures import show_exact
from simsched.report.html.figure import Figure, label
from simsched.report.html.palette import ACTIVITIES
from simsched.report.text import clean, truncated
from simsched.report.timeline import Lane, Stretch, Timeline, timeline

MOST_REQUESTS = 40
_LANE_PIXELS = 26
_MARGIN_PIXELS = 100
_MOST_NUMBERS = 8


@dataclass(frozen=True, slots=True)
class _Placed:
    """A lane of one server at the height *y*; heights count down from the top of the figure."""

    server: str
    lane: Lane
    y: int


def timeline_figure(result: Result, most: int = MOST_REQUESTS) -> Figure:
    """Return the timeline of the first *most* requests of the first replication."""
    shown = timeline(result, most)
    placed, headings = _placed(shown)
    scale = axis(shown.start_ns, shown.finish_ns, 10)
    bars = [_bars(activity, placed, scale.unit_ns) for activity in ACTIVITIES]
    lanes = len(placed) + 2 * len(headings)
    return Figure(
        id="timeline",
        title="What happened to each request",
        alt=_in_words(shown),
        data=[*(bar for bar in bars if bar["x"]), _ends(placed, scale.unit_ns)],
        layout=_layout(placed, headings, scale.unit, lanes),
        lede=_lede(result),
    )


def _placed(shown: Timeline) -> tuple[list[_Placed], dict[int, str]]:
    """Return each lane's height, and the headings of the servers by height."""
    placed: list[_Placed] = []
    headings: dict[int, str] = {}
    y = 0
    for server, lanes in shown.lanes.items():
        headings[y] = server
        placed.extend(_Placed(server, lane, y + n) for n, lane in enumerate(lanes, start=1))
        y += len(lanes) + 2
    return placed, headings


def _bars(activity: Activity, placed: list[_Placed], unit_ns: int) -> dict[str, Any]:
    """Return the trace of every stretch of one *activity*."""
    found = [(at, s) for at in placed for s in at.lane.stretches if s.activity is activity]
    look = ACTIVITIES[activity]
    return {
        "type": "bar",
        "orientation": "h",
        "name": look.words,
        "y": [at.y for at, _ in found],
        "base": [s.start_ns / unit_ns for _, s in found],
        "x": [s.length_ns / unit_ns for _, s in found],
        "width": 0.72,
        "marker": look.marker(),
        "text": [label(clean(s.label)) if s.label else "" for _, s in found],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "insidetextfont": {"color": look.ink},
        "customdata": [[at.lane.request, at.server] for at, _ in found],
        "hovertext": [_hover(at, s) for at, s in found],
        "hoverinfo": "text",
    }


def _hover(at: _Placed, stretch: Stretch) -> str:
    words = ACTIVITIES[stretch.activity].words
    what = f"{words}: {clean(stretch.label)}" if stretch.label else words
    where = "" if stretch.worker < 0 else f", worker {stretch.worker + 1}"
    who = f"request {at.lane.request} ({truncated(at.lane.kind)}) on {truncated(at.server)}{where}"
    return "<br>".join(
        (
            f"<b>{label(what)}</b> for {show_exact(stretch.length_ns / 1e9)}",
            f"{show_exact(stretch.start_ns / 1e9)} to {show_exact(stretch.finish_ns / 1e9)}",
            label(who),
        )
    )


def _ends(placed: list[_Placed], unit_ns: int) -> dict[str, Any]:
    """Return the texts behind the bars: when each request was answered, or how it ended instead."""
    return {
        "type": "scatter",
        "mode": "text",
        "name": "answered",
        "showlegend": False,
        "cliponaxis": False,
        "x": [at.lane.last_ns / unit_ns for at in placed],
        "y": [at.y for at in placed],
        "text": [f" {_end(at.lane)}" for at in placed],
        "textposition": "middle right",
        "hoverinfo": "skip",
    }


def _end(lane: Lane) -> str:
    if lane.finish_ns is None:
        return lane.status.name.lower().replace("_", " ")
    return show_exact(lane.finish_ns / 1e9)


def _layout(
    placed: list[_Placed], headings: dict[int, str], unit: str, lanes: int
) -> dict[str, Any]:
    return {
        "height": _MARGIN_PIXELS + _LANE_PIXELS * lanes,
        "barmode": "overlay",
        "bargap": 0,
        "hovermode": "closest",
        "margin": {"t": 8, "r": 60, "b": 48, "l": 8},
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
        "uniformtext": {"mode": "hide", "minsize": 10},
        "xaxis": {"title": {"text": f"simulated time ({unit})"}, "zeroline": False},
        "yaxis": {
            "range": [lanes - 1, -1],
            "tickmode": "array",
            "tickvals": [at.y for at in placed],
            "ticktext": [label(f"{at.lane.request} {truncated(at.lane.kind)}") for at in placed],
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
        (lane.finish_ns, lane.request) for lane in lanes if lane.finish_ns is not None
    )
    told = (f"request {request} at {show_exact(at / 1e9)}" for at, request in answered[:10])
    return f"{clean(server)} answers {', '.join(told) or 'none of them'}"
