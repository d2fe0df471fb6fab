"""The pages of searches and selections: what stands where, filled into the template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from simsched import __version__
from simsched.report.html.figure import Figure, embed
from simsched.report.html.library import PlotlyJs
from simsched.report.html.templates import environment, scripts
from simsched.report.search import choice, standings
from simsched.report.search.figure import figures
from simsched.report.search.outcome import Capacity
from simsched.report.search.rows import best_rows, rows, trial_rows


def render(
    found: Capacity, scenario_text: str, command: str, plotlyjs: PlotlyJs = PlotlyJs.INLINE
) -> str:
    """Return the page of *found*: one document with all it needs, always the same bytes.

    *scenario_text* is the resolved scenario in YAML, and *command* what repeats the search on it.
    """
    run = found.scenario.run
    confidence = f"{100 * run.confidence:g} %"
    limits = tuple(dict.fromkeys(each.limits for each in found.answers))
    return _filled(
        {
            "title": f"Capacity of {found.scenario.name}",
            "meta": ("; ".join(limits), f"{confidence} intervals", f"seed {run.seed}"),
            "description": found.scenario.description,
            "sentences": found.sentences,
            "warnings": found.warnings,
            "table": rows(found),
            "table_title": "Servers",
            "table_note": (
                f"Brackets are {confidence} intervals: the values at which the limit lies within "
                "the metric's own interval, so that the evidence tells neither that it is kept nor "
                "that it is missed."
            ),
            "trials": {each.server: trial_rows(each) for each in found.answers},
            "file": "scenario.yaml",
            "text": scenario_text,
            "links": ("scenario.yaml", "capacity.json", "capacity.csv"),
            "command": command,
        },
        figures(found),
        plotlyjs,
    )


def render_choice(told: choice.Choice, command: str, plotlyjs: PlotlyJs = PlotlyJs.INLINE) -> str:
    """Return the page of the best of several designs; *command* is what repeats the selection."""
    aimed, asked = told.found.aimed, told.asked
    return _filled(
        {
            "title": f"The best of {asked.name}",
            "meta": (
                f"{aimed.aim} {aimed.metric.text}",
                f"{100 * aimed.confidence:g} % probability of correct selection",
            ),
            "description": asked.description,
            "sentences": choice.sentences(told.found),
            "warnings": choice.warnings(told.found),
            "table": best_rows(told.found),
            "table_title": "Designs",
            "table_note": (
                "Means are over the replications that each design got. Differences are intervals "
                "of how much more it has than the first, over the replications that both have, "
                "adjusted for the number of designs and of rounds."
            ),
            "trials": {},
            "file": asked.file,
            "text": asked.text,
            "links": (asked.file, "best.json", "best.csv"),
            "command": command,
        },
        standings.figures(told.found),
        plotlyjs,
    )


def _filled(context: Mapping[str, Any], drawn: tuple[Figure, ...], plotlyjs: PlotlyJs) -> str:
    from markupsafe import Markup

    templates = environment()
    drawing = templates.get_template("report.js").render()
    shown = {
        "figures": drawn,
        "figures_json": Markup(embed(_views(drawn))),  # noqa: S704  # escaped by embed
        "version": __version__,
    }
    return templates.get_template("capacity.html.j2").render(
        {**context, **shown, **scripts(plotlyjs, drawing)}
    )


def _views(drawn: tuple[Figure, ...]) -> Mapping[str, Any]:
    return {figure.id: [asdict(view) for view in figure.views] for figure in drawn}
