"""A figure held against the baseline's in a few words, as they stand below it in a table."""

from __future__ import annotations

from simsched.report.figures import show_value
from simsched.report.metric import Metric
from simsched.report.verdict import change, is_settled, span
from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import Comparison

_HARDLY = 0.001
"""A smaller change has no figure of its own."""


def held_against(comparison: Comparison, shown: Metric) -> str:
    """Return how a figure is to the baseline's, as in ``30 % to 40 % less``; "" if it is the same.

    Shares are held against each other in percentage points, which go together with the figures.
    """
    difference, ratio = comparison.difference, comparison.ratio
    if difference.low is not None and not is_settled(difference):
        return "no clear difference"
    if shown.kind == "fraction":
        return _points(difference)
    if ratio.value is None or ratio.value == 1:
        return ""
    if all(abs(end - 1) < _HARDLY for end in (ratio.low, ratio.value, ratio.high) if end):
        return "hardly a difference"
    if ratio.low is None or ratio.high is None:
        return change(ratio.value)
    return span(ratio.low, ratio.high)


def _points(difference: Estimate) -> str:
    """Return a difference of shares in percentage points; it is no more than all there is."""
    if not difference.value:
        return ""
    way = "less" if difference.value < 0 else "more"
    ends = sorted(abs(end) for end in (difference.low, difference.high) if end is not None)
    least, *most = [_percent(min(end, 1.0)) for end in ends or [abs(difference.value)]]
    told = f"{least} to {most[0]}" if most and most[0] != least else least
    return f"{told} points {way}"


def _percent(share: float) -> str:
    return show_value(share, "fraction", 2).removesuffix(" %")
