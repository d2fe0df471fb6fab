"""The comparison as a sentence that a manager can read."""

from __future__ import annotations

import math
from collections.abc import Iterable

from simsched.statistics import losses
from simsched.statistics.contrast import TOO_WIDE
from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import standard_error
from simsched.statistics.paired import Pair
from simsched.statistics.power import sample_size
from simsched.statistics.summary import Comparison, ServerSummary
from simsched.statistics.wording import factor, percent
from simsched.units import format_number

METRIC = "response_time_s.mean"
"""What the sentence is about."""

WORTHWHILE = 0.05
"""The difference, relative to the baseline, that a follow-up should be able to show."""

POWER = 0.8
"""How likely the follow-up should be to show it."""


def sentences(
    baseline: ServerSummary,
    others: Iterable[ServerSummary],
    comparisons: Iterable[Comparison],
    confidence: float = 0.95,
) -> tuple[str, ...]:
    """Return one sentence for each of *others* on how much sooner it answers than *baseline*."""
    found = {one.server: one for one in comparisons if one.metric == METRIC}
    return tuple(sentence(baseline, other, found[other.server], confidence) for other in others)


def sentence(
    baseline: ServerSummary, other: ServerSummary, comparison: Comparison, confidence: float
) -> str:
    """Return how much sooner *other* answers than *baseline*, or that nothing can be told.

    Where many requests are lost, who answers how many comes first.
    """
    answered = losses.comparison(baseline, other)
    if answered is not None:
        return answered + _of_those(baseline, other, comparison, confidence)
    if baseline.unstable or other.unstable:
        return _who_keeps_up(baseline, other)
    return _how_soon(baseline, other, comparison, confidence)


def _of_those(
    baseline: ServerSummary, other: ServerSummary, comparison: Comparison, confidence: float
) -> str:
    """Return what can be said of the requests that are answered, behind who answers how many."""
    if baseline.unstable or other.unstable or comparison.ratio.value is None:
        return ""
    return f"; of those it answers, {_how_soon(baseline, other, comparison, confidence)}"


def _how_soon(
    baseline: ServerSummary, other: ServerSummary, comparison: Comparison, confidence: float
) -> str:
    pair, ratio = f"{other.server} and {baseline.server}", comparison.ratio
    if ratio.value is None:
        return f"{pair} cannot be compared: {ratio.reason}"
    if comparison.difference.low is None:
        return f"{other.server} {_alone(ratio.value, baseline.server)} in this run"
    if ratio.low == ratio.high == 1:
        return f"{pair} answer alike in {_everywhere(baseline)}"
    if may_be_alike(comparison):
        advice = _advice(baseline, other, confidence)
        return f"{pair}: no difference can be told at {percent(confidence)}; {advice}"
    return f"{other.server} {_by_how_much(ratio.value, ratio, baseline, confidence)}"


def _by_how_much(value: float, ratio: Estimate, baseline: ServerSummary, confidence: float) -> str:
    """Return how many times sooner or later, with the interval of the ratio if it has one."""
    if ratio.low is None or ratio.high is None:
        word = "sooner" if value < 1 else "later"
        return f"answers {word} than {baseline.server} on average; {TOO_WIDE}"
    told, interval = factor(value, ratio.low, ratio.high)
    answers = f"answers {told} than {baseline.server} on average"
    if not interval:
        return f"{answers} in {_everywhere(baseline)}"
    return f"{answers} ({percent(confidence)} interval {interval})"


def _everywhere(server: ServerSummary) -> str:
    alone = len(server.measurements[METRIC].replications) == 1
    return "this run" if alone else "every replication"


def may_be_alike(comparison: Comparison) -> bool:
    """Return whether the evidence leaves open which of the two has the larger value."""
    low, high = comparison.difference.low, comparison.difference.high
    return low is not None and high is not None and low <= 0 <= high


def _alone(ratio: float, baseline: str) -> str:
    if ratio == 1:
        return f"answers as soon as {baseline} on average"
    return f"answers {factor(ratio, ratio, ratio)[0]} than {baseline} on average"


def _who_keeps_up(baseline: ServerSummary, other: ServerSummary) -> str:
    if baseline.unstable and other.unstable:
        return f"neither {other.server} nor {baseline.server} can keep up with the load"
    good, bad = (other, baseline) if baseline.unstable else (baseline, other)
    return f"{good.server} keeps up with the load, {bad.server} cannot"


def _advice(baseline: ServerSummary, other: ServerSummary, confidence: float) -> str:
    pair = Pair(other.measurements[METRIC], baseline.measurements[METRIC])
    count, influence = replications_to_tell(pair, WORTHWHILE, confidence), pair.influence()
    if count is None or influence is None or count <= len(influence):
        return f"one of {percent(WORTHWHILE)} would probably have shown"
    if len(pair.ours.replications) == 1:  # batches of one run stand in for replications
        longer = format_number(count / len(influence), 2)
        return f"a run about {longer} times as long would show one of {percent(WORTHWHILE)}"
    return f"about {count} replications would show one of {percent(WORTHWHILE)}"


def replications_to_tell(pair: Pair, relative: float, confidence: float) -> int | None:
    """Return how many replications would show a difference of *relative* to the baseline's value.

    With probability :data:`POWER`, by the spread of the paired differences so far; None where there
    is none. See :func:`simsched.statistics.power.sample_size`.
    """
    influence, baseline = pair.influence(), pair.theirs.value
    if influence is None or len(influence) < 2 or not baseline:  # noqa: PLR2004
        return None
    deviation = standard_error(influence) * math.sqrt(len(influence))
    if deviation == 0:
        return 2
    return sample_size(relative * abs(baseline) / deviation, POWER, confidence)
