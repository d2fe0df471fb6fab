"""Two values, one of which keeps the limits while the other does not, and the boundary between.

The interval of the boundary holds the values at which the limit lies within the metric's own
interval, so that the evidence shows neither that the limit is kept nor that it is missed. So it
covers the truth exactly as often as the metric's interval does there (inverse regression by
inverted tests: Fieller, Journal of the Royal Statistical Society B 16 (2), 1954; Osborne,
Statistical calibration: a review, International Statistical Review 59 (3), 1991). Between the two
values the margin and the ends of its interval are interpolated linearly, which in a queue is nearly
right; a trial between them shows whether it is (:func:`is_line`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from simsched.experiment.search.laboratory import FIRST
from simsched.experiment.search.parameter import RATE, Parameter
from simsched.experiment.search.trial import Trial

Probe = Callable[[float, int], Trial | None]
"""Tries a value with at least so many replications; None where there is no such value."""

DOUBLINGS = 10
"""How often a value is doubled before the limits count as kept everywhere."""

QUARTERINGS = 5
"""How often it is divided by four before they count as kept nowhere."""

HEAVY = 0.9
"""The share of a highest rate that is tried first where a limit may be missed below and kept there:
at the highest rate most metrics have no value."""

LIGHT = (1 / 8, 1 / 100)
"""The shares of a highest rate that are tried where the limits are missed at half of it."""

BENT = 0.1
"""A trial further off the line than this share of its own interval's half width bends it."""


class UndecidedError(Exception):
    """Whether a value keeps the limits has no answer there; ``trial`` has the reason."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial.reason)
        self.trial = trial


@dataclass(frozen=True, slots=True)
class Bracket:
    """A value whose estimates keep the limits, and one whose estimates do not."""

    kept: Trial
    missed: Trial

    @property
    def direction(self) -> Literal[1, -1]:
        """1 where the limits are kept below, -1 where they are kept above."""
        return 1 if self.missed.value > self.kept.value else -1

    @property
    def width(self) -> float:
        """How far apart the two values are."""
        return abs(self.missed.value - self.kept.value)

    @property
    def middle(self) -> float:
        """The value halfway between the two."""
        return (self.kept.value + self.missed.value) / 2

    @property
    def is_certain(self) -> bool:
        """Whether nothing is left to chance: there is one replication, or none."""
        return max(self.kept.replications, self.missed.replications) <= 1

    def holds(self, value: float) -> bool:
        """Return whether *value* lies between the two."""
        low, high = sorted((self.kept.value, self.missed.value))
        return low < value < high

    def with_(self, trial: Trial) -> Bracket:
        """Return the bracket with *trial* in place of the end on its side."""
        return Bracket(trial, self.missed) if trial.keeps else Bracket(self.kept, trial)


def bracket(
    probe: Probe, parameter: Parameter, highest: float | None = None, *, more_is_worse: bool = False
) -> Bracket | Trial:
    """Return a bracket or, where all values are alike, the outermost that was tried.

    Args:
        probe: tries a value.
        parameter: what is varied.
        highest: the rate from which a server cannot keep up, where it has one: the search then
            begins at half of it. Any other value is doubled and divided, beginning with the
            scenario's own.
        more_is_worse: whether a larger value never helps: then one direction is enough.

    Raises:
        UndecidedError: at some value there is no answer.
    """
    if parameter.path != RATE:
        highest = None
    first = decided(probe(highest / 2 if highest else parameter.start, FIRST))
    if first is None:
        raise ValueError(f"the scenario has no {parameter.option(parameter.start)}")
    last = {1: first, -1: first}
    # From the value in the scenario outwards: the boundary is likely to be near it.
    for direction, value in _to_try(parameter, first, highest, more_is_worse):
        trial = decided(probe(value, FIRST))
        if trial is None or trial.value == last[direction].value:
            continue
        if trial.keeps != first.keeps:
            inner = last[direction]
            return Bracket(inner, trial) if inner.keeps else Bracket(trial, inner)
        last[direction] = trial
    return last[1] if first.keeps or not more_is_worse else last[-1]


def decided(trial: Trial | None) -> Trial | None:
    """Return *trial*.

    Raises:
        UndecidedError: it has no answer.
    """
    if trial is not None and trial.keeps is None:
        raise UndecidedError(trial)
    return trial


def _to_try(
    parameter: Parameter, first: Trial, highest: float | None, more_is_worse: bool
) -> Sequence[tuple[int, float]]:
    """Return the values to try one after another, each with its direction: 1 is up."""
    if highest:
        ups = [highest] if more_is_worse else [highest * HEAVY, highest]
        downs = [highest * share for share in LIGHT]
    else:
        ups = [parameter.start * 2**n for n in range(1, DOUBLINGS + 1)]
        downs = [parameter.start / 4**n for n in range(1, QUARTERINGS + 1)]
    up, down = [(1, value) for value in ups], [(-1, value) for value in downs]
    if more_is_worse:
        return up if first.keeps else down
    return [each for pair in zip_longest(up, down) for each in pair if each is not None]


@dataclass(frozen=True, slots=True)
class Crossing:
    """The boundary of the values that keep the limits, and its interval; None without one."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def half_width(self) -> float | None:
        """Half the length of the interval, or None where there is none."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


def crossing(
    found: Bracket, parameter: Parameter, highest: float | None, middle: Trial | None = None
) -> Crossing:
    """Return the boundary of the values that keep the limits.

    With a trial in the *middle*, interpolation is between it and each end. A whole number is the
    last one at which the limits are kept. Where nothing is left to chance, all that is known is
    that the boundary lies between the two values.
    """
    value = _root(found, "value")
    if value is None:
        value = found.middle
    near = found if middle is None else Bracket(found.kept, middle)
    far = found if middle is None else Bracket(middle, found.missed)
    roots = (_root(near, "low"), _root(far, "high"))
    ends = sorted(end for end in roots if end is not None)
    if found.is_certain:
        ends = sorted((found.kept.value, found.missed.value))
    if len(ends) < 2:  # noqa: PLR2004
        return _whole(found, parameter, Crossing(value))
    low, high = max(ends[0], 0.0), ends[1] if highest is None else min(ends[1], highest)
    return _whole(found, parameter, Crossing(min(max(value, low), high), low, high))


def is_line(found: Bracket, middle: Trial) -> bool:
    """Return whether *middle*, tried between the two values, lies on the line through them.

    It need only do so as far as its own noise makes a difference.
    """
    kept, missed, between = found.kept.margin.value, found.missed.margin.value, middle.margin.value
    half = middle.margin.half_width
    if kept is None or missed is None or between is None or half is None:
        return False
    share = abs(middle.value - found.kept.value) / found.width
    return abs(between - (kept + share * (missed - kept))) <= BENT * half


def outward(found: Bracket, narrow: Crossing) -> Crossing:
    """Return *narrow* with its interval, if it has one, widened to reach both values."""
    if narrow.low is None or narrow.high is None:
        return narrow
    ends = [found.kept.value, found.missed.value, narrow.low, narrow.high]
    return Crossing(narrow.value, min(ends), max(ends))


def _root(found: Bracket, end: str) -> float | None:
    """Return where the line through one *end* of both margins is 0; None where there is none."""
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
    if found.is_certain:
        low = high = found.kept.value
    return Crossing(min(max(_last(exact.value, found.direction), low), high), low, high)


def _last(value: float, direction: int) -> float:
    """Return the last whole number before *value* from the side on which the limits are kept."""
    return float(math.floor(value) if direction == 1 else math.ceil(value))
