"""Search for the boundary of the values that keep limits, with replications where they matter.

The figures at a value are noisy, but under common random numbers the noise is nearly the same at
neighbouring values: the figures of the same replications, as a function of the value, have a root
that ordinary root finding brings in quickly (sample-path optimisation: Healy & Schruben,
Retrospective simulation response optimization, Winter Simulation Conference 1991). That root is an
estimate, and its interval comes from the intervals of the figures around it (see
:mod:`simsched.experiment.search.crossing`). Where it is too wide, both ends are given more
replications and the root is found again: retrospective approximation (Chen & Schmeiser, Stochastic
root finding via retrospective approximation, IIE Transactions 33 (3), 2001).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from simsched.experiment.search.bracket import Bracket, Probe, told
from simsched.experiment.search.crossing import Crossing, crossing, is_line, outward
from simsched.experiment.search.length import FIRST
from simsched.experiment.search.parameter import Parameter
from simsched.experiment.search.trial import Trial

LEAST = 20
"""Replications around the root before its interval is judged: a spread that is seen in fewer is
itself so uncertain that an interval which looks narrow enough is too often too narrow."""

MOST_TURNS = 60
"""Turns of the root finding: bisection alone would be at the last digit before."""

MOST_STEPS = 20
"""Steps after a root that moves as replications are added."""

RESERVE = 1.25
"""How many times the replications foretold are made, and the least growth: looking again and again
until an interval happens to be narrow enough would leave it narrow too often where it is wrong."""


FINE = 0.25
"""Ends that are nearer to each other than this share of the span asked for need no line."""


INSIDE = 0.9
"""How much of the precision the ends take up: the root between them may still move a little."""

NEAR = 8.0
"""How many times half the interval the ends may lie apart for a line to them to be believed."""


@dataclass(frozen=True, slots=True)
class Found:
    """The values around a root, where it lies, and whether that is told as well as was asked."""

    bracket: Bracket
    crossing: Crossing
    is_told: bool


@dataclass(frozen=True, slots=True)
class Boundary:
    """What is varied, and how well it is to be told.

    Attributes:
        probe: tries a value.
        parameter: what is varied.
        relative: half the interval over the value that is wanted.
        at_most: the most replications of a value.
        highest: the rate from which the server cannot keep up, where it has one.
    """

    probe: Probe
    parameter: Parameter
    relative: float
    at_most: int
    highest: float | None = None

    def find(self, begun: Bracket) -> Found:
        """Return the root of what is within *begun*, tried until its interval is narrow enough.

        It is not narrow enough if :attr:`at_most` replications do not suffice.

        Raises:
            UntoldError: at some value nothing can be told.
        """
        replications = min(LEAST, self.at_most)
        found = self._judged(self.narrowed(begun), replications)
        while not found.is_told and replications < self.at_most:
            replications = self._more(found.crossing, replications)
            found = self._judged(found.bracket, replications)
        return found

    def _judged(self, begun: Bracket, replications: int) -> Found:
        """Return what so many replications tell of the root near *begun*."""
        found = self._refreshed(begun, replications)
        if not self.is_told(found):
            return Found(found, self.crossing(found), is_told=False)
        return self._straightened(found, replications)

    def _straightened(self, found: Bracket, replications: int) -> Found:
        """Return the root by a line that a try of the root itself does not bend.

        Where it does, and the ends are told apart, the root is said to lie between them and no
        more. Where they are not, it lies between that try and one of the ends, and so on, until
        these are near enough to each other.
        """
        told_ = self.crossing(found)
        if self._is_settled(found):
            return Found(found, told_, is_told=self.is_told(found))
        while found.width > FINE * self._span(told_.value):
            middle = self._told(self._between(found, told_), replications)
            if is_line(found, middle) and self._is_near(found):
                told_ = crossing(found, self.parameter, self.highest, middle)
                return Found(found, told_, is_told=self._is_narrow(told_))
            if _is_told_apart(found):
                break
            found = found.with_(middle)
            told_ = self.crossing(found)
        wide = outward(found, told_)
        return Found(found, wide, is_told=self._is_narrow(wide))

    def _between(self, found: Bracket, told_: Crossing) -> float:
        """Return the value nearest to the root that can be tried within *found*."""
        value = self.parameter.snap(told_.value)
        middle = self.parameter.snap((found.kept.value + found.missed.value) / 2)
        return value if found.holds(value) else middle

    def _is_near(self, found: Bracket) -> bool:
        """Return whether the ends are so near that a line to them has the slope at the root."""
        half = self.crossing(found).half_width
        return half is not None and found.width <= NEAR * half

    def _is_settled(self, found: Bracket) -> bool:
        """Return whether no line is needed: neighbouring whole numbers, or nothing by chance."""
        certain = max(found.kept.replications, found.missed.replications) <= 1
        return certain or (self.parameter.kind == "count" and found.width <= 1)

    def crossing(self, found: Bracket) -> Crossing:
        """Return the root and its interval."""
        return crossing(found, self.parameter, self.highest)

    def is_told(self, found: Bracket) -> bool:
        """Return whether the interval is as narrow as wanted."""
        return self._is_narrow(self.crossing(found))

    def _is_narrow(self, told_: Crossing) -> bool:
        half = told_.half_width
        return half is not None and half <= self.relative * told_.value

    def narrowed(self, found: Bracket) -> Bracket:
        """Return *found* with its ends as near to the root as the precision that is wanted."""
        for turn in range(MOST_TURNS):
            if found.width <= self._span(self.crossing(found).value) * (1 + 1e-6):
                break
            before = found.width
            for value in self._targets(found, turn):
                if found.holds(value):
                    found = found.with_(self._told(value, FIRST))
            if found.width == before:  # the values that can be tried lie no denser
                break
        return found

    def _span(self, value: float) -> float:
        """Return how far apart the ends are that tell *value* as well as is wanted."""
        span = 2 * INSIDE * self.relative * value
        return max(1.0, 2 * math.floor(span / 2)) if self.parameter.kind == "count" else span

    def _targets(self, found: Bracket, turn: int) -> Iterator[float]:
        """Yield the values to try: on both sides of the likely root, the kept side first.

        Every third turn halves the bracket instead, since a curve that is no line can keep one end
        for long (Dowell & Jarratt, BIT 11, 1971, on the regula falsi).
        """
        middle = (found.kept.value + found.missed.value) / 2
        if turn % 3 == 2:  # noqa: PLR2004
            yield self.parameter.snap(middle)
            return
        guess = self._guess(found)
        span = self._span(guess)
        near = guess - found.direction * span / 2
        ends = (near, near + found.direction * span)
        inside = [value for value in map(self.parameter.snap, ends) if found.holds(value)]
        yield from inside or [self.parameter.snap(middle)]

    def _guess(self, found: Bracket) -> float:
        guess = self.crossing(found).value
        if self.parameter.kind == "count":  # halfway to the next one, so that both are tried
            return guess + found.direction * 0.5
        return guess

    def _more(self, so_far: Crossing, replications: int) -> int:
        """Return how many replications make the interval narrow enough, foretold from its width.

        Half an interval shrinks with the square root of their number (Law, Simulation Modeling and
        Analysis, 5th ed., 2015, section 9.4.1).
        """
        half = so_far.half_width
        if half is None or not so_far.value:
            return min(2 * replications, self.at_most)
        ratio = half / (self.relative * so_far.value)
        growth = max(RESERVE * ratio**2, RESERVE)
        return min(math.ceil(replications * growth), self.at_most)

    def _refreshed(self, found: Bracket, replications: int) -> Bracket:
        """Return the bracket around the root of more *replications*, which may have moved."""
        step = found.direction * found.width
        near = self._told(found.kept.value, replications)
        far = self._told(found.missed.value, replications)
        for _ in range(MOST_STEPS):
            if near.keeps and not far.keeps:
                break
            if far.keeps:
                near, far = far, self._next(far, step, replications)
            else:
                near, far = self._next(near, -step, replications), near
            step *= 2
        return Bracket(near, far)

    def _next(self, trial: Trial, step: float, replications: int) -> Trial:
        """Return the trial a *step* further; the same one where there is none."""
        further = trial.value + step
        found = told(self.probe(further, replications)) if further > 0 else None
        return trial if found is None else found

    def _told(self, value: float, replications: int) -> Trial:
        found = told(self.probe(value, replications))
        if found is None:
            raise ValueError(f"the scenario has no {self.parameter.option(value)}")
        return found


def _is_told_apart(found: Bracket) -> bool:
    return found.kept.verdict == "kept" and found.missed.verdict == "missed"
