"""Which server is best in a metric, where the evidence lets one be called so."""

from __future__ import annotations

from simsched.experiment.result import Result
from simsched.report.answered import NOTEWORTHY, failed
from simsched.report.metric import Metric
from simsched.report.verdict import HARDLY, is_settled
from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import Comparison


def best(result: Result, shown: Metric) -> str | None:
    """Return the server that is best in a metric; None where there is no best, or none is proven.

    Against the baseline a comparison decides; of two others, intervals that do not overlap.
    """
    values = {
        name: estimate.value
        for name, one in result.servers.items()
        if (estimate := one.estimates.get(shown.name)) and estimate.value is not None
    }
    if shown.better is None or len(values) < 2:  # noqa: PLR2004  # alone is not best
        return None
    if shown.kind == "duration" and not _answer_alike(result):
        return None
    choose = max if shown.better == "higher" else min
    first = choose(values, key=values.__getitem__)
    others = [name for name in values if name != first]
    return first if all(_differ(result, shown, first, name) for name in others) else None


def _answer_alike(result: Result) -> bool:
    """Say whether the servers answer the same share, so that their response times compare."""
    shares = [failed(one) for one in result.servers.values()]
    return max(shares) - min(shares) < NOTEWORTHY


def _differ(result: Result, shown: Metric, one: str, other: str) -> bool:
    """Say whether two servers are known to differ."""
    for comparison in result.comparisons:
        pair = {comparison.server, comparison.baseline}
        if comparison.metric == shown.name and pair == {one, other}:
            return _is_told(result, comparison)
    ours, theirs = (result.servers[name].estimates[shown.name] for name in (one, other))
    return _are_apart(ours, theirs)


def _is_told(result: Result, comparison: Comparison) -> bool:
    """Say whether a difference is settled and more than hardly one.

    Of a single run the value is all there is; of several, one without an interval tells nothing.
    """
    difference, ratio = comparison.difference, comparison.ratio.value
    if ratio is not None and abs(ratio - 1) < HARDLY:
        return False
    if difference.low is None and (result.scenarios[0].run.replications or 1) == 1:
        return bool(difference.value)
    return is_settled(difference)


def _are_apart(one: Estimate, other: Estimate) -> bool:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return one.value != other.value
    return one.high < other.low or other.high < one.low
