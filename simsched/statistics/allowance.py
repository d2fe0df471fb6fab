"""How much worse than an earlier run a metric may be, and whether a later run keeps to that."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from simsched.scenario.metrics import parse_metric, parse_share
from simsched.scenario.model.objectives import Limit
from simsched.statistics.estimate import Estimate
from simsched.statistics.slo import Judgement, Objective, outcome
from simsched.statistics.summary import Comparison
from simsched.statistics.words import objectives as words

_ALLOWANCE = re.compile(r"(?P<metric>\S+)\s+(?P<sign>[+-])\s*(?P<share>\S+(?:\s+%)?)")


def parse_allowance(text: str) -> Objective:
    """Return the limit on the ratio to the earlier run, as in ``response_time.p99 +5%``.

    With ``-`` the metric may be so much smaller, as in ``throughput -2%``.

    Raises:
        ValueError: it is not one; the message says why.
    """
    match = _ALLOWANCE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a change; write for example 'response_time.p99 +5%'")
    written = "".join(match["share"].split())
    share = parse_share(written)
    if share >= 1 and not written.endswith("%"):  # a slip that would let anything pass
        raise ValueError(f"{text!r}: {written} has no %; write {match['sign']}{written}%")
    is_above = match["sign"] == "+"
    if not is_above and share >= 1:
        raise ValueError(f"{text!r}: a metric cannot be smaller by 100 % or more")
    bound = 1 + share if is_above else 1 - share
    limit = Limit(parse_metric(match["metric"]), "<=" if is_above else ">=", bound, text.strip())
    return Objective(text.strip(), text.strip(), limit, is_change=True)


def judge(
    allowances: Sequence[Objective],
    comparisons: Sequence[Comparison],
    confidence: float,
    *,
    certain: bool,
) -> tuple[Judgement, ...]:
    """Return how each server of the later run stands to each of *allowances*.

    Args:
        allowances: limits on ratios, from :func:`parse_allowance`.
        comparisons: the servers of the later run, compared with those of the earlier one.
        confidence: of the intervals.
        certain: whether nothing is left to chance, so that values need no interval.

    Raises:
        ValueError: the runs are not compared by one of the metrics.
    """
    known = {one.metric for one in comparisons}
    for each in allowances:
        if each.limit.metric.name not in known:
            raise ValueError(
                f"{each.name!r}: the runs are not compared by this metric; choose another, such as "
                "response_time.mean"
            )
    return tuple(
        _judgement(each, one, confidence, certain=certain)
        for each in allowances
        for one in comparisons
        if one.metric == each.limit.metric.name
    )


def _judgement(
    allowance: Objective, one: Comparison, confidence: float, *, certain: bool
) -> Judgement:
    ratio = _ratio(allowance, one)
    found = outcome(allowance.limit, ratio, certain)
    evidence = words.against(one.baseline, ratio, confidence)
    if one.ratio.value is None and ratio.value is not None:
        evidence = words.against_zero(one.baseline, one.difference)
    if found == "inconclusive" and ratio.value is not None and ratio.reason:
        evidence += f" ({ratio.reason})"
    sentence = words.judgement(one.server, found, f"'{allowance.name}'", evidence)
    return Judgement(allowance, one.server, found, sentence, one.ratio)


def _ratio(allowance: Objective, one: Comparison) -> Estimate:
    """Return the ratio of *one*, also where a figure is 0 and the difference shows what it is."""
    low, high = one.difference.low, one.difference.high
    may_be_negative = allowance.limit.metric.kind == "correlation"
    if one.ratio.value is not None or low is None or high is None or may_be_negative:
        return one.ratio
    if low == high == 0:
        return Estimate(1.0, 1.0, 1.0)
    if low > 0:
        return Estimate(math.inf, math.inf, math.inf)
    return Estimate(0.0, 0.0, 0.0) if high < 0 else one.ratio
