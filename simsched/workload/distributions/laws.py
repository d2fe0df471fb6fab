"""What every distribution of a duration has, and those that need no fitting."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import ClassVar, TypeVar

import numpy as np

from simsched import units
from simsched.errors import RunError
from simsched.workload.columns import Floats, Int64s
from simsched.workload.streams import Streams, picker

Sampler = Callable[[int], Floats]
"""Called with n, it returns the next n draws in nanoseconds, as one sequence over all calls."""

Durations = Callable[[int], Int64s]
"""Called with n, it returns the next n draws in whole nanoseconds, as one sequence."""

LONGEST_DRAW = 100_000 * 3600 * units.SECOND
"""The longest duration that may be drawn, in nanoseconds: 100,000 hours."""

RESIDUAL = 1e-9
"""How far a fit may be off, as a logarithm."""


@dataclass(frozen=True, slots=True)
class Moments:
    """The exact mean (seconds) and variance (seconds squared) of a duration."""

    mean_s: float
    variance_s2: float

    @property
    def cv(self) -> float | None:
        """The coefficient of variation: standard deviation over mean; None where the mean is 0."""
        return sqrt(self.variance_s2) / self.mean_s if self.mean_s else None


class Law(ABC):
    """The distribution of a duration, with its parameters worked out.

    Inside a law durations are floating-point nanoseconds, so that sums of draws round only once.
    """

    name: ClassVar[str]

    @property
    @abstractmethod
    def mean(self) -> float:
        """The mean, in nanoseconds."""

    @property
    @abstractmethod
    def variance(self) -> float:
        """The variance, in nanoseconds squared."""

    @abstractmethod
    def sampler(self, streams: Streams) -> Sampler:
        """Return a sampler at the beginning of the law's streams.

        What it returns for a request does not depend on how many are asked for, or in how many
        calls.
        """

    def durations(self, streams: Streams) -> Durations:
        """Return a sampler of whole nanoseconds, at the beginning of the same streams.

        A law that only passes on numbers that were given does so exactly; a float would round those
        beyond 2**53 ns, which is 104 days.

        Raises (the sampler):
            RunError: a draw is longer than :data:`LONGEST_DRAW`.
        """
        draw = self.sampler(streams)
        return lambda n: whole_nanoseconds(checked(draw(n), self))

    @abstractmethod
    def length_biased(self, streams: Streams) -> float:
        """Draw an interval of this law (ns) as a moment meets it: the longer, the more likely.

        Its density is proportional to that of the law times the length.
        """

    def moments(self) -> Moments:
        """Return the moments in seconds."""
        return Moments(self.mean / units.SECOND, self.variance / units.SECOND**2)

    def __str__(self) -> str:
        return f"{self.name} with mean {units.format_duration(self.mean / units.SECOND)}"


Draws = TypeVar("Draws", Floats, Int64s)


def checked(draws: Draws, law: Law) -> Draws:
    """Return *draws* if all are durations that simulated time can hold.

    Raises:
        RunError: one is longer than :data:`LONGEST_DRAW`, or not a number.
    """
    longest = draws.max(initial=0)
    if not longest <= LONGEST_DRAW:
        raise RunError(
            f"a duration drawn from {law} is {longest / units.SECOND:.3g} s long, beyond the limit"
            f" of 100000 h; a smaller cv, p99 or upper bound keeps it below"
        )
    return draws


def whole_nanoseconds(draws: Floats) -> Int64s:
    """Return *draws* rounded half to even; the array given is overwritten."""
    return np.rint(draws, out=draws).astype(np.int64)


def solve(
    function: Callable[[float], float], target: float, low: float, high: float
) -> float | None:
    """Return the x between *low* and *high* at which the decreasing *function* is *target*.

    The logarithm of x is bisected until neighbouring floats enclose the answer; no derivative can
    mislead it, and a scenario has few distributions to fit. None if the range does not reach the
    target, or the answer is off by more than :data:`RESIDUAL`.
    """
    left, right = log(low), log(high)
    while left < (middle := (left + right) / 2) < right:
        if function(exp(middle)) > target:
            left = middle
        else:
            right = middle
    found = exp(middle)
    return found if abs(function(found) - target) <= RESIDUAL else None


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
