"""Rates of arrival that change over time.

Arrivals at a changing rate are had from arrivals at rate 1 by stretching time: if those happen at
y, these happen at t where so many are expected by t as y says. For Poisson arrivals this inversion
is exact (Cinlar, Introduction to Stochastic Processes (1975), 4.7); for other renewal processes it
keeps the rate and, about, the variability (Gerhardt & Nelson, Transforming renewal processes for
simulation of nonstationary arrival processes, INFORMS Journal on Computing 21 (2009)).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import inf

import numpy as np

from simsched.units import SECOND
from simsched.workload.arrays import Floats


class Rate(ABC):
    """A rate of arrival that is known beforehand, as a function of time.

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
