"""What a search found as cells of text, before a terminal, Markdown or a page draws it."""

from __future__ import annotations

from simsched.experiment.search.answer import Answer
from simsched.experiment.search.best import Fate, Selection, Standing
from simsched.experiment.search.trial import Trial
from simsched.report.figures import ABSENT
from simsched.report.search.outcome import Capacity
from simsched.report.search.sentences import boundary
from simsched.report.text import clean
from simsched.scenario.metrics import Kind, show_value

Row = tuple[str, ...]

_WORDS = {
    "told": "",
    "open": "not told as well as asked",
    "never": "never",
    "always": "always",
    "interrupted": "interrupted",
}

_VERDICTS = {"kept": "kept", "missed": "missed", "open": "not told"}


def rows(found: Capacity) -> tuple[Row, ...]:
    """Return a row a server, under a row of titles."""
    has_highest = any(each.highest is not None for each in found.answers)
    head = ["", "keeps the limits", *(["saturates at"] if has_highest else [])]
    return (
        (*head, "requests"),
        *(_row(each, has_highest) for each in found.answers),
    )


def _row(answer: Answer, has_highest: bool) -> Row:
    where = {"below": "up to ", "above": "from ", None: ""}[answer.kept]
    if answer.boundary.value is None:
        where = "up to somewhere in " if answer.kept == "below" else "from somewhere in "
    told = f"{where}{boundary(answer)}" if answer.boundary.low is not None else ABSENT
    note = _WORDS[answer.status]
    cell = note if told == ABSENT and note else f"{told}{f' ({note})' if note else ''}"
    return (
        clean(answer.server),
        cell,
        *([_highest(answer)] if has_highest else []),
        f"{answer.requests:,}",
    )


def _highest(answer: Answer) -> str:
    return ABSENT if answer.highest is None else answer.parameter.show(answer.highest)


def trial_rows(answer: Answer) -> tuple[Row, ...]:
    """Return a row a value that was tried, under a row of titles."""
    texts = [each.limit.metric.text for each in answer.objectives]
    has_formula = any(r.formula is not None for t in answer.trials for r in t.readings)
    head = (answer.parameter.path, *texts, *(["formula"] if has_formula else []))
    return (
        (*head, "replications", "limits"),
        *(_trial_row(answer, each, has_formula) for each in answer.trials),
    )


def _trial_row(answer: Answer, trial: Trial, has_formula: bool) -> Row:
    figures = [
        _figure(reading.figure.value, reading.figure.low, reading.figure.high, kind)
        for reading in trial.readings
        for kind in [reading.objective.limit.metric.kind]
    ]
    formulas = [
        show_value(reading.formula, reading.objective.limit.metric.kind)
        for reading in trial.readings
        if reading.formula is not None
    ]
    return (
        answer.parameter.show(trial.value),
        *figures,
        *([", ".join(formulas) or ABSENT] if has_formula else []),
        f"{trial.replications:,}",
        _VERDICTS[trial.verdict],
    )


def _figure(value: float | None, low: float | None, high: float | None, kind: str) -> str:
    if value is None:
        return ABSENT
    shown = show_value(value, kind)  # type: ignore[arg-type]  # a metric's kind
    if low is None or high is None:
        return shown
    ends = [show_value(end, kind) for end in (low, high)]  # type: ignore[arg-type]  # as above
    return f"{shown} [{ends[0]}, {ends[1]}]"


def best_rows(found: Selection) -> tuple[Row, ...]:
    """Return a row a design, the best first, under a row of titles."""
    head = ("", found.aimed.metric.text, "difference", "replications", "")
    return (head, *(_best_row(found, each) for each in found.standings))


def _best_row(found: Selection, standing: Standing) -> Row:
    mean = standing.mean
    shown = ABSENT if mean is None else show_value(mean, found.aimed.metric.kind)
    return (
        clean(standing.name),
        shown,
        _difference(standing, found.aimed.metric.kind),
        f"{standing.replications:,}",
        _FATES[standing.fate],
    )


def _difference(standing: Standing, kind: Kind) -> str:
    """Return the interval of the difference from the first design, each end with its sign."""
    if standing.low is None or standing.high is None:
        return ABSENT
    if standing.low == standing.high == 0:
        return "none"
    ends = (f"{'+' * (end > 0)}{show_value(end, kind)}" for end in (standing.low, standing.high))
    return " to ".join(ends)


_FATES: dict[Fate, str] = {
    "selected": "best",
    "tied": "as good",
    "undecided": "undecided",
    "out": "worse",
    "left out": "left out",
}
