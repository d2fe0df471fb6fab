"""What the servers do to each class of requests: who gains and who pays for it.

A server may answer the average request sooner because it lets the short ones pass, at the cost of
the long ones. Where classes fare differently, that is told in a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simsched.statistics import losses
from simsched.statistics.summary import Comparison, ServerSummary
from simsched.statistics.verdict import METRIC, may_be_alike
from simsched.statistics.wording import factor, percent

MOST = 6
"""Of more sentences than these, or of more classes, none is told: they are in ``summary.json``."""


def sentences(
    baseline: ServerSummary,
    others: Sequence[ServerSummary],
    comparisons: Iterable[Comparison],
    confidence: float = 0.95,
) -> tuple[str, ...]:
    """Return how soon each of *others* answers each class, compared to *baseline*.

    Nothing is said of a server that loses many requests, or cannot keep up.
    """
    found = [one for one in comparisons if one.metric == METRIC]
    told = [one for one in others if all(_is_told(each) for each in (one, baseline))]
    if len(told) > MOST or len(baseline.classes) > MOST:
        return ()
    by_server = [[one for one in found if one.server == server.server] for server in told]
    return tuple(_sentence(of_one, confidence) for of_one in by_server if of_one)


def _is_told(server: ServerSummary) -> bool:
    return server.unstable is None and not losses.is_material(server)


def _sentence(comparisons: Sequence[Comparison], confidence: float) -> str:
    first = comparisons[0]
    parts = (f"{one.request} {_how_soon(one)}" for one in comparisons)
    each = f"; {percent(confidence)} intervals" if first.ratio.low is not None else ""
    return f"By class, {first.server} against {first.baseline}: {', '.join(parts)}{each}"


def _how_soon(comparison: Comparison) -> str:
    """Return how many times sooner or later a class is answered."""
    ratio = comparison.ratio
    if ratio.value is None:
        return "cannot be compared"
    low, high = ratio.low, ratio.high
    if low == high == 1 or (comparison.difference.low is None and ratio.value == 1):
        return "alike"
    if may_be_alike(comparison):
        return "no difference can be told"
    if low is None or high is None:
        return factor(ratio.value, ratio.value, ratio.value)[0]
    told, interval = factor(ratio.value, low, high)
    return f"{told} ({interval})" if interval else told
