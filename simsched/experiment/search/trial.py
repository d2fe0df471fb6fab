"""What is known at one value that was tried: whether the limits are kept there, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from simsched.scenario.model.objectives import Limit, parse_limit
from simsched.statistics import losses, run_length, slo, warmup
from simsched.statistics.contender import Contender
from simsched.statistics.estimate import Estimate
from simsched.statistics.slo import Objective
from simsched.statistics.summary import ServerSummary

Verdict = Literal["kept", "missed", "open"]
"""Whether the intervals show that the limits are kept, or that they are missed, or neither."""

Side = Literal["below", "above"]
"""On which side of a boundary the limits are kept."""

HOPELESS = Estimate(-1.0, -1.0, -1.0)
"""The margin of a limit on delays where they have no bound: the limit over infinity, less 1."""

_SCALE_OF_ZERO = 1.0

# Kept beside any limit on delays: a request without an answer is later than any limit.
_ANSWERED = parse_limit(f"{losses.FAILED} <= {losses.MATERIAL}")


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric as it was measured at one value, and the limit on it."""

    objective: Objective
    figure: Estimate


@dataclass(frozen=True, slots=True)
class Trial:
    """What was found at one value.

    Attributes:
        value: what was tried.
        replications: how many there were; 0 where the outcome was known without any.
        requests: how many requests they had together.
        keeps: whether the estimates keep the limits; None if some are missing.
        verdict: whether their intervals show it.
        margin: by how much the limits are kept, of the one that is kept least: positive if it is
            kept.
        readings: the metrics.
        reason: why the limits are missed where no figure shows it, or why a figure is missing.
        warnings: the warnings of the runs.
    """

    value: float
    replications: int
    requests: int
    keeps: bool | None
    verdict: Verdict
    margin: Estimate
    readings: tuple[Reading, ...] = ()
    reason: str | None = None
    warnings: tuple[str, ...] = ()


def hopeless(value: float, reason: str, objectives: Sequence[Objective]) -> Trial:
    """Return the trial of a *value* at which delays have no bound, for *reason*."""
    readings = tuple(Reading(each, Estimate(None, reason=reason)) for each in objectives)
    return Trial(value, 0, 0, False, "missed", HOPELESS, readings, reason)


def margin(limit: Limit, figure: Estimate) -> Estimate:
    """Return by how much *figure* keeps *limit*: positive if it does, with its interval.

    The margin of an upper limit on delays is the ratio of the limit to the delay, less 1. A delay
    in a queue goes with the inverse of the capacity that is left, so this is nearly linear in the
    load, and its spread hardly depends on the load; for M/M/1 it is linear (Kleinrock, Queueing
    Systems 1, 1975, section 3.2; Whitt, Management Science 35 (11), 1989, on heavy traffic).
    """
    if figure.value is None:
        return Estimate(None, reason=figure.reason)
    value = _margin(limit, figure.value)
    if figure.low is None or figure.high is None:
        return Estimate(value, reason=figure.reason)
    low, high = sorted((_margin(limit, figure.low), _margin(limit, figure.high)))
    return Estimate(value, low, high)


def _margin(limit: Limit, value: float) -> float:
    if slo.is_delay(limit):
        return limit.value / value - 1 if value > 0 else float("inf")
    sign = 1 if limit.operator in {"<", "<="} else -1
    return sign * (limit.value - value) / (abs(limit.value) or _SCALE_OF_ZERO)


def _least(margins: Sequence[Estimate]) -> Estimate:
    """Return the margin of all limits together: the least of theirs, end by end."""
    if missing := [each for each in margins if each.value is None]:
        return missing[0]
    # The limits hold together, so the one that is kept least decides at each end.
    value = min(each.value for each in margins if each.value is not None)
    if without := [each for each in margins if each.low is None or each.high is None]:
        return Estimate(value, reason=without[0].reason)
    lows = [each.low for each in margins if each.low is not None]
    highs = [each.high for each in margins if each.high is not None]
    return Estimate(value, min(lows), min(highs))


def judged(
    value: float, contender: Contender, summary: ServerSummary, replications: int, requests: int
) -> Trial:
    """Return what the figures of a server at *value* show of its limits.

    Where a limit is on delays, at most one in a hundred requests may be left without an answer.
    """
    objectives, certain = contender.objectives(), contender.is_certain
    readings = [Reading(each, slo.estimate_of(each, summary, certain)) for each in objectives]
    limits = [(each.objective.limit, each.figure) for each in readings]
    # A server that refuses most requests answers the rest quickly: that keeps no limit on delays.
    limits += [(_ANSWERED, lost) for lost in _lost(objectives, summary)]
    margins = [_exact(margin(*each), certain) for each in limits]
    return Trial(
        value=value,
        replications=replications,
        requests=requests,
        keeps=_keeps(limits),
        verdict=_verdict(limits, certain),
        margin=_least(margins),
        readings=tuple(readings),
        reason=next((f.reason for _, f in limits if f.value is None or f.low is None), None),
        warnings=tuple(_warnings(contender, summary, requests)),
    )


def _lost(objectives: Sequence[Objective], summary: ServerSummary) -> list[Estimate]:
    """Return the shares without an answer of the requests that have limits on their delays."""
    about = {(each.request, each.stream) for each in objectives if slo.is_delay(each.limit)}
    found = [summary.part(*each).estimates[losses.FAILED] for each in about]
    return [each for each in found if each.value]


def _keeps(limits: Sequence[tuple[Limit, Estimate]]) -> bool | None:
    values = [(limit, figure.value) for limit, figure in limits]
    if any(value is not None and not limit.allows(value) for limit, value in values):
        return False
    return None if any(value is None for _, value in values) else True


def _verdict(limits: Sequence[tuple[Limit, Estimate]], certain: bool) -> Verdict:
    match slo.overall(slo.outcome(limit, figure, certain) for limit, figure in limits):
        case "pass":
            return "kept"
        case "fail":
            return "missed"
        case "inconclusive":
            return "open"


def _exact(found: Estimate, certain: bool) -> Estimate:
    """Return *found*; where nothing is left to chance, its value is its whole interval."""
    return Estimate(found.value, found.value, found.value) if certain else found


def _warnings(contender: Contender, summary: ServerSummary, requests: int) -> list[str]:
    queue = contender.queue()
    counted = requests - sum(cut.requests for cut in summary.warmup)
    confidence = contender.scenario.run.confidence
    found = (
        warmup.warning(summary.server, summary.warmup, contender.method().warmup),
        None if queue is None else run_length.warning(summary.server, queue, counted, confidence),
    )
    return [each for each in found if each is not None]
