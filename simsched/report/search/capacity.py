"""What ``simsched capacity`` found: the answers of all servers, and their tables."""

from __future__ import annotations

from dataclasses import dataclass

from simsched.experiment.search.answer import Answer
from simsched.experiment.search.trial import Trial
from simsched.report.document import Document, Row
from simsched.report.search.sentences import boundary, sentence
from simsched.report.text import clean
from simsched.scenario.metrics import ABSENT, show_value
from simsched.scenario.model.scenario import Scenario

MISSED = 3
"""The exit code where a server keeps the limits at no value."""

UNTOLD = 4
"""The exit code where an answer is not as narrow as asked."""


@dataclass(frozen=True)
class Capacity:
    """What ``simsched capacity`` found.

    Attributes:
        scenario: what was asked of, with its seed.
        answers: those of the servers that were come to, in their order.
    """

    scenario: Scenario
    answers: tuple[Answer, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, a sentence for each server."""
        return tuple(clean(f"{sentence(each)}.") for each in self.answers)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the runs leave in doubt."""
        found = (clean(warning) for each in self.answers for warning in each.warnings)
        return tuple(dict.fromkeys(found))

    @property
    def is_interrupted(self) -> bool:
        """Whether the search was broken off."""
        return any(each.status == "interrupted" for each in self.answers)

    @property
    def exit_code(self) -> int:
        """What the command line ends with: 3 if a server never keeps the limits, 4 if it is open.

        0 where every answer is as narrow as asked.
        """
        statuses = {each.status for each in self.answers}
        if "never" in statuses:
            return MISSED
        return UNTOLD if "open" in statuses else 0


def document(found: Capacity) -> Document:
    """Return what there is to say of *found*."""
    return Document(
        heading=heading(found),
        sentences=found.sentences,
        table=rows(found),
        warnings=found.warnings,
    )


def heading(found: Capacity) -> str:
    """Return what was searched, and from which seed."""
    what = {each.parameter.path: each.limits for each in found.answers}
    asked = "; ".join(f"{path} for {limits}" for path, limits in what.items())
    return clean(f"{found.scenario.name}: {asked}, seed {found.scenario.run.seed}")


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
