"""Families that are fitted to a mean and a cv, to two percentiles, or to bounds.

The lognormal is the usual shape of a web service's latency; gamma covers sums of exponential
stages and what lies between them; a Weibull is a power of an exponential; the bounded Pareto is a
power tail that ends somewhere, as the sizes of files and jobs do.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, lgamma, log, log1p, pi, sqrt

import numpy as np

from simsched.errors import InputError
from simsched.workload.columns import Floats
from simsched.workload.distributions.laws import Law, Sampler, solve
from simsched.workload.streams import Streams

_Z99 = 2.3263478740408408
"""The 99th percentile of the standard normal distribution."""

_GAMMA_SHAPES = 0.01, 1e9
_WEIBULL_SHAPES = 0.02, 1e12
"""The ends of the shapes that are searched."""

_RESIDUAL = 1e-9
"""How far a fit may be off, as a logarithm."""

_NARROW = 3000.0
"""From this shape on the moments of a Weibull are computed by their series."""

_NODES = 64
"""Enough of Gauss and Legendre for any shape up to 100 over a factor of two."""


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


def _log_ratio(shape: float) -> float:
    """The logarithm of the 99th percentile over the median; it falls as the shape grows."""
    from scipy.special import gammaincinv

    return float(log(gammaincinv(shape, 0.99)) - log(gammaincinv(shape, 0.5)))


@dataclass(frozen=True)
class Gamma(Law):
    """Gamma with a shape and a scale (nanoseconds); with a whole shape it is Erlang's.

    Moments: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), 17.6.
    """

    name = "a gamma"
    shape: float
    scale: float

    @classmethod
    def from_mean_cv(cls, mean: float, cv: float) -> Gamma:
        """Return the law with this mean (nanoseconds) and coefficient of variation."""
        return cls(cv**-2, mean * cv**2)

    @classmethod
    def from_percentiles(cls, p50: float, p99: float) -> Gamma:
        """Return the law with this median and 99th percentile, in nanoseconds.

        Raises:
            InputError: no gamma has percentiles in this ratio, or none that can be computed.
        """
        from scipy.special import gammaincinv

        ratio = log(p99 / p50)
        shape = solve(_log_ratio, ratio, *_GAMMA_SHAPES)
        if abs(_log_ratio(shape) - ratio) > _RESIDUAL:
            raise InputError(
                f"no gamma distribution fits a p99 of {p99 / p50:.6g} times the p50;"
                f" use lognormal, which fits any two percentiles"
            )
        return cls(shape, p50 / float(gammaincinv(shape, 0.5)))

    @property
    def mean(self) -> float:
        """Shape times scale."""
        return self.shape * self.scale

    @property
    def variance(self) -> float:
        """Shape times the squared scale."""
        return self.shape * self.scale**2

    def sampler(self, streams: Streams) -> Sampler:
        """Return a sampler by NumPy's rejection method, which takes one draw after the other."""
        generator = streams.generator()

        def draw(n: int) -> Floats:
            draws = generator.standard_gamma(self.shape, n)
            draws *= self.scale
            return draws

        return draw

    def length_biased(self, streams: Streams) -> float:
        """Draw a gamma whose shape is larger by 1."""
        return float(streams.generator().standard_gamma(self.shape + 1) * self.scale)


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
        shape = solve(_log_square_ratio, target, *_WEIBULL_SHAPES)
        if abs(_log_square_ratio(shape) - target) > _RESIDUAL:
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
