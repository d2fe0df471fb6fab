"""Two values, of which one keeps the limits and the other does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Literal

from simsched.experiment.search.length import FIRST
from simsched.experiment.search.parameter import RATE, Parameter
from simsched.experiment.search.trial import Trial

Probe = Callable[[float, int], Trial | None]
"""Tries a value with at least so many replications; None where there is no such value."""

DOUBLINGS = 10
"""How often a value is doubled before it is said that the limits are kept at any."""

QUARTERINGS = 5
"""How often it is divided by four before it is said that they are kept at none."""

HEAVY = 0.9
"""The share of a highest rate that is tried first where a limit may be missed below and kept there:
at the highest rate most metrics have no value."""

LIGHT = (1 / 8, 1 / 100)
"""The shares of a highest rate that are tried where the limits are missed at half of it."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """A value at which the figures keep the limits, and one at which they do not."""

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

    def holds(self, value: float) -> bool:
        """Return whether *value* lies between the two."""
        low, high = sorted((self.kept.value, self.missed.value))
        return low < value < high

    def with_(self, trial: Trial) -> Bracket:
        """Return the bracket with *trial* for the end that it is like."""
        return Bracket(trial, self.missed) if trial.keeps else Bracket(self.kept, trial)


class UntoldError(Exception):
    """A value at which it cannot be told whether the limits are kept; ``trial`` says why."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial.reason)
        self.trial = trial


def bracket(
    probe: Probe, parameter: Parameter, highest: float | None = None, *, more_is_worse: bool = False
) -> Bracket | Trial:
    """Return a bracket, or, where all values are alike, the outermost that was tried.

    Args:
        probe: tries a value.
        parameter: what is varied.
        highest: the rate from which a server cannot keep up, where it has one: the search then
            begins at half of it. Any other value is doubled and divided from where the scenario
            has it.
        more_is_worse: whether a larger value never helps: then only one way need be gone.

    Raises:
        UntoldError: at some value nothing can be told.
    """
    by_rate = parameter.path == RATE and highest is not None
    first = told(probe(highest / 2 if by_rate and highest else parameter.start, FIRST))
    if first is None:
        raise ValueError(f"the scenario has no {parameter.option(parameter.start)}")
    last = {1: first, -1: first}
    ways = _ways(parameter, highest if by_rate else None, more_is_worse)
    for direction, value in _in_order(ways, first, more_is_worse):
        trial = told(probe(value, FIRST))
        if trial is None or trial.value == last[direction].value:
            continue
        if trial.keeps != first.keeps:
            inner = last[direction]
            return Bracket(inner, trial) if inner.keeps else Bracket(trial, inner)
        last[direction] = trial
    return last[1] if first.keeps or not more_is_worse else last[-1]


def told(trial: Trial | None) -> Trial | None:
    """Return *trial*.

    Raises:
        UntoldError: it tells nothing.
    """
    if trial is not None and trial.keeps is None:
        raise UntoldError(trial)
    return trial


_Way = list[tuple[int, float]]
"""Values to try one after another, each with the direction in which it lies: 1 is up."""


def _ways(parameter: Parameter, highest: float | None, more_is_worse: bool) -> tuple[_Way, _Way]:
    """Return the values to try above the first one, and those below it."""
    if highest is not None:
        heavy = [] if more_is_worse else [highest * HEAVY]
        ups, downs = [*heavy, highest], [highest * share for share in LIGHT]
    else:
        ups = [parameter.start * 2**n for n in range(1, DOUBLINGS + 1)]
        downs = [parameter.start / 4**n for n in range(1, QUARTERINGS + 1)]
    return [(1, value) for value in ups], [(-1, value) for value in downs]


def _in_order(
    ways: tuple[_Way, _Way], first: Trial, more_is_worse: bool
) -> Iterable[tuple[int, float]]:
    up, down = ways
    if more_is_worse:
        return up if first.keeps else down
    return _in_turns(up, down)


def _in_turns(
    one: Iterable[tuple[int, float]], other: Iterable[tuple[int, float]]
) -> Iterator[tuple[int, float]]:
    return (each for each in chain(*zip_longest(one, other)) if each is not None)
