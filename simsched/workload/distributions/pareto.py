"""The bounded Pareto: a power tail that ends somewhere, as the sizes of files and jobs do."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, log, log1p

import numpy as np

from simsched.workload.columns import Floats
from simsched.workload.distributions.laws import Law, Sampler
from simsched.workload.streams import Streams

# Enough of Gauss and Legendre for any shape up to 100 over a factor of two.
_NODES = 64


@dataclass(frozen=True)
class BoundedPareto(Law):
    """Density proportional to ``x**(-shape - 1)`` between *low* and *high* (nanoseconds).

    Moments: Harchol-Balter, Performance Modeling and Design of Computer Systems (2013), 20.5,
    written so that they hold where the shape is 1 or 2 as well.
    """

    name = "a Pareto"
    low: float
    high: float
    shape: float

    def _moment(self, order: int) -> float:
        """The mean of ``(x / low)**order``."""
        span = log(self.high / self.low)
        exponent = (self.shape - order) * span
        stretch = -expm1(-exponent) / exponent if exponent else 1.0
        return self.shape * span * stretch / -expm1(-self.shape * span)

    @property
    def mean(self) -> float:
        """The first moment."""
        return self.low * self._moment(1)

    @property
    def variance(self) -> float:
        """The second moment less the squared mean; integrated where they are nearly the same."""
        if self.high > 2 * self.low:
            return self.low**2 * (self._moment(2) - self._moment(1) ** 2)
        return self._narrow_variance()

    def _narrow_variance(self) -> float:
        span = log(self.high / self.low)
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        logs = span * (nodes + 1) / 2
        weights = weights * np.exp(-self.shape * logs)
        excess = np.expm1(logs)  # of the duration over the lowest, as a share of that
        mean = np.average(excess, weights=weights)
        return float(self.low**2 * np.average((excess - mean) ** 2, weights=weights))

    def sampler(self, streams: Streams) -> Sampler:
        """Return a sampler by inversion of the distribution function."""
        generator = streams.generator()
        mass = expm1(-self.shape * log(self.high / self.low))

        def draw(n: int) -> Floats:
            draws = generator.random(n)
            draws *= mass
            draws += 1
            draws **= -1 / self.shape
            draws *= self.low
            return draws

        return draw

    def length_biased(self, streams: Streams) -> float:
        """Draw by inversion from the density of a shape that is smaller by 1."""
        share, span, shape = streams.generator().random(), log(self.high / self.low), self.shape - 1
        if shape == 0:
            return self.low * exp(share * span)
        return self.low * exp(-log1p(share * expm1(-shape * span)) / shape)
