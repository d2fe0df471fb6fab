"""The lognormal: the usual shape of the latency of a web service."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, log, log1p, sqrt

import numpy as np

from simsched.workload.columns import Floats
from simsched.workload.distributions.laws import Law, Sampler
from simsched.workload.streams import Streams

# The 99th percentile of the standard normal distribution.
_Z99 = 2.3263478740408408


@dataclass(frozen=True)
class Lognormal(Law):
    """``exp(mu + sigma Z)`` nanoseconds with Z standard normal.

    Moments: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), 14.8.
    """

    name = "a lognormal"
    mu: float
    sigma: float

    @classmethod
    def from_mean_cv(cls, mean: float, cv: float) -> Lognormal:
        """Return the law with this mean (nanoseconds) and coefficient of variation."""
        variance = log1p(cv**2)
        return cls(log(mean) - variance / 2, sqrt(variance))

    @classmethod
    def from_percentiles(cls, p50: float, p99: float) -> Lognormal:
        """Return the law with this median and 99th percentile, in nanoseconds."""
        return cls(log(p50), log(p99 / p50) / _Z99)

    @property
    def mean(self) -> float:
        """``exp(mu + sigma**2 / 2)``."""
        return exp(self.mu + self.sigma**2 / 2)

    @property
    def variance(self) -> float:
        """``(exp(sigma**2) - 1) mean**2``."""
        return expm1(self.sigma**2) * self.mean**2

    def sampler(self, streams: Streams) -> Sampler:
        """Return a sampler from normal draws."""
        generator = streams.generator()

        def draw(n: int) -> Floats:
            draws = generator.standard_normal(n)
            draws *= self.sigma
            draws += self.mu
            return np.exp(draws, out=draws)

        return draw

    def length_biased(self, streams: Streams) -> float:
        """Draw a lognormal whose logarithm is larger by its variance."""
        normal = streams.generator().standard_normal()
        return exp(self.mu + self.sigma**2 + self.sigma * normal)
