"""Where the limits stop being kept, from what was found at a value on either side.

The interval holds the values at which the limit lies within the metric's own interval: those for
which the evidence tells neither that the limit is kept nor that it is missed. So it covers the
truth exactly as often as the metric's interval does there (inverse regression by inverted tests:
Fieller, Journal of the Royal Statistical Society B 16 (2), 1954; Osborne, Statistical calibration:
a review, International Statistical Review 59 (3), 1991). Between the two values the margin and the
ends of its interval are taken for straight lines, which in a queue they nearly are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from simsched.experiment.search.bracket import Bracket
from simsched.experiment.search.parameter import Parameter


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where the limits stop being kept: the value, and its interval; None where there is none."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def half_width(self) -> float | None:
        """Half the length of the interval, or None where there is none."""
        if self.low is None or self.high is None:
            return None
        return (self.high - self.low) / 2


def crossing(found: Bracket, parameter: Parameter, highest: float | None) -> Crossing:
    """Return where the limits stop being kept.

    A whole number is the last one at which they are. Where nothing is left to chance it lies
    between the two values, and nothing more is said.
    """
    value = _root(found, "value")
    if value is None:
        value = (found.kept.value + found.missed.value) / 2
    if max(found.kept.replications, found.missed.replications) <= 1:
        ends = sorted((found.kept.value, found.missed.value))
    else:
        ends = sorted(end for end in (_root(found, "low"), _root(found, "high")) if end is not None)
    if len(ends) < 2:  # noqa: PLR2004
        return _whole(found, parameter, Crossing(value))
    low, high = max(ends[0], 0.0), ends[1] if highest is None else min(ends[1], highest)
    return _whole(found, parameter, Crossing(min(max(value, low), high), low, high))


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
    if max(found.kept.replications, found.missed.replications) <= 1:
        low = high = found.kept.value
    return Crossing(min(max(_last(exact.value, found.direction), low), high), low, high)


def _last(value: float, direction: int) -> float:
    """Return the last whole number before *value* from the side on which the limits are kept."""
    return float(math.floor(value) if direction == 1 else math.ceil(value))
