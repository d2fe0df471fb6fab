"""The pages of searches and selections: what stands where, filled into the template."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from simsched import __version__
from simsched.experiment.search.best import describe_zone
from simsched.report.html.figure import Figure, embed
from simsched.report.html.templates import PlotlyJs, environment, scripts
from simsched.report.search import choice, standings
from simsched.report.search.capacity import Capacity, rows, trial_rows
from simsched.report.search.figure import figures


def render(found: Capacity, scenario_text: str, plotlyjs: PlotlyJs = PlotlyJs.INLINE) -> str:
    """Return the page of *found*: one document with all it needs, always the same bytes.

    *scenario_text* is the resolved scenario in YAML.
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
            "command": _command(found),
        },
        figures(found),
        plotlyjs,
    )


def render_choice(told: choice.Choice, plotlyjs: PlotlyJs = PlotlyJs.INLINE) -> str:
    """Return the page of the best of several designs."""
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
            "table": choice.best_rows(told.found),
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
            "command": _choice_command(told),
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


def _command(found: Capacity) -> str:
    """Return what repeats the search in its folder, where the scenario has seed and limits."""
    answer = found.answers[0]
    path = answer.parameter.path
    varied = "" if answer.parameter.is_load else f" --for {shlex.quote(path)}"
    return f"simsched capacity scenario.yaml{varied} --relative {100 * answer.relative:g}%"


def _choice_command(told: choice.Choice) -> str:
    """Return what repeats the selection in its folder."""
    aimed = told.found.aimed
    zone = f"{100 * aimed.zone:g}%" if aimed.is_relative else describe_zone(told.found)
    return (
        f"simsched best {told.asked.file} --metric {aimed.metric.text} --{aimed.aim} "
        f"--confidence {100 * aimed.confidence:g}% --indifference {shlex.quote(zone)} "
        f"--at-most {aimed.at_most}"
    )
