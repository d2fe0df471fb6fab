"""What a search found, for programs: JSON and CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from io import StringIO
from typing import Any

from simsched.experiment.search.answer import Answer
from simsched.experiment.search.best import Standing
from simsched.experiment.search.parameter import Parameter
from simsched.experiment.search.trial import Reading, Trial
from simsched.report.search.capacity import Capacity
from simsched.report.search.choice import Choice, sentences
from simsched.report.search.sentences import sentence
from simsched.report.summary import ends, finite
from simsched.statistics.estimate import Estimate
from simsched.units import SECOND

COLUMNS = (
    "server",
    "parameter",
    "value",
    "replications",
    "requests",
    "verdict",
    "metric",
    "measured",
    "low",
    "high",
    "limit",
    "formula",
)
"""The columns of ``capacity.csv``: a row for each server, value that was tried, and metric."""


def capacity(found: Capacity) -> dict[str, Any]:
    """Return what ``capacity.json`` holds; durations are in seconds, rates per second."""
    return {
        "kind": "capacity",
        "scenario": found.scenario.name,
        "seed": found.scenario.run.seed,
        "confidence": found.scenario.run.confidence,
        "verdicts": list(found.sentences),
        "warnings": list(found.warnings),
        "servers": {each.server: _answer(each) for each in found.answers},
    }


def _answer(answer: Answer) -> dict[str, Any]:
    scale = _scale(answer.parameter)
    ends = (answer.boundary.value, answer.boundary.low, answer.boundary.high)
    value, low, high = (None if end is None else end / scale for end in ends)
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
        "metrics": {r.objective.limit.metric.name: _reading(r) for r in trial.readings},
    }


def _reading(reading: Reading) -> dict[str, Any]:
    formula = {} if reading.formula is None else {"formula": finite(reading.formula)}
    return _estimate(reading.figure) | {"limit": reading.objective.limit.value} | formula


def _estimate(estimate: Estimate) -> dict[str, Any]:
    missing = estimate.value is None and estimate.reason is not None
    return ends(estimate) | ({"reason": estimate.reason} if missing else {})


def _scale(parameter: Parameter) -> float:
    """Return what a value is divided by for a program: durations are kept in nanoseconds."""
    return float(SECOND) if parameter.kind == "duration" else 1.0


def selection(told: Choice) -> dict[str, Any]:
    """Return what ``best.json`` holds; durations are in seconds, rates per second."""
    found = told.found
    return {
        "kind": "selection",
        "scenario": told.asked.name,
        "metric": found.aimed.metric.name,
        "aim": found.aimed.aim,
        "confidence": found.aimed.confidence,
        "indifference": found.zone,
        "best": None if found.best is None else found.best.name,
        "simulations": found.replications,
        "verdicts": list(sentences(found)),
        "warnings": [],
        "designs": [asdict(each) for each in found.standings],
    }


def to_csv(found: Capacity) -> str:
    """Return ``capacity.csv``, empty where there is no figure."""
    return _csv(
        COLUMNS,
        (
            _csv_row(answer, trial, each)
            for answer in found.answers
            for trial in answer.trials
            for each in trial.readings
        ),
    )


def designs_to_csv(told: Choice) -> str:
    """Return ``best.csv``: a row for each design, the best first."""
    names = [each.name for each in fields(Standing)]
    rows = (tuple(getattr(each, name) for name in names) for each in told.found.standings)
    return _csv(names, rows)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def _csv_row(answer: Answer, trial: Trial, reading: Reading) -> tuple[Any, ...]:
    figure = reading.figure
    return (
        answer.server,
        answer.parameter.path,
        trial.value / _scale(answer.parameter),
        trial.replications,
        trial.requests,
        trial.verdict,
        reading.objective.limit.metric.name,
        *map(finite, (figure.value, figure.low, figure.high)),
        reading.objective.limit.value,
        finite(reading.formula),
    )
