"""Laws that need no fitting: constant, exponential, uniform, and observed values."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from simsched.workload.columns import Floats, Int64s
from simsched.workload.distributions.laws import Durations, Law, Sampler
from simsched.workload.streams import Streams, picker


@dataclass(frozen=True)
class Constant(Law):
    """Always the same duration."""

    name = "a constant"
    value: float

    @property
    def mean(self) -> float:
        """The value."""
        return self.value

    @property
    def variance(self) -> float:
        """None at all."""
        return 0.0

    def sampler(self, streams: Streams) -> Sampler:  # noqa: ARG002  nothing is drawn
        """Return a sampler that repeats the value."""
        return lambda n: np.full(n, float(self.value))

    def durations(self, streams: Streams) -> Durations:  # noqa: ARG002  as above
        """Return a sampler that repeats the value exactly."""
        return lambda n: np.full(n, round(self.value), dtype=np.int64)

    def length_biased(self, streams: Streams) -> float:  # noqa: ARG002  as above
        """Return the value."""
        return self.value


@dataclass(frozen=True)
class Exponential(Law):
    """Memoryless: the time left does not depend on the time passed."""

    name = "an exponential"
    scale: float

    @property
    def mean(self) -> float:
        """The scale."""
        return self.scale

    @property
    def variance(self) -> float:
        """The scale squared."""
        return self.scale**2

    def sampler(self, streams: Streams) -> Sampler:
        """Return a sampler by NumPy's ziggurat."""
        generator = streams.generator()

        def draw(n: int) -> Floats:
            draws = generator.standard_exponential(n)
            draws *= self.scale
            return draws

        return draw

    def length_biased(self, streams: Streams) -> float:
        """Draw the sum of two."""
        return float(streams.generator().standard_gamma(2.0) * self.scale)


@dataclass(frozen=True)
class Uniform(Law):
    """Every duration between two ends as likely as any other."""

    name = "a uniform"
    low: float
    high: float

    @property
    def mean(self) -> float:
        """Halfway between the ends."""
        return (self.low + self.high) / 2

    @property
    def variance(self) -> float:
        """A twelfth of the squared width."""
        return (self.high - self.low) ** 2 / 12

    def sampler(self, streams: Streams) -> Sampler:
        """Return a sampler that stretches the uniform draws of the stream."""
        generator = streams.generator()
        return lambda n: self.low + (self.high - self.low) * generator.random(n)

    def length_biased(self, streams: Streams) -> float:
        """Draw by inversion: the square is uniform between the squared ends."""
        share = streams.generator().random()
        return sqrt(self.low**2 + share * (self.high**2 - self.low**2))


@dataclass(frozen=True, eq=False)
class Empirical(Law):
    """Observed durations, each as likely as the others."""

    name = "an empirical distribution"
    values: Int64s

    @property
    def mean(self) -> float:
        """The mean of the values."""
        return float(np.mean(self.values))

    @property
    def variance(self) -> float:
        """The variance of the values as a population (divided by their number)."""
        return float(np.var(self.values))

    def sampler(self, streams: Streams) -> Sampler:
        """Return a sampler that picks values with replacement."""
        pick = self.durations(streams)
        return lambda n: pick(n).astype(np.float64)

    def durations(self, streams: Streams) -> Durations:
        """Return a sampler that picks values with replacement, exactly."""
        generator = streams.generator()
        return lambda n: self.values[generator.integers(0, len(self.values), n)]

    def length_biased(self, streams: Streams) -> float:
        """Pick a value with itself as its weight."""
        chosen = picker(self.values.tolist(), streams.generator())(1)
        return float(self.values[chosen[0]])
