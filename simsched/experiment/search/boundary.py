"""The boundary of the values that keep limits, with replications where they matter.

The figures at a value are noisy, but under common random numbers the noise is nearly the same at
neighbouring values: the figures of the same replications, as a function of the value, have a root
that ordinary root finding reaches quickly (sample-path optimisation: Healy & Schruben,
Retrospective simulation response optimization, Winter Simulation Conference 1991). That root is an
estimate, and its interval comes from the intervals of the figures around it (see
:mod:`simsched.experiment.search.bracket`). Where it is too wide, both ends are given more
replications and the root is found again: retrospective approximation (Chen & Schmeiser, Stochastic
root finding via retrospective approximation, IIE Transactions 33 (3), 2001).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from simsched.experiment.search.bracket import (
    Bracket,
    Crossing,
    Probe,
    crossing,
    decided,
    is_line,
    outward,
)
from simsched.experiment.search.laboratory import FIRST
from simsched.experiment.search.parameter import Parameter
from simsched.experiment.search.trial import Trial

LEAST = 20
"""Replications around the root before its interval is judged: a spread estimated from fewer is
itself so uncertain that an interval which looks narrow enough is too often too narrow."""

MOST_TURNS = 60
"""Turns of the root finding: bisection alone reaches the last digit sooner."""

MOST_STEPS = 20
"""Steps after a root that moves as replications are added."""

RESERVE = 1.25
"""The factor on the predicted number of replications, and the least growth: checking again and
again until an interval happens to be narrow enough would stop too often where it is wrong."""

FINE = 0.25
"""Ends that are nearer to each other than this share of the span asked for need no line."""

INSIDE = 0.9
"""How much of the precision the ends take up: the root between them may still move a little."""

NEAR = 8.0
"""How many half widths of the interval the ends may lie apart for a line between them to hold."""


@dataclass(frozen=True, slots=True)
class Found:
    """The values around a root, where it lies, and whether its interval is narrow enough."""

    bracket: Bracket
    crossing: Crossing
    is_narrow: bool


@dataclass(frozen=True, slots=True)
class Boundary:
    """The search for a boundary with a given precision.

    Attributes:
        probe: tries a value.
        parameter: what is varied.
        relative: the half width of the interval over the value that is wanted.
        at_most: the most replications of a value.
        highest: the rate from which the server cannot keep up, where it has one.
    """

    probe: Probe
    parameter: Parameter
    relative: float
    at_most: int
    highest: float | None = None

    def find(self, start: Bracket) -> Found:
        """Return the root within *start*, with an interval that is narrow enough.

        It is wider if :attr:`at_most` replications do not suffice.

        Raises:
            UndecidedError: at some value there is no answer.
        """
        replications = min(LEAST, self.at_most)
        # The root is found with few replications first: most of the work is near it.
        found = self._judged(self._narrowed(start), replications)
        while not found.is_narrow and replications < self.at_most:
            replications = self._more(found.crossing, replications)
            found = self._judged(found.bracket, replications)
        return found

    def _judged(self, start: Bracket, replications: int) -> Found:
        """Return what so many replications show of the root near *start*.

        The root is accepted if a trial of the root itself lies on the line through the ends. Where
        it does not, and the ends are decided, the root lies between them: nothing more is known.
        Otherwise the trial replaces one of the ends, until these are near enough to each other.
        """
        found = self._refreshed(start, replications)
        root = self._crossing(found)
        # A line through the ends says nothing where more replications are needed anyway.
        if not self._is_narrow(root) or self._needs_no_line(found):
            return Found(found, root, self._is_narrow(root))
        while found.width > FINE * self._span(root.value):
            middle = self._tried(self._between(found, root), replications)
            if is_line(found, middle) and self._is_near(found):
                root = crossing(found, self.parameter, self.highest, middle)
                return Found(found, root, self._is_narrow(root))
            if found.kept.verdict == "kept" and found.missed.verdict == "missed":
                break
            found = found.with_(middle)
            root = self._crossing(found)
        wide = outward(found, root)
        return Found(found, wide, self._is_narrow(wide))

    def _between(self, found: Bracket, root: Crossing) -> float:
        """Return the value nearest to the root that can be tried within *found*."""
        value = self.parameter.snap(root.value)
        return value if found.holds(value) else self.parameter.snap(found.middle)

    def _is_near(self, found: Bracket) -> bool:
        """Return whether the ends are so near that a line to them has the slope at the root."""
        half = self._crossing(found).half_width
        return half is not None and found.width <= NEAR * half

    def _needs_no_line(self, found: Bracket) -> bool:
        """Return whether the ends are neighbouring whole numbers, or nothing is left to chance."""
        return found.is_certain or (self.parameter.kind == "count" and found.width <= 1)

    def _crossing(self, found: Bracket) -> Crossing:
        return crossing(found, self.parameter, self.highest)

    def _is_narrow(self, root: Crossing) -> bool:
        half = root.half_width
        return half is not None and half <= self.relative * root.value

    def _narrowed(self, found: Bracket) -> Bracket:
        """Return *found* with its ends as near to the root as the precision that is wanted."""
        for turn in range(MOST_TURNS):
            if found.width <= self._span(self._crossing(found).value) * (1 + 1e-6):
                break
            before = found.width
            for value in self._targets(found, turn):
                if found.holds(value):
                    found = found.with_(self._tried(value, FIRST))
            if found.width == before:  # no value between the ends can be tried
                break
        return found

    def _span(self, value: float) -> float:
        """Return how far apart the ends may be for the precision that is wanted at *value*."""
        span = 2 * INSIDE * self.relative * value
        return max(1.0, 2 * math.floor(span / 2)) if self.parameter.kind == "count" else span

    def _targets(self, found: Bracket, turn: int) -> Iterator[float]:
        """Yield the values to try: on both sides of the likely root, the kept side first.

        Every third turn halves the bracket instead, since a curve that is not a line can hold one
        end in place for long (Dowell & Jarratt, BIT 11, 1971, on the regula falsi).
        """
        if turn % 3 == 2:  # noqa: PLR2004
            yield self.parameter.snap(found.middle)
            return
        guess = self._crossing(found).value
        if self.parameter.kind == "count":  # halfway to the next one, so that both are tried
            guess += found.direction * 0.5
        span = self._span(guess)
        near = guess - found.direction * span / 2
        ends = (near, near + found.direction * span)
        inside = [value for value in map(self.parameter.snap, ends) if found.holds(value)]
        yield from inside or [self.parameter.snap(found.middle)]

    def _more(self, so_far: Crossing, replications: int) -> int:
        """Return how many replications should make the interval narrow enough.

        The half width of an interval shrinks with the square root of their number (Law, Simulation
        Modeling and Analysis, 5th ed., 2015, section 9.4.1).
        """
        half = so_far.half_width
        if half is None or not so_far.value:
            return min(2 * replications, self.at_most)
        ratio = half / (self.relative * so_far.value)
        growth = max(RESERVE * ratio**2, RESERVE)
        return min(math.ceil(replications * growth), self.at_most)

    def _refreshed(self, found: Bracket, replications: int) -> Bracket:
        """Return the bracket of so many *replications*: the root may have moved out of *found*."""
        step = found.direction * found.width
        near = self._tried(found.kept.value, replications)
        far = self._tried(found.missed.value, replications)
        # Steps double, so that a root that moved far is enclosed after few of them.
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
        found = decided(self.probe(further, replications)) if further > 0 else None
        return trial if found is None else found

    def _tried(self, value: float, replications: int) -> Trial:
        found = decided(self.probe(value, replications))
        if found is None:
            raise ValueError(f"the scenario has no {self.parameter.option(value)}")
        return found
