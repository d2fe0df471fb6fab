"""The page of a sweep: its parts, filled into the template."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from simsched.experiment.sweep.result import SweepResult
from simsched.report.html import templates
from simsched.report.html.figure import Figure
from simsched.report.html.templates import Page, PlotlyJs
from simsched.report.sweep.curves import curves
from simsched.report.sweep.maps import maps
from simsched.report.sweep.parallel import parallel
from simsched.report.sweep.points import (
    details,
    ordered,
    place,
    shown_metrics,
    sweep_text,
    table,
    values,
)
from simsched.report.sweep.summary import warnings
from simsched.report.sweep.verdict import verdict
from simsched.report.text import clean
from simsched.statistics.words.numbers import counted

DATA_FILES = ("sweep.parquet", "sweep.csv", "sweep.yaml", "scenario.yaml", "summary.json")
"""The files beside the page."""

# The sweep's file is shown on the page where it has at most so many characters.
_MOST_SHOWN = 200_000

_IN_SPACE = 3


@dataclass(frozen=True)
class Slider:
    """A third parameter, for each of whose values there are the same maps.

    Attributes:
        name: what the parameter is called.
        path: where it stands in the scenario.
        values: its values.
        figures: the maps at each of them.
    """

    name: str
    path: str
    values: tuple[str, ...]
    figures: tuple[tuple[Figure, ...], ...]


def render(result: SweepResult, plotlyjs: PlotlyJs = PlotlyJs.INLINE) -> str:
    """Return the page of *result*: one document with all it needs, always the same bytes."""
    metrics, slider = shown_metrics(result), slider_of(result)
    charts = figures_of(result)
    data = {
        "figures": templates.views_of(charts),
        "table": table(result, metrics),
        "points": details(result, metrics),
        "paths": {clean(each.title): clean(each.name) for each in result.plan.parameters},
        "slider": _positions(slider) if slider else [],
    }
    failures = [
        (number, place(result.plan.points[number - 1], result.plan.parameters), error)
        for number, error in result.failures.items()
    ]
    return templates.render(
        "sweep", _page(result), data, plotlyjs, slider=slider, charts=charts, failures=failures
    )


def _positions(slider: Slider) -> list[dict[str, Any]]:
    """Return what the page shows for each value of *slider*: the maps, and their words."""
    pairs = zip(slider.values, slider.figures, strict=True)
    return [
        {
            "value": value,
            "figures": templates.views_of(figures),
            "alts": {each.id: each.alt for each in figures},
        }
        for value, figures in pairs
    ]


def _page(result: SweepResult) -> Page:
    plan, text = result.plan, sweep_text(result.plan)
    return Page(
        title=plan.name,
        meta=[f"sweep · {_counts(result)}"],
        descriptions=[plan.description] if plan.description else [],
        headlines=verdict(result),
        notes=plan.notes,
        warnings=tuple(warnings(result)),
        command="simsched sweep sweep.yaml",
        links=DATA_FILES,
        sources={"sweep.yaml": text} if len(text) <= _MOST_SHOWN else {},
    )


def _counts(result: SweepResult) -> str:
    """Return the size of the sweep, on one line."""
    counts = [counted(len(result.plan.points), "point"), counted(len(result.servers), "server")]
    if found := {one.replications for one in result.records.values()}:
        ends = sorted({min(found), max(found)})
        noun = "replication" if ends == [1] else "replications"
        counts.append(f"{' to '.join(map(str, ends))} {noun} each")
    return " · ".join(counts)


def figures_of(result: SweepResult) -> tuple[Figure, ...]:
    """Return the figures that suit the number of parameters."""
    kinds = {1: curves, 2: maps}
    metrics = shown_metrics(result)
    draw = kinds.get(len(result.plan.parameters), parallel)
    return tuple(draw(result, metrics)) if metrics else ()


def slider_of(result: SweepResult) -> Slider | None:
    """Return the maps of a sweep over three parameters, for each value of the third.

    There are none where most cells would be empty, as in a sample.
    """
    metrics, parameters = shown_metrics(result), result.plan.parameters
    if len(parameters) != _IN_SPACE or not metrics:
        return None
    orders = [ordered(result.done, n) for n in range(_IN_SPACE)]
    if len(result.done) * 2 < prod(map(len, orders)):
        return None
    shown = [[p for p in result.done if values(p)[-1] == text] for text in orders[-1]]
    figures = tuple(tuple(maps(result, metrics, points)) for points in shown)
    last = parameters[-1]
    return Slider(clean(last.title), clean(last.name), tuple(orders[-1]), figures)
