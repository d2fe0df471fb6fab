"""A rate that swings: the day and night of a web service."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sin

import numpy as np

from simsched.units import SECOND
from simsched.workload.arrays import Floats
from simsched.workload.rates.rate import Rate

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
