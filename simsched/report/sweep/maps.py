"""Two parameters: the fastest server, the objectives, and every figure as a map."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from simsched.experiment.sweep.plan import Point
from simsched.experiment.sweep.result import SweepResult
from simsched.report.html.figure import Figure, View, label
from simsched.report.html.palette import NEUTRAL, server_color
from simsched.report.sweep.axes import is_steep
from simsched.report.sweep.grid import HATCH, Grid, grid, keys, outlined
from simsched.report.sweep.objective_maps import cheapest_map, objectives_map
from simsched.report.sweep.points import mean_first, place
from simsched.report.text import clean, truncated
from simsched.scenario.file.wording import counted
from simsched.scenario.metrics import Metric
from simsched.scenario.number_format import show_value
from simsched.statistics.words.numbers import unit_of


def maps(
    result: SweepResult, metrics: Sequence[Metric], shown: Sequence[Point] | None = None
) -> Iterator[Figure]:
    """Yield the figures of a sweep over two parameters, or of the points *shown* of more."""
    found = grid(result.plan.parameters, result.done, result.done if shown is None else shown)
    if len(result.servers) > 1:
        yield _fastest(result, found)
    if result.objectives:
        yield objectives_map(result, found)
        yield cheapest_map(result, found)
    first, *others = mean_first(metrics)
    yield Figure(
        id="map",
        title="Every figure as a map",
        alt=_range_in_words(result, found, first),
        views=tuple(
            _map(result, found, server, metric)
            for metric in (first, *others)
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
    colors = {server: server_color(position) for position, server in enumerate(servers)}
    positions = {n: servers.index(one) for n, one in fastest.items() if one is not None}
    traces = [
        found.classes(positions, [*colors.values()])
        | {"text": found.matrix(hover), "hoverinfo": "text"},
        *outlined(close, "too close to call", fillpattern=HATCH),
        *outlined(overloaded, "all overloaded", fillcolor=f"{NEUTRAL}66"),
        *keys(colors),
    ]
    counts = {server: list(fastest.values()).count(server) for server in servers}
    said = [f"{clean(server)} at {counted(n, 'point')}" for server, n in counts.items()]
    said += [f"all overloaded at {len(overloaded)}", f"too close to call at {len(close)}"]
    return Figure(
        id="winners",
        title="Fastest server",
        alt="; ".join(said),
        views=(View("", traces, found.layout()),),
        lede=(
            "By mean response time. Hatched: too close to call. Grey: all servers are overloaded."
        ),
    )


def _map(result: SweepResult, found: Grid, server: str, metric: Metric) -> View:
    # The scale is that of all points, so that a colour means the same beside every slider.
    known = {
        p.number: value
        for p in result.done
        if (value := result.estimate(p.number, server, metric.name).value) is not None
    }
    unit = unit_of(max(known.values(), default=None) or 1.0, metric.kind)
    log = metric.kind == "duration" and is_steep(list(known.values()))
    shades = {n: math.log(v) if log else v / unit.size for n, v in known.items()}
    texts = {number: show_value(value, metric.kind, 2) for number, value in known.items()}
    numbers = [point.number for point in found.cells.values()]
    said = {n: f"{metric.title} {show_value(known.get(n), metric.kind)}" for n in numbers}
    trace = {
        **found.heatmap(shades),
        "zmin": min(shades.values(), default=0.0),
        "zmax": max(shades.values(), default=1.0),
        "colorscale": "Cividis",
        # The scale of a logarithmic map would show logarithms: its cells have the values instead.
        "showscale": not log,
        "colorbar": {"title": {"text": unit.name}, "thickness": 12},
        **found.hover({n: f"point {n}<br>{text}" for n, text in said.items()}),
        **found.written(texts),
    }
    return View(f"{metric.title}: {truncated(server, 40)}", [trace], found.layout())


def _range_in_words(result: SweepResult, found: Grid, metric: Metric) -> str:
    """Return the least and the greatest value of *metric*, with their points."""
    known = [
        (value, point.number, server)
        for point in found.cells.values()
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
