"""The bounded Pareto law: a power tail that ends somewhere, as the sizes of files and jobs do."""

from __future__ import annotations

from dataclasses import dataclass
from math import expm1, log

from simsched.workload.columns import Floats
from simsched.workload.distributions.law import Law, Sampler
from simsched.workload.streams import Streams


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
        """The second moment less the squared mean."""
        return self.low**2 * (self._moment(2) - self._moment(1) ** 2)

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
