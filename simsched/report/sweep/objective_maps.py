"""Maps of the objectives: where they are kept, and the cheapest server that keeps them there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simsched.experiment.sweep.objectives import (
    Cheapest,
    cheapest,
    cheapest_by_point,
    designs,
    is_of_design,
)
from simsched.experiment.sweep.result import SweepResult
from simsched.report.html.figure import Figure, View, label
from simsched.report.html.palette import INK, NEUTRAL, OUTCOME_COLORS, server_color
from simsched.report.sweep.grid import Grid, keys, outlined
from simsched.report.sweep.points import OUTCOMES, standing_of
from simsched.report.text import clean, truncated
from simsched.scenario.file.wording import counted
from simsched.statistics.slo import Outcome

_STAR = "\N{BLACK STAR}"
_MOST_NAMED = 12


def objectives_map(result: SweepResult, found: Grid) -> Figure:
    """Return a map for each server of where it keeps all objectives."""
    shown = {point.number for point in found.cells.values()}
    by_server: dict[str, dict[int, Outcome]] = {}
    for each in designs(result):
        own = by_server.setdefault(each.server, {})
        if each.point.number in shown:
            own[each.point.number] = each.outcome
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
    trace = found.classes(
        {n: order.index(one) for n, one in own.items()}, [*OUTCOME_COLORS.values()]
    )
    words = found.written({number: OUTCOMES[one] for number, one in own.items()})
    return View(truncated(server, 40), [trace | words | found.hover(hover)], found.layout())


def cheapest_map(result: SweepResult, found: Grid) -> Figure:
    """Return the map of the cheapest server that keeps all objectives, with its cost."""
    by_point = cheapest_by_point(result)
    own = {
        point.number: by_point[point.number]
        for point in found.cells.values()
        if point.number in by_point
    }
    is_load = any(not is_of_design(each.name) for each in result.plan.parameters)
    of = "for its load" if is_load else "of all"
    stars = {each.point.number for one in cheapest(result) for each in one.designs}
    kept = {n: one for n, one in own.items() if one.designs}
    is_open = [n for n, one in own.items() if not one.designs and one.unsettled]
    best = [n for n in kept if n in stars]
    counts = [
        f"{counted(len(kept), 'point')} with a server that keeps all objectives",
        f"{len(is_open)} open",
        *(f"{_STAR} point {n}: {_named(kept[n])}" for n in best[:_MOST_NAMED]),
        *(
            [f"{_STAR} {counted(more, 'more point')}"]
            if (more := len(best) - _MOST_NAMED) > 0
            else []
        ),
    ]
    return Figure(
        id="cheapest",
        title="Cheapest design that keeps the objectives",
        alt="; ".join(counts),
        views=(View("", _costs(result, found, own, stars), found.layout()),),
        lede="The cost of the cheapest server that keeps every objective at a point. "
        f"{_STAR}: the cheapest {of}. Empty: no server keeps them.",
    )


def _costs(
    result: SweepResult, found: Grid, own: Mapping[int, Cheapest], stars: set[int]
) -> list[dict[str, Any]]:
    servers = result.servers
    kept = {n: one.designs for n, one in own.items() if one.designs}
    tied = len(servers)
    classes = {n: servers.index(d[0].server) if len(d) == 1 else tied for n, d in kept.items()}
    texts = {n: f"{_STAR} " * (n in stars) + f"{d[0].cost:g}" for n, d in kept.items()}
    hover = {n: f"point {n}<br>{label(_in_words(one))}" for n, one in own.items()}
    looks = {server: server_color(position) for position, server in enumerate(servers)}
    legend = looks if len(servers) > 1 else {}
    if tied in classes.values():
        legend = legend | {"servers tie": INK}
    is_open = [n for n, one in own.items() if not one.designs and one.unsettled]
    return [
        found.classes(classes, [*looks.values(), INK]) | found.written(texts) | found.hover(hover),
        *outlined(found.where(is_open), OUTCOMES["inconclusive"], fillcolor=f"{NEUTRAL}66"),
        *keys(legend),
    ]


def _in_words(one: Cheapest) -> str:
    """Return the cheapest of a point, as below the pointer."""
    if one.designs:
        doubt = f"; {counted(len(one.unsettled), 'cheaper one')} open" if one.unsettled else ""
        return f"{_named(one)}{doubt}"
    return OUTCOMES["inconclusive" if one.unsettled else "fail"]


def _named(one: Cheapest) -> str:
    names = " and ".join(dict.fromkeys(truncated(each.server, 40) for each in one.designs))
    return f"{names}: cost {one.designs[0].cost:g}"
