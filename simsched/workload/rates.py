"""Rates of arrival that change over time.

Arrivals at a changing rate are made from arrivals at rate 1 by stretching time: one at y happens at
the time t by which y arrivals are expected. For Poisson arrivals this inversion
is exact (Cinlar, Introduction to Stochastic Processes (1975), 4.7); for other renewal processes it
keeps the rate and nearly the variability (Gerhardt & Nelson, INFORMS J. on Computing 21, 2009).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf, pi, sin
from typing import assert_never

import numpy as np

from simsched.scenario.model.events import ArrivalsEvent
from simsched.scenario.model.rates import Daily, Ramp, RateProfile, Steps
from simsched.units import SECOND
from simsched.workload.arrays import Floats
from simsched.workload.streams import Streams


class Rate(ABC):
    """A rate of arrival as a known function of time.

    ``limit`` is how many arrivals are expected in all eternity.
    """

    limit: float = inf

    @abstractmethod
    def expected(self, at_ns: Floats) -> Floats:
        """Return how many arrivals are expected from time 0 until each of these times."""

    @abstractmethod
    def when(self, expected: Floats) -> Floats:
        """Return the first times (ns) by which so many arrivals are expected; infinity for never.

        What it returns for one number does not depend on the others.
        """


@dataclass(frozen=True)
class Steady(Rate):
    """Always the same number of arrivals per second."""

    per_s: float

    def expected(self, at_ns: Floats) -> Floats:
        """Return rate times time."""
        return at_ns * self.per_s / SECOND

    def when(self, expected: Floats) -> Floats:
        """Return number over rate."""
        return expected * SECOND / self.per_s


def last_below(marks: Floats, values: Floats) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the position of the last of the rising *marks* below each value, at least 0."""
    return np.maximum(np.searchsorted(marks, values, side="left") - 1, 0)


class Pieces(Rate):
    """In each piece the rate is a straight line; at the end it stays as it is.

    Args:
        starts_ns: when each piece begins; the first at 0, and rising.
        rates: the rate (per second) at the beginning of each piece.
        ends: the rate just before the next piece begins; of the last piece, its rate for ever.
    """

    def __init__(
        self, starts_ns: Sequence[float], rates: Sequence[float], ends: Sequence[float]
    ) -> None:
        self._starts = np.array(starts_ns, float)
        self._rates = np.array(rates, float) / SECOND
        widths, rise = np.diff(self._starts), np.array(ends, float) / SECOND - self._rates
        self._slopes = np.append(rise[:-1] / widths, 0.0)
        self._marks = np.append(0.0, np.cumsum((self._rates + rise / 2)[:-1] * widths))
        self.limit = inf if self._rates[-1] else float(self._marks[-1])

    def expected(self, at_ns: Floats) -> Floats:
        """Return the area under the lines."""
        piece = last_below(self._starts, at_ns)
        time = at_ns - self._starts[piece]
        area: Floats = time * (self._rates[piece] + self._slopes[piece] * time / 2)
        return self._marks[piece] + area

    def when(self, expected: Floats) -> Floats:
        """Return where the area is reached: a quadratic equation in each piece."""
        piece = last_below(self._marks, expected)
        area, rate = expected - self._marks[piece], self._rates[piece]
        # This form of the solution loses no digits where the slope is near 0.
        root = np.sqrt(np.maximum(rate**2 + 2 * self._slopes[piece] * area, 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            time = 2 * area / (rate + root)
        return self._starts[piece] + np.where(area > 0, time, 0.0)


# How many switches between levels are drawn at a time; even, so that each lot begins alike.
_SWITCHES = 256

# How many arrivals a swing is inverted for at a time, so that temporary arrays stay small.
_BLOCK = 1 << 16

_MOST_STEPS = 200
_CLOSE_NS = 0.01


@dataclass(frozen=True)
class Swing(Rate):
    """``mean (1 + depth cos(2 pi (t - peak) / period))``.

    Attributes:
        mean: the mean rate, per second.
        depth: how far the rate swings, as a share of the mean, at most 1.
        period_ns: from one peak to the next.
        peak_ns: when the rate is highest.
    """

    mean: float
    depth: float
    period_ns: float
    peak_ns: float

    @property
    def _reach_ns(self) -> float:
        """How far the swing moves arrivals, at most."""
        return self.depth * self.period_ns / (2 * pi)

    def _angle(self, at_ns: Floats) -> Floats:
        return (at_ns - self.peak_ns) * (2 * pi / self.period_ns)

    def expected(self, at_ns: Floats) -> Floats:
        """Return the integral of the rate."""
        beginning = sin(2 * pi * self.peak_ns / self.period_ns)
        moved = self._reach_ns * (np.sin(self._angle(at_ns)) + beginning)
        return self.mean / SECOND * (at_ns + moved)

    def _rate(self, at_ns: Floats) -> Floats:
        return self.mean / SECOND * (1 + self.depth * np.cos(self._angle(at_ns)))

    def when(self, expected: Floats) -> Floats:
        """Return the inverse of the integral, to a hundredth of a nanosecond where floats allow.

        By Newton's method, kept between bounds by bisection (Press, Teukolsky, Vetterling &
        Flannery, Numerical Recipes (2007), 9.4). Each number is left alone once it is found.
        """
        blocks = np.split(expected, range(_BLOCK, len(expected), _BLOCK))
        return np.concatenate([self._inverted(block) for block in blocks])

    def _inverted(self, expected: Floats) -> Floats:
        # The swing moves an arrival by a bounded time, which bounds the root from both sides.
        steady = expected * SECOND / self.mean
        low, high = np.maximum(steady - 2 * self._reach_ns, 0.0), steady + 2 * self._reach_ns
        times = (low + high) / 2
        sought = np.arange(len(times))
        for _ in range(_MOST_STEPS):
            before = times[sought]
            bounds = self._narrowed(before, expected[sought], low[sought], high[sought])
            low[sought], high[sought], times[sought] = bounds
            moved = np.abs(times[sought] - before)
            sought = sought[moved > np.maximum(_CLOSE_NS, np.spacing(before))]
            if not len(sought):
                break
        return times

    def _narrowed(
        self, times: Floats, expected: Floats, low: Floats, high: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Return closer bounds, and a closer time between them."""
        miss = self.expected(times) - expected
        low, high = np.where(miss < 0, times, low), np.where(miss < 0, high, times)
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = times - miss / self._rate(times)
        inside = (low <= newton) & (newton <= high)
        return low, high, np.where(inside, newton, (low + high) / 2)


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


@dataclass(frozen=True)
class OnOff:
    """A rate times a factor that alternates at random between two levels, in equilibrium.

    Each level lasts an exponential time with its own mean. Given the switches, arrivals are Poisson
    with the rate that results: the whole is a Markov-modulated Poisson process.

    Attributes:
        base: the rate that is multiplied.
        means_ns: how long each level lasts on average.
        factors: the two levels.
        streams: the place of the stream of switches.
    """

    base: Rate
    means_ns: tuple[float, float]
    factors: tuple[float, float]
    streams: Streams

    def when(self, expected: Floats) -> Floats:
        """Return the first times (ns) by which so many arrivals are expected; infinity for never.

        The switches are drawn as far as the numbers, which must not fall, require.
        """
        times = np.full(len(expected), np.inf)
        done, mark, now, base_mark = 0, 0.0, 0.0, 0.0
        for durations, factors in self._sojourns():
            durations[0] += now
            ends = np.cumsum(durations)
            base_marks = np.append(base_mark, self.base.expected(ends))
            steps = np.diff(base_marks) * factors
            steps[0] += mark
            marks = np.append(mark, np.cumsum(steps))
            reached = int(np.searchsorted(expected, marks[-1], side="right"))
            here = expected[done:reached]
            piece = last_below(marks, here)
            rest = here - marks[piece]
            times[done:reached] = _reached(self.base, base_marks[piece], rest, factors[piece])
            done, mark, now, base_mark = reached, marks[-1], ends[-1], base_marks[-1]
            if done == len(expected) or base_mark >= self.base.limit:
                break
        return times

    def _sojourns(self) -> Iterator[tuple[Floats, Floats]]:
        """Yield how long (ns) the next few levels last, and their factors.

        The level at time 0 is drawn in proportion to the means; what is then left of it is
        exponential too.
        """
        generator = self.streams.generator()
        first = int(generator.random() * sum(self.means_ns) >= self.means_ns[0])
        level = (first + np.arange(_SWITCHES)) % 2
        means, factors = np.array(self.means_ns)[level], np.array(self.factors)[level]
        # Drawn in lots of a fixed size, so that asking for more arrivals changes no earlier switch.
        while True:
            yield generator.standard_exponential(_SWITCHES) * means, factors


def rate(written: float | RateProfile) -> Rate:
    """Return the rate that is *written*: a constant number per second, or a profile."""
    match written:
        case float() | int():
            return Steady(written)
        case Steps():
            rates = [point.rate for point in written.steps]
            return Pieces([point.at for point in written.steps], rates, rates)
        case Ramp():
            rates = [point.rate for point in written.ramp]
            return Pieces([point.at for point in written.ramp], rates, [*rates[1:], rates[-1]])
        case Daily():
            curve = written.daily
            return Swing(curve.mean, curve.peak / curve.mean - 1, curve.period, curve.peak_at)
        case _:
            assert_never(written)


def surged(base: Rate, events: Iterable[ArrivalsEvent]) -> Rate:
    """Return the rate *base*, multiplied while each of *events* lasts; they do not overlap."""
    starts, factors = [0.0], [1.0]
    for event in sorted(events, key=lambda each: each.at):
        starts += [event.at, event.at + event.lasting]
        factors += [event.arrivals, 1.0]
    if len(starts) == 1:
        return base
    return Multiplied(base, np.array(starts, dtype=np.float64), np.array(factors))
