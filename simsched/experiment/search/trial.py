"""What one value that was tried tells: whether the limits are kept there, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from simsched.scenario.model.objectives import Limit, parse_limit
from simsched.statistics import losses, run_length, slo, warmup
from simsched.statistics.contender import Contender
from simsched.statistics.estimate import Estimate
from simsched.statistics.slo import Objective
from simsched.statistics.summary import ServerSummary
from simsched.statistics.theory import known

Verdict = Literal["kept", "missed", "open"]
"""Whether the evidence tells a value from one at which the limits are not kept, or are."""

HOPELESS = Estimate(-1.0, -1.0, -1.0)
"""The margin of a limit on delays where they have no bound: the limit over infinity, less 1."""

_SCALE_OF_ZERO = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric as it was measured at one value, the limit on it, and what a formula says of it."""

    objective: Objective
    figure: Estimate
    formula: float | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What was found at one value.

    Attributes:
        value: what was tried.
        replications: how many there were; 0 where it was known without any.
        requests: how many requests they had together.
        keeps: whether the limits are kept by the figures as they stand; None if these are missing.
        verdict: whether that is told by their intervals.
        margin: by how much they are kept, of the one that is kept least: positive if it is kept.
        readings: the metrics.
        reason: why the limits are missed where no figure tells it, or why nothing can be told.
        warnings: what the runs leave in doubt.
    """

    value: float
    replications: int
    requests: int
    keeps: bool | None
    verdict: Verdict
    margin: Estimate
    readings: tuple[Reading, ...] = ()
    reason: str | None = None
    warnings: tuple[str, ...] = field(default=())


def hopeless(value: float, reason: str, objectives: Sequence[Objective]) -> Trial:
    """Return what is known of *value* beforehand: delays there have no bound, for *reason*."""
    readings = tuple(Reading(each, Estimate(None, reason=reason)) for each in objectives)
    return Trial(value, 0, 0, False, "missed", HOPELESS, readings, reason)


def margin(limit: Limit, figure: Estimate) -> Estimate:
    """Return by how much *figure* keeps *limit*: positive if it does, with its interval.

    An upper limit on delays is held against them as a ratio, less 1. A delay in a queue goes with
    the inverse of the capacity that is left, so this is nearly a straight line in the load, and its
    spread hardly depends on the load; for M/M/1 it is one (Kleinrock, Queueing Systems 1, 1975,
    section 3.2; Whitt, Management Science 35 (11), 1989, on heavy traffic).
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


def least(margins: Sequence[Estimate]) -> Estimate:
    """Return the margin of all limits together: the least of theirs, end by end."""
    missing = [each for each in margins if each.value is None]
    if missing:
        return missing[0]
    value = min(each.value for each in margins if each.value is not None)
    lows = [each.low for each in margins if each.low is not None]
    highs = [each.high for each in margins if each.high is not None]
    if len(lows) < len(margins) or len(highs) < len(margins):
        reasons = [each.reason for each in margins if each.low is None]
        return Estimate(value, reason=reasons[0] if reasons else None)
    return Estimate(value, min(lows), min(highs))


def judged(
    value: float, contender: Contender, summary: ServerSummary, replications: int, requests: int
) -> Trial:
    """Return what the figures of a server tell of its limits at *value*.

    Where a limit is on delays, a hundredth of the requests may be left without an answer, not more:
    those would be later than any limit.
    """
    objectives = contender.objectives()
    certain = contender.is_certain
    limits = [(each.limit, slo.estimate_of(each, summary, certain)) for each in objectives]
    limits += [(_ANSWERED, lost) for lost in _lost(objectives, summary)]
    found = [_outcome(limit, figure, certain) for limit, figure in limits]
    margins = [_certainly(margin(*each), certain) for each in limits]
    formulas = _formulas(contender, summary)
    return Trial(
        value,
        replications,
        requests,
        _keeps(limits),
        _verdict(found),
        least(margins),
        tuple(
            _reading(one, figure, formulas)
            for one, (_, figure) in zip(objectives, limits, strict=False)
        ),
        _reason(limits),
        tuple(_warnings(contender, summary, requests)),
    )


_ANSWERED = parse_limit(f"{losses.FAILED} <= {losses.MATERIAL}")


def _outcome(limit: Limit, figure: Estimate, certain: bool) -> slo.Outcome:
    """Return what *figure* says of *limit*; nothing was lost, if none was, whatever its spread."""
    return slo.outcome(limit, figure, certain or (limit is _ANSWERED and figure.value == 0))


def _verdict(found: Sequence[slo.Outcome]) -> Verdict:
    if "fail" in found:
        return "missed"
    return "open" if "inconclusive" in found else "kept"


def _lost(objectives: Sequence[Objective], summary: ServerSummary) -> list[Estimate]:
    """Return the shares of requests without an answer that limits on delays take in."""
    classes = {each.request for each in objectives if slo.is_delay(each.limit)}
    found = [_share_lost(summary, request) for request in classes]
    return [each for each in found if each.value]


def _share_lost(summary: ServerSummary, request: str | None) -> Estimate:
    one = summary if request is None else summary.classes.get(request, summary)
    return one.estimates[losses.FAILED]


def _keeps(limits: Sequence[tuple[Limit, Estimate]]) -> bool | None:
    values = [(limit, figure.value) for limit, figure in limits]
    if any(value is not None and not limit.allows(value) for limit, value in values):
        return False
    return None if any(value is None for _, value in values) else True


def _certainly(found: Estimate, certain: bool) -> Estimate:
    """Return *found* as the interval of its own that it is where nothing is left to chance."""
    return Estimate(found.value, found.value, found.value) if certain else found


def _reason(limits: Sequence[tuple[Limit, Estimate]]) -> str | None:
    return next((f.reason for _, f in limits if f.value is None or f.low is None), None)


def _formulas(contender: Contender, summary: ServerSummary) -> dict[str, float]:
    quantiles = contender.method().quantiles
    return {
        figure.metric: figure.value
        for one in known(contender.scenario, summary.server, contender.server, quantiles)
        for figure in one.figures
        if figure.relation == "=" and figure.request is None
    }


def _reading(objective: Objective, figure: Estimate, formulas: dict[str, float]) -> Reading:
    formula = None if objective.request else formulas.get(objective.limit.metric.name)
    return Reading(objective, figure, formula)


def _warnings(contender: Contender, summary: ServerSummary, requests: int) -> list[str]:
    queue = contender.queue()
    counted = requests - sum(cut.requests for cut in summary.warmup)
    confidence = contender.scenario.run.confidence
    found = (
        warmup.warning(summary.server, summary.warmup, contender.method().warmup),
        None if queue is None else run_length.warning(summary.server, queue, counted, confidence),
    )
    return [each for each in found if each is not None]
