"""The findings of ``simsched best``: the designs in order, as a table and as files."""

from __future__ import annotations

import shlex
from dataclasses import asdict, fields
from typing import Any

from simsched.experiment.search.best import Fate, Selection, Standing
from simsched.experiment.sweep.plan import Plan
from simsched.report.document import Document, Row
from simsched.report.search import sentences
from simsched.report.search.figure import standings
from simsched.report.search.findings import Findings, to_csv
from simsched.report.sweep.points import sweep_text
from simsched.report.text import clean
from simsched.scenario import Scenario
from simsched.scenario.dumping import dump
from simsched.scenario.number_format import ABSENT, Kind, show_value
from simsched.statistics.words.numbers import counted, percent

OPEN = 4
"""The exit code where no design is selected."""

_MOST_LEFT_OUT = 5


def findings(compared: Plan | Scenario, found: Selection) -> Findings:
    """Return the findings on the points of a sweep, or on the servers of a scenario."""
    if isinstance(compared, Plan):
        source = ("sweep.yaml", sweep_text(compared))
    else:
        source = ("scenario.yaml", dump(compared))
    criterion = found.criterion
    goal = f"{criterion.aim} {criterion.metric.text}"
    document = _document(clean(f"{compared.name}: {goal}"), found)
    return Findings(
        kind="best",
        name=compared.name,
        title=f"The best of {compared.name}",
        meta=(goal, f"{percent(criterion.confidence)} probability of correct selection"),
        description=compared.description,
        document=document,
        table_title="Designs",
        table_note=(
            "Means are over the replications that each design got. Differences are intervals of "
            "how much more it has than the first, over the replications that both have, adjusted "
            "for the number of designs and of rounds."
        ),
        figures=standings(found),
        source=source,
        command=_command(source[0], found),
        summary=_summary(compared.name, document, found),
        csv=to_csv(
            [each.name for each in fields(Standing)],
            ([getattr(each, name.name) for name in fields(each)] for each in found.standings),
        ),
        exit_code=0 if found.best is not None else OPEN,
        is_interrupted=found.is_interrupted,
    )


def _document(heading: str, found: Selection) -> Document:
    left_out = [each for each in found.standings if each.fate == "left out"]
    warnings = [f"{each.name} is left out: {each.note}" for each in left_out[:_MOST_LEFT_OUT]]
    if more := len(left_out) - len(warnings):
        warnings.append(f"{counted(more, 'other design')} left out; best.json has the reasons")
    head = ("", found.criterion.metric.text, "difference", "replications", "")
    kind = found.criterion.metric.kind
    return Document(
        heading=heading,
        sentences=tuple(map(clean, sentences.selection(found))),
        table=(head, *(_row(each, kind) for each in found.standings)),
        warnings=tuple(map(clean, warnings)),
    )


_FATES: dict[Fate, str] = {
    "selected": "best",
    "tied": "as good",
    "undecided": "undecided",
    "out": "worse",
    "left out": "left out",
}


def _row(standing: Standing, kind: Kind) -> Row:
    mean = ABSENT if standing.mean is None else show_value(standing.mean, kind)
    return (
        clean(standing.name),
        mean,
        _difference(standing, kind),
        f"{standing.replications:,}",
        _FATES[standing.fate],
    )


def _difference(standing: Standing, kind: Kind) -> str:
    """Return the interval of the difference from the first design, each end with its sign."""
    if standing.low is None or standing.high is None:
        return ABSENT
    if standing.low == standing.high == 0:
        return "none"
    # A sign on both ends shows at a glance whether the interval includes 0.
    ends = (f"{'+' * (end > 0)}{show_value(end, kind)}" for end in (standing.low, standing.high))
    return " to ".join(ends)


def _command(file: str, found: Selection) -> str:
    """Return the command that repeats the selection."""
    criterion = found.criterion
    # A relative zone is given as it was asked for: its value depends on what was found.
    zone = f"{100 * criterion.zone:g}%" if criterion.is_relative else sentences.zone(found)
    return (
        f"simsched best {file} --metric {criterion.metric.text} --{criterion.aim} "
        f"--confidence {100 * criterion.confidence:g}% --indifference {shlex.quote(zone)} "
        f"--at-most {criterion.at_most}"
    )


def _summary(name: str, document: Document, found: Selection) -> dict[str, Any]:
    """Return what ``best.json`` holds; durations are in seconds, rates per second."""
    return {
        "kind": "selection",
        "scenario": name,
        "metric": found.criterion.metric.name,
        "aim": found.criterion.aim,
        "confidence": found.criterion.confidence,
        "indifference": found.zone,
        "best": None if found.best is None else found.best.name,
        "simulations": found.replications,
        "verdicts": list(document.sentences),
        "warnings": list(document.warnings),
        "designs": [asdict(each) for each in found.standings],
    }
