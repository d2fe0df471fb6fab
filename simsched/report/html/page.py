"""The page as a whole: what stands where, filled into the template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simsched.experiment.result import Result
from simsched.report.comparison import heading, rows
from simsched.report.html.figure import Figure, embed
from simsched.report.html.metrics_figure import response_figure, throughput_figure
from simsched.report.html.timeline_figure import timeline_figure
from simsched.report.verdict import verdict

if TYPE_CHECKING:
    from jinja2 import Environment


def render(result: Result, scenario_texts: Mapping[str, str]) -> str:
    """Return the page for *result*: one document with all it needs, always the same bytes.

    ``scenario_texts`` holds the resolved scenarios in YAML by name, to repeat the run from.
    """
    template = _environment().get_template("report.html.j2")
    return template.render(_context(result, scenario_texts))


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("simsched.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _context(result: Result, scenario_texts: Mapping[str, str]) -> dict[str, Any]:
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs  # type: ignore[import-untyped]  # it carries no types

    figures = _figures(result)
    return {
        "result": result,
        "heading": heading(result),
        "verdict": verdict(result),
        "comparison": rows(result),
        "figures": {figure.id: figure for figure in figures},
        "figures_json": Markup(embed({f.id: _drawn(f) for f in figures})),  # noqa: S704  # escaped by embed
        "plotlyjs": Markup(get_plotlyjs()),  # noqa: S704  # the library's own script
        "scenarios": scenario_texts,
    }


def _figures(result: Result) -> list[Figure]:
    return [timeline_figure(result), throughput_figure(result), response_figure(result)]


def _drawn(figure: Figure) -> dict[str, Any]:
    return {"data": figure.data, "layout": figure.layout}
