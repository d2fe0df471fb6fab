"""Two parameters: the fastest server, the objectives, and every figure as a map."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simsched.experiment.sweep.objectives import designs
from simsched.experiment.sweep.plan import Point
from simsched.experiment.sweep.result import MEAN, SweepResult
from simsched.report.html.figure import Figure, View, label, layout
from simsched.report.html.palette import NEUTRAL, OUTCOME_COLORS, server_color
from simsched.report.sweep.axes import is_steep, parameter_title
from simsched.report.sweep.points import OUTCOMES, ordered, place, standing_of, values
from simsched.report.text import clean, truncated
from simsched.scenario.file.wording import counted
from simsched.scenario.metrics import Metric, show_value
from simsched.statistics.slo import Outcome
from simsched.statistics.words.numbers import unit_of

_ROW = 34
_FRAME = 170
# Maps of more cells do not show their values, which would overlap.
_MOST_WRITTEN = 150

_HATCH = {"shape": "/", "fgcolor": NEUTRAL, "bgcolor": "rgba(0,0,0,0)", "size": 8}


@dataclass(frozen=True)
class Grid:
    """The points of two parameters as rows and columns."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: dict[tuple[int, int], Point]

    def matrix(self, of: Mapping[int, Any], missing: Any = None) -> list[list[Any]]:
        """Return the value of each point in *of*, by row; *missing* where there is none."""
        found = {cell: of.get(point.number, missing) for cell, point in self.cells.items()}
        columns = range(len(self.columns))
        return [
            [found.get((row, column), missing) for column in columns]
            for row in range(len(self.rows))
        ]


def grid(points: Sequence[Point]) -> Grid:
    """Return *points*, which have two values each, as a grid in the order of their values."""
    columns, rows = ordered(points, 0), ordered(points, 1)
    cells = {(rows.index(values(p)[1]), columns.index(values(p)[0])): p for p in points}
    return Grid(tuple(columns), tuple(rows), cells)


def maps(result: SweepResult, metrics: Sequence[Metric]) -> Iterator[Figure]:
    """Yield the figures of a sweep over two parameters."""
    found = grid(result.done)
    if len(result.servers) > 1:
        yield _fastest(result, found)
    if result.objectives:
        yield _objectives(result, found)
    mean_first = sorted(metrics, key=lambda metric: metric.name != MEAN)
    yield Figure(
        id="map",
        title="Every figure over both parameters",
        alt=_range_in_words(result, mean_first[0]),
        views=tuple(
            _map(result, found, server, metric)
            for metric in mean_first
            for server in result.servers
        ),
        lede="A cell is empty where there is no figure: the server cannot keep up there, or is not "
        "part of the point, or the point failed.",
        picks="Figure",
    )


def _fastest(result: SweepResult, found: Grid) -> Figure:
    """Return the map of the fastest server; where it is too close to call, a cell is hatched."""
    servers = result.servers
    fastest = {p.number: result.fastest(p.number) for p in found.cells.values()}
    overloaded = [cell for cell, p in found.cells.items() if result.is_overloaded(p.number)]
    none = (cell for cell, p in found.cells.items() if fastest[p.number] is None)
    close = [cell for cell in none if cell not in set(overloaded)]
    names = {n: label(clean(one or "too close to call")) for n, one in fastest.items()}
    hover = {n: f"point {n}: {name}" for n, name in names.items()}
    colors = [server_color(position) for position in range(len(servers))]
    positions = {n: servers.index(one) for n, one in fastest.items() if one is not None}
    traces = [
        _classes(found, positions, colors) | {"text": found.matrix(hover), "hoverinfo": "text"},
        *_outlined(close, "too close to call", {"fillpattern": _HATCH}),
        *_outlined(overloaded, "all overloaded", {"fillcolor": f"{NEUTRAL}66"}),
        *_keys(servers),
    ]
    counts = {server: list(fastest.values()).count(server) for server in servers}
    said = [f"{clean(server)} at {counted(n, 'point')}" for server, n in counts.items()]
    said += [f"all overloaded at {len(overloaded)}", f"too close to call at {len(close)}"]
    return Figure(
        id="winners",
        title="Fastest server",
        alt="; ".join(said),
        views=(View("", traces, _layout(result, found)),),
        lede=(
            "By mean response time. Hatched: too close to call. Grey: all servers are overloaded."
        ),
    )


def _objectives(result: SweepResult, found: Grid) -> Figure:
    """Return a map for each server of where it keeps all objectives."""
    by_server: dict[str, dict[int, Outcome]] = {}
    for each in designs(result):
        by_server.setdefault(each.server, {})[each.point.number] = each.outcome
    counts = (
        f"{clean(server)}: "
        + ", ".join(f"{OUTCOMES[one]} at {list(own.values()).count(one)}" for one in OUTCOME_COLORS)
        for server, own in by_server.items()
    )
    return Figure(
        id="objectives",
        title="Where the objectives are kept",
        alt="; ".join(counts),
        views=tuple(_outcomes(result, found, *each) for each in by_server.items()),
        lede="Kept: the intervals keep every objective. Missed: one of them is missed. Open: more "
        "replications may decide.",
        picks="Server",
    )


def _outcomes(result: SweepResult, found: Grid, server: str, own: Mapping[int, Outcome]) -> View:
    order = list(OUTCOME_COLORS)
    hover = {n: f"point {n}<br>{label(standing_of(result, n, server))}" for n in own}
    trace = _classes(
        found, {n: order.index(one) for n, one in own.items()}, [*OUTCOME_COLORS.values()]
    )
    words = found.matrix({number: OUTCOMES[one] for number, one in own.items()}, "")
    shown = trace | {"text": words, "texttemplate": "%{text}"} | _hover(found, hover)
    return View(truncated(server, 40), [shown], _layout(result, found))


def _classes(found: Grid, numbers: Mapping[int, int], colors: Sequence[str]) -> dict[str, Any]:
    """Return a map in which the points have *numbers*, each shown in its own one of *colors*."""
    steps = max(len(colors), 1)
    return _heatmap(found, numbers) | {
        "zmin": -0.5,
        "zmax": len(colors) - 0.5,
        "colorscale": [
            [edge / steps, color]
            for position, color in enumerate(colors)
            for edge in (position, position + 1)
        ],
        "showscale": False,
    }


def _heatmap(found: Grid, numbers: Mapping[int, float]) -> dict[str, Any]:
    gaps = {"xgap": 2, "ygap": 2, "hoverongaps": False}
    return {"type": "heatmap", "z": found.matrix(numbers), **gaps}


def _hover(found: Grid, texts: Mapping[int, str]) -> dict[str, Any]:
    return {
        "customdata": found.matrix(texts),
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _outlined(
    cells: Sequence[tuple[int, int]], name: str, fill: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield *cells*, each a row and a column, with what fills them."""
    if not cells:
        return
    x: list[float | None] = []
    y: list[float | None] = []
    for row, column in cells:
        x += [column - 0.48, column + 0.48, column + 0.48, column - 0.48, column - 0.48, None]
        y += [row - 0.48, row - 0.48, row + 0.48, row + 0.48, row - 0.48, None]
    yield {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "fill": "toself",
        "line": {"color": NEUTRAL, "width": 1},
        "name": name,
        "hoverinfo": "skip",
        **fill,
    }


def _keys(servers: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the keys of the servers for the legend, which a map has none for."""
    for position, server in enumerate(servers):
        yield {
            "type": "scatter",
            "mode": "markers",
            "x": [None],
            "y": [None],
            "name": label(truncated(server, 30)),
            "marker": {"symbol": "square", "size": 12, "color": server_color(position)},
        }


def _map(result: SweepResult, found: Grid, server: str, metric: Metric) -> View:
    known = {
        p.number: value
        for p in found.cells.values()
        if (value := result.estimate(p.number, server, metric.name).value) is not None
    }
    unit = unit_of(max(known.values(), default=None) or 1.0, metric.kind)
    log = metric.kind == "duration" and is_steep(list(known.values()))
    texts = {number: show_value(value, metric.kind, 2) for number, value in known.items()}
    hover = {
        number: f"point {number}<br>{metric.title} {show_value(value, metric.kind)}"
        for number, value in known.items()
    }
    trace = {
        # The scale of a logarithmic map would show logarithms: its cells have the values instead.
        **_heatmap(found, {n: math.log(v) if log else v / unit.size for n, v in known.items()}),
        "colorscale": "Cividis",
        "showscale": not log,
        "colorbar": {"title": {"text": unit.name}, "thickness": 12},
        **_hover(found, hover),
    }
    if len(found.cells) <= _MOST_WRITTEN:
        trace |= {"text": found.matrix(texts, ""), "texttemplate": "%{text}"}
    return View(f"{metric.title}: {truncated(server, 40)}", [trace], _layout(result, found))


def _layout(result: SweepResult, found: Grid) -> dict[str, Any]:
    across, up = map(parameter_title, result.plan.parameters)
    x, y = _axis(found.columns), _axis(found.rows) | {"title": {"text": up}}
    return layout(_FRAME + _ROW * max(len(found.rows), 4), across, x=x, y=y)


def _axis(texts: Sequence[str]) -> dict[str, Any]:
    return {
        "tickvals": list(range(len(texts))),
        "ticktext": [label(truncated(text, 20)) for text in texts],
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
        "range": [-0.5, len(texts) - 0.5],
    }


def _range_in_words(result: SweepResult, metric: Metric) -> str:
    """Return the least and the greatest value of *metric*, with their points."""
    known = [
        (value, point.number, server)
        for point in result.done
        for server in result.servers
        if (value := result.estimate(point.number, server, metric.name).value) is not None
    ]
    if not known:
        return "no figures"
    plan = result.plan
    ends = (
        f"{show_value(value, metric.kind)} of {clean(server)} at "
        f"{place(plan.points[number - 1], plan.parameters)}"
        for value, number, server in (min(known), max(known))
    )
    return f"{metric.title}: {'; '.join(ends)}"
