"""Laws made of other laws: a mixture, the hyperexponential, and a shift."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simsched.workload.distributions.laws import Durations, Exponential, Law, Sampler, checked
from simsched.workload.streams import Streams, picker

_Each = TypeVar("_Each", np.float64, np.int64)


@dataclass(frozen=True)
class Mixture(Law):
    """One of several laws, picked for each draw with these probabilities.

    Moments: the laws of total expectation and total variance.
    """

    name = "a mixture"
    probabilities: tuple[float, ...]
    laws: tuple[Law, ...]

    @property
    def mean(self) -> float:
        """The weighted mean of the means."""
        return sum(p * law.mean for p, law in zip(self.probabilities, self.laws, strict=True))

    @property
    def variance(self) -> float:
        """The mean of the variances plus the variance of the means."""
        mean = self.mean
        parts = zip(self.probabilities, self.laws, strict=True)
        return sum(p * (law.variance + (law.mean - mean) ** 2) for p, law in parts)

    def sampler(self, streams: Streams) -> Sampler:
        """Return a sampler that picks by one stream and draws each component from its own.

        The k-th draw of a component goes to the k-th time it is picked.
        """
        components = [law.sampler(streams.child(i)) for i, law in enumerate(self.laws)]
        return self._picked(components, np.float64, streams)

    def durations(self, streams: Streams) -> Durations:
        """Return a sampler of the same, in which each component rounds for itself."""
        components = [law.durations(streams.child(i)) for i, law in enumerate(self.laws)]
        return self._picked(components, np.int64, streams)

    def _picked(
        self,
        components: Sequence[Callable[[int], NDArray[_Each]]],
        kind: type[_Each],
        streams: Streams,
    ) -> Callable[[int], NDArray[_Each]]:
        pick = picker(self.probabilities, streams.child("choice").generator())

        def draw(n: int) -> NDArray[_Each]:
            picked, draws = pick(n), np.empty(n, dtype=kind)
            for i, component in enumerate(components):
                mine = picked == i
                draws[mine] = component(int(np.count_nonzero(mine)))
            return draws

        return draw

    def length_biased(self, streams: Streams) -> float:
        """Draw from a component, the more likely the more of the mean it contributes."""
        weights = [p * law.mean for p, law in zip(self.probabilities, self.laws, strict=True)]
        chosen = int(picker(weights, streams.child("choice").generator())(1)[0])
        return self.laws[chosen].length_biased(streams.child(chosen))


def hyperexponential(mean: float, cv: float) -> Mixture:
    """Return the mixture of two exponentials with this mean (nanoseconds) and cv, at least 1.

    Of the many that fit, the one in which both contribute half of the mean ("balanced means"):
    Whitt, Approximating a point process by a renewal process I, Operations Research 30 (1982), 3.
    """
    spread = sqrt((cv**2 - 1) / (cv**2 + 1))
    rare = 1 / ((cv**2 + 1) * (1 + spread))  # (1 - spread) / 2 without its cancellation
    often = 1 - rare
    return Mixture((often, rare), (Exponential(mean / 2 / often), Exponential(mean / 2 / rare)))


@dataclass(frozen=True)
class Shifted(Law):
    """Another law, later by a constant (nanoseconds)."""

    name = "a shifted distribution"
    by: int
    law: Law

    @property
    def mean(self) -> float:
        """The other's mean, and the shift."""
        return self.by + self.law.mean

    @property
    def variance(self) -> float:
        """The other's variance."""
        return self.law.variance

    def sampler(self, streams: Streams) -> Sampler:
        """Return a sampler of the other law, shifted."""
        draw = self.law.sampler(streams)
        return lambda n: self.by + draw(n)

    def durations(self, streams: Streams) -> Durations:
        """Return a sampler of the other law's whole nanoseconds, shifted."""
        draw = self.law.durations(streams)
        return lambda n: checked(self.by + draw(n), self)

    def length_biased(self, streams: Streams) -> float:
        """Draw the other law as it is, or biased: each as often as it adds to the length."""
        if streams.child("choice").generator().random() * self.mean < self.by:
            return self.by + float(self.law.sampler(streams)(1)[0])
        return self.by + self.law.length_biased(streams)
