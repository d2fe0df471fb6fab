"""The comparison as a sentence that a manager can read.

Another sentence says what a server does to each class of requests: who gains and who pays for it.
A server may answer the average request faster because it lets the short ones pass, at the cost of
the long ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from simsched.statistics import losses
from simsched.statistics.contrast import Pair
from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import sample_size, standard_error
from simsched.statistics.summary import Comparison, ServerSummary
from simsched.statistics.words import comparison as words

METRIC = "response_time_s.mean"
"""What the sentence is about."""

NEGLIGIBLE = 0.01
"""Figures that differ by a smaller share are not called better and worse, though they may be."""

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
    """Return one sentence for each of *others* on how much faster it is than *baseline*."""
    found = {one.server: one for one in comparisons if one.metric == METRIC}
    return tuple(sentence(baseline, other, found[other.server], confidence) for other in others)


def sentence(
    baseline: ServerSummary, other: ServerSummary, comparison: Comparison, confidence: float
) -> str:
    """Return how much faster *other* answers than *baseline*, or that no difference shows.

    Where many requests are lost, who answers how many comes first.
    """
    answered = losses.comparison(baseline, other)
    if answered is not None:
        return _with_answered(answered, baseline, other, comparison, confidence)
    if baseline.unstable or other.unstable:
        return _who_keeps_up(baseline, other)
    return _how_soon(baseline, other, comparison, confidence)


def _with_answered(
    answered: str,
    baseline: ServerSummary,
    other: ServerSummary,
    comparison: Comparison,
    confidence: float,
) -> str:
    """Return who answers how many, and how the answered requests compare where they can be."""
    if baseline.unstable or other.unstable or comparison.ratio.value is None:
        return answered
    how_soon = _how_soon(baseline, other, comparison, confidence)
    return words.of_the_answered(answered, how_soon)


def _how_soon(
    baseline: ServerSummary, other: ServerSummary, comparison: Comparison, confidence: float
) -> str:
    servers, ratio = (other.server, baseline.server), comparison.ratio
    means = (other.measurements[METRIC].value, baseline.measurements[METRIC].value)
    if ratio.value is None or means[0] is None or means[1] is None:
        return words.not_comparable(servers, ratio.reason)
    values = (means[0], means[1])
    if comparison.difference.low is None:
        return words.means(servers, values, ratio, confidence, "this run")
    if ratio.low == ratio.high == 1:
        return words.alike(servers, values[1], _everywhere(baseline))
    return _how_much_sooner(baseline, other, comparison, confidence, values)


def _how_much_sooner(
    baseline: ServerSummary,
    other: ServerSummary,
    comparison: Comparison,
    confidence: float,
    values: tuple[float, float],
) -> str:
    """Return how the means *values* of both differ, which have an interval of their difference."""
    servers, ratio = (other.server, baseline.server), comparison.ratio
    if (ends := _hardly_apart(ratio)) is not None:
        return words.about_alike(servers, values, ends, confidence)
    if may_be_alike(comparison):
        return words.no_difference(servers, confidence, _advice(baseline, other, confidence))
    if ratio.low is None or ratio.high is None:
        return words.shorter_or_longer(servers, values)
    return words.means(servers, values, ratio, confidence, _everywhere(baseline))


def _everywhere(server: ServerSummary) -> str:
    alone = len(server.measurements[METRIC].replications) == 1
    return "this run" if alone else "every replication"


def may_be_alike(comparison: Comparison) -> bool:
    """Return whether the evidence leaves open which of the two has the larger value."""
    low, high = comparison.difference.low, comparison.difference.high
    return low is not None and high is not None and low <= 0 <= high


def _hardly_apart(ratio: Estimate) -> tuple[float, float] | None:
    """Return the interval of *ratio* if all of it is near 1; None for an exact ratio, too."""
    if ratio.low is None or ratio.high is None or ratio.low == ratio.high:
        return None
    is_near = 1 - ratio.low < NEGLIGIBLE and ratio.high - 1 < NEGLIGIBLE
    return (ratio.low, ratio.high) if is_near else None


def _who_keeps_up(baseline: ServerSummary, other: ServerSummary) -> str:
    if baseline.unstable and other.unstable:
        return words.neither_keeps_up((other.server, baseline.server))
    good, bad = (other, baseline) if baseline.unstable else (baseline, other)
    return words.one_keeps_up(good.server, bad.server)


def _advice(baseline: ServerSummary, other: ServerSummary, confidence: float) -> str:
    ours, theirs = other.measurements[METRIC], baseline.measurements[METRIC]
    if len(ours.replications) != len(theirs.replications):  # of two runs, which cannot be paired
        return words.MORE_REPLICATIONS
    pair = Pair(ours, theirs)
    count, influence = replications_to_show(pair, WORTHWHILE, confidence), pair.influence()
    if count is None or influence is None or count <= len(influence):
        return words.would_have_shown(WORTHWHILE)
    if len(pair.ours.replications) == 1:  # batches of one run stand in for replications
        return words.longer_run_for(WORTHWHILE, count / len(influence))
    return words.replications_for(WORTHWHILE, count)


def replications_to_show(pair: Pair, relative: float, confidence: float) -> int | None:
    """Return how many replications would show a difference of *relative* to the baseline's value.

    With probability :data:`POWER`, by the spread of the paired differences so far; None where there
    is none. See :func:`simsched.statistics.interval.sample_size`.
    """
    influence, baseline = pair.influence(), pair.theirs.value
    if influence is None or len(influence) < 2 or not baseline:  # noqa: PLR2004
        return None
    deviation = standard_error(influence) * math.sqrt(len(influence))
    if deviation == 0:
        return 2
    return sample_size(relative * abs(baseline) / deviation, POWER, confidence)


MOST_CLASSES = 6
"""With more sentences or classes than this none is written; ``summary.json`` has the figures."""


def class_sentences(
    baseline: ServerSummary,
    others: Sequence[ServerSummary],
    comparisons: Iterable[Comparison],
    confidence: float = 0.95,
) -> tuple[str, ...]:
    """Return how soon each of *others* answers each class, compared to *baseline*.

    Nothing is said of a server that loses many requests, or cannot keep up.
    """
    found = [one for one in comparisons if one.metric == METRIC]
    compared = [one for one in others if all(_has_figures(each) for each in (one, baseline))]
    # A paragraph of figures is no verdict: the table has them.
    if len(compared) > MOST_CLASSES or len(baseline.classes) > MOST_CLASSES:
        return ()
    by_server = [[one for one in found if one.server == server.server] for server in compared]
    return tuple(_class_sentence(of_one, confidence) for of_one in by_server if of_one)


def _has_figures(server: ServerSummary) -> bool:
    return server.unstable is None and not losses.is_material(server)


def _class_sentence(comparisons: Sequence[Comparison], confidence: float) -> str:
    first = comparisons[0]
    parts = [(f"{one.request}", _class_change(one)) for one in comparisons]
    intervals = None if first.ratio.low is None else confidence
    return words.by_class((first.server, first.baseline), parts, intervals)


def _class_change(comparison: Comparison) -> str:
    """Return how much faster or slower a class is answered."""
    ratio = comparison.ratio
    if ratio.value is None:
        return words.CLASS_NOT_COMPARABLE
    if ratio.low == ratio.high == 1 or (comparison.difference.low is None and ratio.value == 1):
        return words.CLASS_ALIKE
    if _hardly_apart(ratio) is not None:
        return words.CLASS_ABOUT_ALIKE
    if may_be_alike(comparison):
        return words.CLASS_NO_DIFFERENCE
    return words.class_change(ratio)
