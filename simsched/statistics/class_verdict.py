"""What the servers do to each class of requests: who gains and who pays for it.

A server may answer the average request faster because it lets the short ones pass, at the cost of
the long ones. A sentence says where classes fare differently.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simsched.statistics import losses
from simsched.statistics.summary import Comparison, ServerSummary
from simsched.statistics.verdict import METRIC, may_be_alike
from simsched.statistics.words import comparison as words

MOST = 6
"""With more sentences or classes than this none is written: ``summary.json`` has the figures."""


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
    parts = [(f"{one.request}", _how_soon(one)) for one in comparisons]
    intervals = None if first.ratio.low is None else confidence
    return words.by_class((first.server, first.baseline), parts, intervals)


def _how_soon(comparison: Comparison) -> str:
    """Return how much faster or slower a class is answered."""
    ratio = comparison.ratio
    if ratio.value is None:
        return words.CLASS_NOT_COMPARABLE
    if ratio.low == ratio.high == 1 or (comparison.difference.low is None and ratio.value == 1):
        return words.CLASS_ALIKE
    if may_be_alike(comparison):
        return words.CLASS_NO_DIFFERENCE
    return words.class_change(ratio)
