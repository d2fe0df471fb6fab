"""The page of a sweep: what stands where, filled into the template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from simsched import __version__
from simsched.experiment.sweep.result import SweepResult
from simsched.experiment.sweep.series import Series
from simsched.report.html.figure import Figure, embed
from simsched.report.html.templates import PlotlyJs, environment, scripts
from simsched.report.sweep.curves import curves
from simsched.report.sweep.many import many
from simsched.report.sweep.maps import maps
from simsched.report.sweep.rows import points, shown_metrics, table
from simsched.report.sweep.shown import place, sweep_text
from simsched.report.sweep.summary import warnings
from simsched.report.sweep.verdict import verdict
from simsched.scenario.metrics import Metric
from simsched.statistics.words.numbers import counted

DATA_FILES = ("sweep.parquet", "sweep.csv", "sweep.yaml", "scenario.yaml", "summary.json")
"""What lies beside the page."""

_MOST_SHOWN = 200_000
"""The sweep's file is shown on the page where it has at most so many characters."""


def render(result: SweepResult, plotlyjs: PlotlyJs = PlotlyJs.INLINE) -> str:
    """Return the page of *result*: one document with all it needs, always the same bytes."""
    templates = environment()
    drawing = templates.get_template("sweep.js").render()
    return templates.get_template("sweep.html.j2").render(
        _context(result) | scripts(plotlyjs, drawing)
    )


def _context(result: SweepResult) -> dict[str, Any]:
    from markupsafe import Markup

    series = Series(result)
    metrics = shown_metrics(series)
    charts = tuple(_charts(series, metrics)) if metrics else ()
    data = {
        "figures": {chart.id: [asdict(view) for view in chart.views] for chart in charts},
        "table": table(series, metrics),
        "points": points(series, metrics),
    }
    text = sweep_text(result.plan)
    return {
        "plan": result.plan,
        "counts": _counts(result),
        "verdict": verdict(result),
        "warnings": tuple(warnings(result)),
        "charts": charts,
        "data": Markup(embed(data)),  # noqa: S704  # escaped by embed
        "rows": len(data["table"]["rows"]),
        "failures": [
            (number, place(result.plan.points[number - 1], result.plan.parameters), error)
            for number, error in result.failures.items()
        ],
        "links": DATA_FILES,
        "text": text if len(text) <= _MOST_SHOWN else "",
        "version": __version__,
    }


def _counts(result: SweepResult) -> str:
    """Return how large the sweep is, in a line."""
    found = {one.replications for one in result.records.values()}
    ends = sorted({min(found), max(found)}) if found else []
    times = " to ".join(map(str, ends))
    noun = "replication" if ends == [1] else "replications"
    told = [counted(len(result.plan.points), "point"), counted(len(result.servers), "server")]
    return " · ".join([*told, *([f"{times} {noun} each"] if ends else [])])


def _charts(series: Series, metrics: Sequence[Metric]) -> Iterator[Figure]:
    """Yield the figures that suit the number of parameters."""
    count = len(series.result.plan.parameters)
    kinds = {1: curves, 2: maps}
    yield from kinds.get(count, many)(series, metrics)
