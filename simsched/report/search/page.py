"""The page of a search: what stands where, filled into the template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from simsched import __version__
from simsched.report.html.figure import Figure, embed
from simsched.report.html.library import PlotlyJs
from simsched.report.html.templates import environment, scripts
from simsched.report.search.figure import figures
from simsched.report.search.outcome import Capacity
from simsched.report.search.rows import rows, trial_rows

DATA_FILES = ("scenario.yaml", "capacity.json", "capacity.csv")
"""What lies beside the page."""


def render(
    found: Capacity, scenario_text: str, command: str, plotlyjs: PlotlyJs = PlotlyJs.INLINE
) -> str:
    """Return the page of *found*: one document with all it needs, always the same bytes.

    *scenario_text* is the resolved scenario in YAML, and *command* what repeats the search on it.
    """
    templates = environment()
    drawing = templates.get_template("report.js").render()
    return templates.get_template("capacity.html.j2").render(
        _context(found, scenario_text, command) | scripts(plotlyjs, drawing)
    )


def _context(found: Capacity, scenario_text: str, command: str) -> dict[str, Any]:
    from markupsafe import Markup

    drawn = figures(found)
    return {
        "found": found,
        "title": f"Capacity of {found.scenario.name}",
        "limits": tuple(dict.fromkeys(each.limits for each in found.answers)),
        "table": rows(found),
        "trials": {each.server: trial_rows(each) for each in found.answers},
        "figures": drawn,
        "figures_json": Markup(embed(_views(drawn))),  # noqa: S704  # escaped by embed
        "links": DATA_FILES,
        "command": command,
        "scenario_text": scenario_text,
        "confidence": f"{100 * found.scenario.run.confidence:g} %",
        "version": __version__,
    }


def _views(drawn: tuple[Figure, ...]) -> Mapping[str, Any]:
    return {figure.id: [asdict(view) for view in figure.views] for figure in drawn}
