"""The findings of ``simsched capacity``: the answers of all servers, as tables and as files."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from simsched.experiment.search.parameter import Parameter
from simsched.experiment.search.question import Answer, Status
from simsched.experiment.search.trial import Trial
from simsched.report.document import Document, Row
from simsched.report.search.figure import curves
from simsched.report.search.findings import Findings, to_csv
from simsched.report.search.sentences import boundary, sentence
from simsched.report.summary import ends, finite
from simsched.report.text import clean
from simsched.scenario.dumping import dump
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.number_format import ABSENT
from simsched.statistics.estimate import Estimate
from simsched.statistics.words.numbers import percent, show
from simsched.units import SECOND

MISSED = 3
"""The exit code where a server keeps the limits at no value."""

OPEN = 4
"""The exit code where an answer is less precise than asked."""

COLUMNS = (
    *("server", "parameter", "value", "replications", "requests", "verdict"),
    *("metric", "measured", "low", "high", "limit"),
)
"""The columns of ``capacity.csv``: a row for each server, value that was tried, and metric."""


def findings(scenario: Scenario, answers: Sequence[Answer]) -> Findings:
    """Return the findings on *scenario*: the *answers* of its servers, in their order."""
    found = _document(scenario, answers)
    confidence = percent(scenario.run.confidence)
    # Servers may have limits of their own; usually they share them.
    limits = dict.fromkeys(each.limits for each in answers)
    return Findings(
        kind="capacity",
        name=scenario.name,
        title=f"Capacity of {scenario.name}",
        meta=("; ".join(limits), f"{confidence} intervals", f"seed {scenario.run.seed}"),
        description=scenario.description,
        document=found,
        table_title="Servers",
        table_note=(
            f"Brackets are {confidence} intervals: the values at which the limit lies within "
            "the metric's own interval, so that the evidence shows neither that it is kept nor "
            "that it is missed."
        ),
        trials={each.server: _trials(each) for each in answers},
        figures=curves(answers),
        source=("scenario.yaml", dump(scenario)),
        command=_command(answers[0]),
        summary=_summary(scenario, answers, found),
        csv=to_csv(COLUMNS, _csv_rows(answers)),
        exit_code=_exit_code({each.status for each in answers}),
        is_interrupted=any(each.status == "interrupted" for each in answers),
    )


def _exit_code(statuses: set[Status]) -> int:
    return MISSED if "never" in statuses else OPEN if "open" in statuses else 0


def _command(answer: Answer) -> str:
    """Return the command that repeats the search, as the scenario has the seed and the limits."""
    path = answer.parameter.path
    varied = "" if answer.parameter.is_load else f" --for {shlex.quote(path)}"
    return f"simsched capacity scenario.yaml{varied} --relative {100 * answer.relative:g}%"


def _document(scenario: Scenario, answers: Sequence[Answer]) -> Document:
    limits = {each.parameter.path: each.limits for each in answers}
    asked = "; ".join(f"{path} for {text}" for path, text in limits.items())
    warnings = (clean(warning) for each in answers for warning in each.warnings)
    return Document(
        heading=clean(f"{scenario.name}: {asked}, seed {scenario.run.seed}"),
        sentences=tuple(clean(f"{sentence(each)}.") for each in answers),
        table=_table(answers),
        warnings=tuple(dict.fromkeys(warnings)),
    )


_NOTES: dict[Status, str] = {
    "found": "",
    "open": "less precise than asked",
    "never": "never",
    "always": "always",
    "interrupted": "interrupted",
}


def _table(answers: Sequence[Answer]) -> tuple[Row, ...]:
    """Return a row a server, under a row of titles."""
    has_highest = any(each.highest is not None for each in answers)
    head = ("", "keeps the limits", *(["saturates at"] if has_highest else []), "requests")
    return (head, *(_row(each, has_highest) for each in answers))


def _row(answer: Answer, has_highest: bool) -> Row:
    highest = ABSENT if answer.highest is None else answer.parameter.show(answer.highest)
    if answer.saturates is not None:
        highest = f"{highest} ({answer.saturates})"
    return (
        clean(answer.server),
        _where(answer),
        *([highest] if has_highest else []),
        f"{answer.requests:,}",
    )


def _where(answer: Answer) -> str:
    note = _NOTES[answer.status]
    if answer.boundary.low is None:
        return note or ABSENT
    side = {"below": "up to ", "above": "from ", None: ""}[answer.kept]
    between = "somewhere in " if answer.boundary.value is None else ""
    return f"{side}{between}{boundary(answer)}{f' ({note})' if note else ''}"


def _trials(answer: Answer) -> tuple[Row, ...]:
    """Return a row a value that was tried, under a row of titles."""
    texts = [each.limit.metric.text for each in answer.objectives]
    head = (answer.parameter.path, *texts, "replications", "limits")
    return (head, *(_trial_row(answer.parameter, each) for each in answer.trials))


def _trial_row(parameter: Parameter, trial: Trial) -> Row:
    figures = (show(each.figure, each.objective.limit.metric.kind) for each in trial.readings)
    return parameter.show(trial.value), *figures, f"{trial.replications:,}", trial.verdict


def _summary(scenario: Scenario, answers: Sequence[Answer], found: Document) -> dict[str, Any]:
    """Return what ``capacity.json`` holds; durations are in seconds, rates per second."""
    return {
        "kind": "capacity",
        "scenario": scenario.name,
        "seed": scenario.run.seed,
        "confidence": scenario.run.confidence,
        "verdicts": list(found.sentences),
        "warnings": list(found.warnings),
        "servers": {each.server: _answer(each) for each in answers},
    }


def _answer(answer: Answer) -> dict[str, Any]:
    scale, found = _scale(answer.parameter), answer.boundary
    value, low, high = (
        None if end is None else end / scale for end in (found.value, found.low, found.high)
    )
    return {
        "parameter": answer.parameter.path,
        "limits": [each.text for each in answer.objectives],
        "status": answer.status,
        "kept": answer.kept,
        "value": value,
        "low": low,
        "high": high,
        "relative": answer.relative,
        "highest_rate_per_s": answer.highest,
        **({} if answer.saturates is None else {"saturates": answer.saturates}),
        "replications": answer.replications,
        "requests": answer.requests,
        "sentence": sentence(answer),
        **({} if answer.reason is None else {"reason": answer.reason}),
        "trials": [_trial(each, scale) for each in answer.trials],
    }


def _trial(trial: Trial, scale: float) -> dict[str, Any]:
    return {
        "value": trial.value / scale,
        "replications": trial.replications,
        "requests": trial.requests,
        "verdict": trial.verdict,
        "metrics": {
            each.objective.limit.metric.name: _estimate(each.figure)
            | {"limit": each.objective.limit.value}
            for each in trial.readings
        },
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    missing = estimate.value is None and estimate.reason is not None
    return ends(estimate) | ({"reason": estimate.reason} if missing else {})


def _scale(parameter: Parameter) -> float:
    """Return the divisor of values for programs: durations are held in nanoseconds."""
    return float(SECOND) if parameter.kind == "duration" else 1.0


def _csv_rows(answers: Sequence[Answer]) -> Iterator[tuple[Any, ...]]:
    for answer in answers:
        for trial in answer.trials:
            for each in trial.readings:
                yield (
                    answer.server,
                    answer.parameter.path,
                    trial.value / _scale(answer.parameter),
                    trial.replications,
                    trial.requests,
                    trial.verdict,
                    each.objective.limit.metric.name,
                    *map(finite, (each.figure.value, each.figure.low, each.figure.high)),
                    each.objective.limit.value,
                )
