"""Rates times a factor that changes: at known times, or at random."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simsched.workload.arrays import Floats
from simsched.workload.rates.rate import Rate, last_below


class Multiplied(Rate):
    """Another rate, times one factor from each start (ns) on to the next; the first start is 0."""

    def __init__(self, base: Rate, starts_ns: Floats, factors: Floats) -> None:
        self._base, self._starts, self._factors = base, starts_ns, factors
        self._base_marks = base.expected(starts_ns)
        self._marks = np.append(0.0, np.cumsum(np.diff(self._base_marks) * factors[:-1]))
        rest = factors[-1] * (base.limit - self._base_marks[-1]) if factors[-1] else 0.0
        self.limit = float(self._marks[-1] + rest)

    def expected(self, at_ns: Floats) -> Floats:
        """Return what the base expects in each piece, times the piece's factor."""
        piece = last_below(self._starts, at_ns)
        since = self._base.expected(at_ns) - self._base_marks[piece]
        return self._marks[piece] + self._factors[piece] * since

    def when(self, expected: Floats) -> Floats:
        """Return when the base expects what is left of the piece, divided by its factor."""
        piece = last_below(self._marks, expected)
        rest = expected - self._marks[piece]
        return _reached(self._base, self._base_marks[piece], rest, self._factors[piece])


def _reached(base: Rate, base_marks: Floats, rest: Floats, factors: Floats) -> Floats:
    """When the base, times a factor, has brought the rest of what is expected since its mark."""
    since = np.divide(rest, factors, out=np.full(len(rest), np.inf), where=factors > 0)
    since[rest <= 0] = 0.0
    never = np.isinf(since)
    times = base.when(base_marks + np.where(never, 0.0, since))
    times[never] = np.inf
    return times


Sojourns = Callable[[int], tuple[Floats, Floats]]
"""Called with n, it returns how long (ns) each of the next n factors lasts, and the factors."""


class Modulated:
    """A rate times a factor that switches at random, drawn as far as it is needed.

    Given the switches, arrivals are Poisson with the rate that results, so that the whole is a
    Markov-modulated Poisson process if the factors are those of a Markov chain.
    """

    _AT_ONCE = 256

    def __init__(self, base: Rate, sojourns: Sojourns) -> None:
        self._base, self._sojourns = base, sojourns
        self._now = 0.0
        self._marks, self._base_marks, self._factors = np.zeros(1), np.zeros(1), np.zeros(0)

    def when(self, expected: Floats) -> Floats:
        """Return the first times (ns) by which so many arrivals are expected; infinity for never.

        The numbers must not fall, from one call to the next either.
        """
        while self._marks[-1] < expected[-1] and self._base_marks[-1] < self._base.limit:
            self._extend()
        piece = np.minimum(last_below(self._marks, expected), len(self._factors) - 1)
        rest = expected - self._marks[piece]
        times = _reached(self._base, self._base_marks[piece], rest, self._factors[piece])
        times[expected > self._marks[-1]] = np.inf
        self._forget(int(piece[-1]))
        return times

    def _extend(self) -> None:
        durations, factors = self._sojourns(self._AT_ONCE)
        durations[0] += self._now
        ends = np.cumsum(durations)
        self._now = float(ends[-1])
        base_marks = self._base.expected(ends)
        steps = np.diff(base_marks, prepend=self._base_marks[-1]) * factors
        steps[0] += self._marks[-1]
        self._marks = np.append(self._marks, np.cumsum(steps))
        self._base_marks = np.append(self._base_marks, base_marks)
        self._factors = np.append(self._factors, factors)

    def _forget(self, pieces: int) -> None:
        self._marks, self._base_marks = self._marks[pieces:], self._base_marks[pieces:]
        self._factors = self._factors[pieces:]


def on_off(
    means_ns: tuple[float, float], factors: tuple[float, float], generator: np.random.Generator
) -> Sojourns:
    """Return the sojourns of a chain that alternates between two factors, in equilibrium.

    Each lasts an exponential time with its own mean. Which one is on at time 0 is drawn in
    proportion to the means; what is then left of it is exponential too.
    """
    first = int(generator.random() * sum(means_ns) >= means_ns[0])
    means, levels = np.array(means_ns), np.array(factors)
    count = first

    def sojourns(n: int) -> tuple[Floats, Floats]:
        nonlocal count
        state = np.arange(count, count + n) % 2
        count += n
        return generator.standard_exponential(n) * means[state], levels[state]

    return sojourns
