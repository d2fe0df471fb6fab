"""Gamma: sums of exponential stages, and what lies between them."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

from simsched.errors import InputError
from simsched.workload.columns import Floats
from simsched.workload.distributions.laws import Law, Sampler, solve
from simsched.workload.streams import Streams

# The ends of the shapes that are searched.
_SHAPES = 0.01, 1e9


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
        shape = solve(_log_ratio, ratio, *_SHAPES)
        if shape is None:
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
