"""What a selection seeks: a metric, which way it is better, and the difference that matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simsched.errors import InputError
from simsched.scenario.metrics import METRICS, Metric, parse_share, parse_value

AT_MOST = 1000
"""The most replications of one design unless asked otherwise."""

Aim = Literal["minimize", "maximize"]


@dataclass(frozen=True, slots=True)
class Aimed:
    """What is sought.

    Attributes:
        metric: what the designs are compared by: its mean over replications.
        aim: whether less or more of it is better.
        confidence: the probability of a correct selection.
        zone: the difference that matters: in the metric's unit, or, where it is ``is_relative``, a
            share of the best mean.
        at_most: the most replications of one design.
    """

    metric: Metric
    aim: Aim
    confidence: float = 0.95
    zone: float = 0.05
    is_relative: bool = True
    at_most: int = AT_MOST


def default_aim(metric: Metric) -> Aim | None:
    """Return which way *metric* is better; None where neither way is."""
    match metric.better:
        case "higher":
            return "maximize"
        case "lower":
            return "minimize"
        case None:
            return None


def parse_zone(text: str, metric: Metric) -> tuple[float, bool]:
    """Return the indifference zone that *text* names, and whether it is relative: ``1%``, ``5ms``.

    Raises:
        InputError: it is neither a share nor a value of the metric's kind, or is not positive.
    """
    try:
        is_relative = text.rstrip().endswith("%") and metric.kind != "share"
        zone = parse_share(text) if is_relative else parse_value(text, metric.kind)
    except ValueError as error:
        raise InputError(f"--indifference: {error}; or write a share, such as 1%") from None
    if zone <= 0:
        raise InputError(f"--indifference {text}: a difference that matters is more than 0")
    return zone, is_relative


def check_metric(metric: Metric) -> None:
    """Refuse a *metric* of which a replication has no mean.

    Raises:
        InputError: it is a maximum, or of a kind that is not observed replication by replication.
    """
    quantile = metric.quantile is not None and metric.part is None
    if metric.name.endswith((".max", ".largest_displacement")):
        raise InputError(
            f"--metric {metric.text}: a maximum grows with the length of a run, so it compares "
            "nothing; take a quantile, such as response_time.p99.9"
        )
    if not (metric.text in METRICS or quantile):
        raise InputError(f"--metric {metric.text}: designs are not compared by this")
