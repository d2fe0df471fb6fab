"""Two parameters: who answers soonest, and every figure as a map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from simsched.experiment.sweep.objectives import designs
from simsched.experiment.sweep.series import MEAN, Series
from simsched.report.html.figure import Figure, View, label
from simsched.report.html.palette import NEUTRAL, server_color
from simsched.report.sweep.chart import is_steep, layout, unit_for
from simsched.report.sweep.grid import Grid, even, grid
from simsched.report.sweep.shown import OUTCOMES, place, standing_of, title
from simsched.report.text import clean, truncated
from simsched.scenario.file.wording import counted
from simsched.scenario.metrics import Metric, show_value
from simsched.statistics.slo import Outcome

_ROW = 34
_FRAME = 170
_MOST_WRITTEN = 150
_SCALE = "Cividis"
_HATCH = {"shape": "/", "fgcolor": NEUTRAL, "bgcolor": "rgba(0,0,0,0)", "size": 8}


def maps(series: Series, metrics: Sequence[Metric]) -> Iterator[Figure]:
    """Yield the figures of a sweep over two parameters."""
    found = grid(series.result.done)
    if len(series.result.servers) > 1:
        yield _winners(series, found)
    if series.result.objectives:
        yield _objectives(series, found)
    first = sorted(metrics, key=lambda shown: shown.name != MEAN)
    views = tuple(
        _map(series, found, server, shown) for shown in first for server in series.result.servers
    )
    yield Figure(
        id="map",
        title="Every figure over both parameters",
        alt=_range_in_words(series, metrics),
        views=views,
        lede="A cell is empty where there is no figure: the server cannot keep up there, or is not "
        "part of the point, or the point failed.",
        picks="Figure",
    )


def _winners(series: Series, found: Grid) -> Figure:
    """Return the map of who answers soonest; where that is open a cell is hatched."""
    servers = series.result.servers
    winner = {p.number: series.winner(p.number) for p in found.cells.values()}
    nobody = [cell for cell, p in found.cells.items() if series.nobody_keeps_up(p.number)]
    undecided = [
        cell
        for cell, p in found.cells.items()
        if winner[p.number] is None and cell not in set(nobody)
    ]
    traces = [
        _won(found, servers, winner),
        *_cells(undecided, "undecided", {"fillpattern": _HATCH}),
        *_cells(nobody, "none keeps up", {"fillcolor": f"{NEUTRAL}66"}),
        *_keys(servers),
        *even(series, found),
    ]
    counts = {s: sum(one == s for one in winner.values()) for s in servers}
    told = [f"{clean(s)} at {counted(count, 'point')}" for s, count in counts.items()]
    told += [f"none keeps up at {len(nobody)}", f"undecided at {len(undecided)}"]
    return Figure(
        id="winners",
        title="Who answers soonest",
        alt="; ".join(told),
        views=(View("", traces, _layout(series, found)),),
        lede=(
            "By mean response time. Hatched: the evidence does not tell one server from the next. "
            "Grey: none keeps up. Lines: where a server's mean is that of the best other one, by "
            "interpolation between points."
        ),
    )


_STANDS: Mapping[Outcome, str] = MappingProxyType(
    {"fail": "#d55e00", "inconclusive": "#f0e442", "pass": "#009e73"}
)
"""The colours of Okabe and Ito for what is missed, open and kept."""


def _objectives(series: Series, found: Grid) -> Figure:
    """Return a map for each server of where it keeps all objectives."""
    result = series.result
    by_server: dict[str, dict[int, Outcome]] = {}
    for each in designs(result):
        by_server.setdefault(each.server, {})[each.point.number] = each.outcome
    views = tuple(
        View(truncated(server, 40), [_stands(series, found, server, told)], _layout(series, found))
        for server, told in by_server.items()
    )
    counts = (
        f"{clean(server)}: "
        + ", ".join(f"{OUTCOMES[one]} at {list(told.values()).count(one)}" for one in _STANDS)
        for server, told in by_server.items()
    )
    return Figure(
        id="objectives",
        title="Where the objectives are kept",
        alt="; ".join(counts),
        views=views,
        lede="Kept: the intervals keep every objective. Missed: one of them is missed. Open: more "
        "replications would tell.",
        picks="Server",
    )


def _stands(
    series: Series, found: Grid, server: str, told: Mapping[int, Outcome]
) -> dict[str, Any]:
    order = list(_STANDS)
    hover = {
        number: f"point {number}<br>{label(standing_of(series.result, number, server))}"
        for number in told
    }
    return {
        "type": "heatmap",
        "z": found.matrix({number: order.index(one) for number, one in told.items()}),
        "zmin": -0.5,
        "zmax": len(order) - 0.5,
        "colorscale": [
            [edge / len(order), _STANDS[one]]
            for position, one in enumerate(order)
            for edge in (position, position + 1)
        ],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "text": found.matrix({number: OUTCOMES[one] for number, one in told.items()}, ""),
        "texttemplate": "%{text}",
        "customdata": found.matrix(hover),
        "hovertemplate": "%{customdata}<extra></extra>",
        "hoverongaps": False,
    }


def _won(found: Grid, servers: Sequence[str], winner: dict[int, str | None]) -> dict[str, Any]:
    number = {n: servers.index(one) for n, one in winner.items() if one is not None}
    hover = {
        p.number: f"point {p.number}: {label(clean(winner[p.number] or 'undecided'))}"
        for p in found.cells.values()
    }
    steps = max(len(servers), 1)
    scale = [
        [edge / steps, server_color(position)]
        for position in range(len(servers))
        for edge in (position, position + 1)
    ]
    return {
        "type": "heatmap",
        "z": found.matrix(number),
        "zmin": -0.5,
        "zmax": len(servers) - 0.5,
        "colorscale": scale,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "text": found.matrix(hover),
        "hoverinfo": "text",
        "hoverongaps": False,
    }


def _cells(
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
    """Yield what the legend shows of each server, which a map has no legend for."""
    for position, server in enumerate(servers):
        yield {
            "type": "scatter",
            "mode": "markers",
            "x": [None],
            "y": [None],
            "name": label(truncated(server, 30)),
            "marker": {"symbol": "square", "size": 12, "color": server_color(position)},
        }


def _map(series: Series, found: Grid, server: str, shown: Metric) -> View:
    told = {
        p.number: value
        for p in found.cells.values()
        if (value := series.estimate(p.number, server, shown.name).value) is not None
    }
    unit = unit_for(shown, max(told.values(), default=None))
    log = shown.kind == "duration" and is_steep(list(told.values()))
    sized = {number: value / unit.size for number, value in told.items()}
    texts = {number: show_value(value, shown.kind, 2) for number, value in told.items()}
    hover = {
        number: f"point {number}<br>{shown.title} {show_value(value, shown.kind)}"
        for number, value in told.items()
    }
    written = len(found.cells) <= _MOST_WRITTEN
    trace = {
        "type": "heatmap",
        "z": found.matrix({n: _rank(sized, n) for n in sized} if log else sized),
        "colorscale": _SCALE,
        "showscale": not log,
        "colorbar": {"title": {"text": unit.name}, "thickness": 12},
        "xgap": 2,
        "ygap": 2,
        "customdata": found.matrix(hover),
        "hovertemplate": "%{customdata}<extra></extra>",
        "hoverongaps": False,
        **({"text": found.matrix(texts, ""), "texttemplate": "%{text}"} if written else {}),
    }
    return View(f"{shown.title}: {truncated(server, 40)}", [trace], _layout(series, found))


def _rank(sized: dict[int, float], number: int) -> float:
    """Return where a value lies between the least and the most, by ratio."""
    from math import log

    low, high = min(sized.values()), max(sized.values())
    return log(sized[number] / low) / log(high / low) if high > low else 0.0


def _layout(series: Series, found: Grid) -> dict[str, Any]:
    first, second = series.result.plan.parameters

    def axis(name: str, texts: Sequence[str]) -> dict[str, Any]:
        return {
            "title": {"text": label(name)},
            "tickvals": list(range(len(texts))),
            "ticktext": [label(truncated(text, 20)) for text in texts],
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
            "range": [-0.5, len(texts) - 0.5],
        }

    return layout(
        _FRAME + _ROW * max(len(found.rows), 4),
        xaxis=axis(title(first), found.columns),
        yaxis=axis(title(second), found.rows),
    )


def _range_in_words(series: Series, metrics: Sequence[Metric]) -> str:
    """Return the least and the most of the first metric, with where they are."""
    shown = next((m for m in metrics if m.name == MEAN), metrics[0])
    told = [
        (value, point, server)
        for point in series.result.done
        for server in series.result.servers
        if (value := series.estimate(point.number, server, shown.name).value) is not None
    ]
    if not told:
        return "no figures"
    ends = (min(told, key=lambda each: each[0]), max(told, key=lambda each: each[0]))
    parameters = series.result.plan.parameters
    return f"{shown.title}: " + "; ".join(
        f"{show_value(value, shown.kind)} of {clean(server)} at {place(point, parameters)}"
        for value, point, server in ends
    )
