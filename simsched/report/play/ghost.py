"""The unchanged scenario, drawn faintly behind what is shown of the changed one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from simsched.experiment.result import Result
from simsched.report.html.figure import Figure, View
from simsched.report.html.palette import NEUTRAL, server_color
from simsched.report.html.timeline_view import rows_shown
from simsched.report.timeline import Timeline, timeline
from simsched.statistics.words.play import BEFORE, before
from simsched.units import SECOND

_OPACITY = 0.45


def haunted(now: Result, unchanged: Result) -> Result:
    """Return *now* with the servers of the *unchanged* scenario after its own, for figures."""
    named = {name: _unlike(before(name), now) for name in unchanged.servers}
    servers = {named[name]: replace(s, server=named[name]) for name, s in unchanged.servers.items()}
    traces = {named[name]: traces for name, traces in unchanged.traces.items()}
    return replace(now, servers={**now.servers, **servers}, traces={**now.traces, **traces})


def _unlike(name: str, now: Result) -> str:
    while name in now.servers:
        name += "'"
    return name


def faint(figure: Figure, now: Result, unchanged: Result) -> Figure:
    """Return a *figure* of :func:`haunted` with the lines of the unchanged scenario behind.

    Each has the colour that its server has now.
    """
    own = list(now.servers)
    colors = {
        str(len(own) + place): server_color(own.index(name)) if name in own else NEUTRAL
        for place, name in enumerate(unchanged.servers)
    }
    return replace(figure, views=tuple(_faint(view, colors) for view in figure.views))


def _faint(view: View, colors: dict[str, str]) -> View:
    drawn = [
        each if (color := colors.get(each.get("legendgroup", ""))) is None else _ghost(each, color)
        for each in view.data
    ]
    return replace(view, data=sorted(drawn, key=lambda each: "opacity" not in each))


def _ghost(line: dict[str, Any], color: str) -> dict[str, Any]:
    look = {**line["line"], "color": color, "dash": "solid", "width": 4}
    return line | {"line": look, "opacity": _OPACITY}


def outlined(view: View, now: Result, unchanged: Result, shown: Timeline) -> View:
    """Return the *view* of *shown* with bars behind, of how long requests took *unchanged*."""
    unit_ns = view.layout["meta"]["size"] * SECOND
    return replace(view, data=[_outlines(now, unchanged, shown, unit_ns), *view.data])


def _outlines(now: Result, unchanged: Result, shown: Timeline, unit_ns: float) -> dict[str, Any]:
    before_lanes = {
        (server, lane.request): lane
        for server, found in _same(unchanged, shown).items()
        for lane in found
    }
    rows = [
        (row, before_lanes[row.server, row.lane.request])
        for row in rows_shown(now, shown).lanes
        if (row.server, row.lane.request) in before_lanes
    ]
    return {
        "type": "bar",
        "orientation": "h",
        "name": BEFORE,
        "y": [row.y for row, _ in rows],
        "base": [lane.arrival_ns / unit_ns for _, lane in rows],
        "x": [(lane.last_ns - lane.arrival_ns) / unit_ns for _, lane in rows],
        "width": [0.98] * len(rows),
        "marker": {"color": NEUTRAL, "line": {"width": 1, "color": NEUTRAL}},
        "opacity": 0.3,
        "hoverinfo": "skip",
        "legendrank": 2000,
    }


def _same(unchanged: Result, shown: Timeline) -> dict[str, Sequence[Any]]:
    most = max((len(found) for found in shown.lanes.values()), default=0)
    return dict(timeline(unchanged, max(most, 1)).lanes)
