"""Rates in pieces: steps from one level to the next, and ramps between them."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np

from simsched.units import SECOND
from simsched.workload.arrays import Floats
from simsched.workload.rates.rate import Rate, last_below


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
        root = np.sqrt(np.maximum(rate**2 + 2 * self._slopes[piece] * area, 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            time = 2 * area / (rate + root)
        return self._starts[piece] + np.where(area > 0, time, 0.0)
