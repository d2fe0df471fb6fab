"""What a formula says of a server: its figures, its name and its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simsched.scenario.metrics import parse_metric, show_value

Relation = Literal["=", "<=", ">="]


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric's value by a formula, or (``<=``, ``>=``) a bound on it; durations in seconds."""

    metric: str
    value: float
    relation: Relation = "="


@dataclass(frozen=True, slots=True)
class Known:
    """A model that a scenario matches.

    Attributes:
        server: whose figures these are.
        model: the model's name.
        source: where the formula stands.
        figures: what it says.
    """

    server: str
    model: str
    source: str
    figures: tuple[Figure, ...]

    @property
    def is_bound(self) -> bool:
        """Whether it only bounds what happens."""
        return any(figure.relation != "=" for figure in self.figures)


def describe(known: Known) -> str:
    """Return what *known* says on one line: ``serial: M/M/1: response_time.mean = 100 ms [..]``."""
    figures = ", ".join(_described(figure) for figure in known.figures)
    return f"{known.server}: {known.model}: {figures} [{known.source}]"


def _described(figure: Figure) -> str:
    metric = parse_metric(figure.metric)
    return f"{metric.text} {figure.relation} {show_value(figure.value, metric.kind)}"
