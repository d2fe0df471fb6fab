"""Weibull: a power of an exponential."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, lgamma, log, log1p, pi

from simsched.errors import InputError
from simsched.workload.columns import Floats
from simsched.workload.distributions.laws import Law, Sampler, solve
from simsched.workload.streams import Streams

# The ends of the shapes that are searched.
_SHAPES = 0.02, 1e12

# From this shape on the moments of a Weibull are computed by their series.
_NARROW = 3000.0


def _log_square_ratio(shape: float) -> float:
    """The logarithm of the second moment over the squared mean; it falls as the shape grows."""
    if shape < _NARROW:
        return lgamma(1 + 2 / shape) - 2 * lgamma(1 + 1 / shape)
    x = 1 / shape  # the first terms of the series in x, of which the difference keeps no digit
    return x**2 * (pi**2 / 6 - 2.4041138063191886 * x + 3.5 * pi**4 / 90 * x**2)


@dataclass(frozen=True)
class Weibull(Law):
    """``scale E**(1 / shape)`` with E exponential of mean 1 and the scale in nanoseconds.

    Moments: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), 21.3.
    """

    name = "a Weibull"
    shape: float
    scale: float

    @classmethod
    def from_mean_cv(cls, mean: float, cv: float) -> Weibull:
        """Return the law with this mean (nanoseconds) and coefficient of variation.

        Raises:
            InputError: the coefficient of variation is beyond what can be computed.
        """
        target = log1p(cv**2)
        shape = solve(_log_square_ratio, target, *_SHAPES)
        if shape is None:
            raise InputError(f"no Weibull distribution can be fitted to a cv of {cv:.6g}")
        return cls(shape, exp(log(mean) - lgamma(1 + 1 / shape)))

    @classmethod
    def from_percentiles(cls, p50: float, p99: float) -> Weibull:
        """Return the law with this median and 99th percentile, in nanoseconds."""
        shape = log(log(100) / log(2)) / log(p99 / p50)
        return cls(shape, p50 * log(2) ** (-1 / shape))

    @property
    def mean(self) -> float:
        """``scale Gamma(1 + 1 / shape)``."""
        return self.scale * exp(lgamma(1 + 1 / self.shape))

    @property
    def variance(self) -> float:
        """``scale**2 (Gamma(1 + 2 / shape) - Gamma(1 + 1 / shape)**2)``."""
        return expm1(_log_square_ratio(self.shape)) * self.mean**2

    def sampler(self, streams: Streams) -> Sampler:
        """Return a sampler from exponential draws."""
        generator = streams.generator()

        def draw(n: int) -> Floats:
            draws = generator.standard_exponential(n)
            draws **= 1 / self.shape
            draws *= self.scale
            return draws

        return draw

    def length_biased(self, streams: Streams) -> float:
        """Draw the same power of a gamma in place of the exponential."""
        gamma = streams.generator().standard_gamma(1 + 1 / self.shape)
        return float(self.scale * gamma ** (1 / self.shape))
