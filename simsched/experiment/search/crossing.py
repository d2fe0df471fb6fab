"""The boundary of the values that keep the limits, from what was found on either side of it.

The interval holds the values at which the limit lies within the metric's own interval: those for
which the evidence tells neither that the limit is kept nor that it is missed. So it covers the
truth exactly as often as the metric's interval does there (inverse regression by inverted tests:
Fieller, Journal of the Royal Statistical Society B 16 (2), 1954; Osborne, Statistical calibration:
a review, International Statistical Review 59 (3), 1991). Between the two values the margin and the
ends of its interval are taken for straight lines, which in a queue they nearly are; whether they
are is seen by a try between them (:func:`is_line`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from simsched.experiment.search.bracket import Bracket
from simsched.experiment.search.parameter import Parameter
from simsched.experiment.search.trial import Trial

BENT = 0.1
"""A try that lies off the line by more than this share of its own interval's half bends it."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """The boundary of the values that keep the limits, and its interval; None without one."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def half_width(self) -> float | None:
        """Half the length of the interval, or None where there is none."""
        if self.low is None or self.high is None:
            return None
        return (self.high - self.low) / 2


def crossing(
    found: Bracket, parameter: Parameter, highest: float | None, middle: Trial | None = None
) -> Crossing:
    """Return the boundary of the values that keep the limits.

    A *middle* value, tried between the two, makes the line to each of them its own. A whole number
    is the last one at which the limits are kept. Where nothing is left to chance the crossing lies
    between the two values, and nothing more is said.
    """
    value = _root(found, "value")
    if value is None:
        value = (found.kept.value + found.missed.value) / 2
    near = found if middle is None else Bracket(found.kept, middle)
    far = found if middle is None else Bracket(middle, found.missed)
    if _is_certain(found):
        ends = sorted((found.kept.value, found.missed.value))
    else:
        ends = sorted(end for end in (_root(near, "low"), _root(far, "high")) if end is not None)
    if len(ends) < 2:  # noqa: PLR2004
        return _whole(found, parameter, Crossing(value))
    low, high = max(ends[0], 0.0), ends[1] if highest is None else min(ends[1], highest)
    return _whole(found, parameter, Crossing(min(max(value, low), high), low, high))


def _is_certain(found: Bracket) -> bool:
    """Return whether nothing is left to chance: there is one replication, or none."""
    return max(found.kept.replications, found.missed.replications) <= 1


def is_line(found: Bracket, middle: Trial) -> bool:
    """Return whether *middle*, tried between the two values, lies on the line through them.

    It need only do so as far as its own noise lets that matter.
    """
    ends = (found.kept.margin.value, found.missed.margin.value, middle.margin.value)
    half = middle.margin.half_width
    if None in ends or half is None:
        return False
    kept, missed, between = (float(end or 0.0) for end in ends)
    share = abs(middle.value - found.kept.value) / found.width
    return abs(between - (kept + share * (missed - kept))) <= BENT * half


def outward(found: Bracket, told: Crossing) -> Crossing:
    """Return *told* with an interval, if it has one, that reaches at least to the two values."""
    if told.low is None or told.high is None:
        return told
    ends = [found.kept.value, found.missed.value, told.low, told.high]
    return Crossing(told.value, min(ends), max(ends))


def _root(found: Bracket, end: str) -> float | None:
    """Return where the line through one *end* of both margins is 0; None where it is not told."""
    kept, missed = getattr(found.kept.margin, end), getattr(found.missed.margin, end)
    if kept is None or missed is None or not math.isfinite(kept) or kept <= missed:
        return None
    share = kept / (kept - missed)
    return float(found.kept.value + share * (found.missed.value - found.kept.value))


def _whole(found: Bracket, parameter: Parameter, exact: Crossing) -> Crossing:
    """Return *exact* in the whole numbers that keep the limits, if only those can be tried."""
    if parameter.kind != "count":
        return exact
    if exact.low is None or exact.high is None:
        return Crossing(_last(exact.value, found.direction))
    low, high = (_last(end, found.direction) for end in (exact.low, exact.high))
    if _is_certain(found):
        low = high = found.kept.value
    return Crossing(min(max(_last(exact.value, found.direction), low), high), low, high)


def _last(value: float, direction: int) -> float:
    """Return the last whole number before *value* from the side on which the limits are kept."""
    return float(math.floor(value) if direction == 1 else math.ceil(value))
