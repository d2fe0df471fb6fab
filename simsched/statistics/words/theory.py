"""Sentences on formulas: what they say, and how a simulation goes with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simsched.scenario.metrics import Metric
from simsched.scenario.number_format import show_value
from simsched.statistics.words.numbers import counted, percent

WITHIN = "formula within the interval"
OUTSIDE = "formula outside the interval"
LONG_RUNS = "exceeded: a bound for long runs"
BY_CHANCE = "exceeded, as one run by chance may"

_BOUNDS = {"=": "", "<=": "at most ", ">=": "at least "}


def known(server: str, model: str, figures: Iterable[str], source: str, remark: str | None) -> str:
    """Return what a model says of a server: ``serial: M/M/1: slowdown = 2.00 [Kleinrock]``."""
    rest = "" if remark is None else f"; {remark}"
    return f"{server}: {model}: {', '.join(figures)} [{source}]{rest}"


def figure(metric: Metric, relation: str, value: float, request: str | None) -> str:
    """Return a formula's value, of one class of requests if one is named."""
    return f"{of(metric.text, request)} {relation} {show_value(value, metric.kind)}"


def value(metric: Metric, relation: str, figure: float) -> str:
    """Return a formula's value in a table, as in ``at most 20.00/s``."""
    return _BOUNDS[relation] + show_value(figure, metric.kind, 4)


def disagreement(
    server: str, metric: str, shown: Sequence[str], model: str, confidence: float
) -> str:
    """Return that a formula lies outside the interval.

    *shown* are the estimate's value and ends, and the formula's value.
    """
    value, low, high, formula = shown
    return (
        f"{server}: {metric} is {value} ({percent(confidence)} interval {low} to {high}), but "
        f"{model} says {formula}; the run may be too short for its load"
    )


def rounds_made(requests: int) -> str:
    """Return that a formula is for the long run, and how few *requests* each user makes here."""
    return f"for the long run: here each user makes about {counted(requests, 'request')}"


def of(metric: str, request: str | None) -> str:
    """Return the name of a *metric*, of one class of requests if one is named."""
    return metric if request is None else f"{metric} of {request}"
