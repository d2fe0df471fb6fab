"""Every distribution of a scenario, its exact moments, and its draws.

:func:`law` turns a duration as the scenario writes it into its law, :func:`counts` a number of
repetitions into its distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, assert_never

import numpy as np

from simsched.scenario.model import distributions as written
from simsched.scenario.model.counts import (
    GeometricTimes,
    ObservedTimes,
    PoissonTimes,
    Repetitions,
    UniformTimes,
    mean_times,
)
from simsched.workload.arrays import Int64s
from simsched.workload.distributions.composite import Mixture, Shifted, hyperexponential
from simsched.workload.distributions.gamma import Gamma
from simsched.workload.distributions.laws import (
    LONGEST_DRAW,
    Constant,
    Empirical,
    Exponential,
    Law,
    Moments,
    Sampler,
    Uniform,
    checked,
    whole_nanoseconds,
)
from simsched.workload.distributions.lognormal import Lognormal
from simsched.workload.distributions.pareto import BoundedPareto
from simsched.workload.distributions.weibull import Weibull
from simsched.workload.streams import probabilities

__all__ = [
    "LONGEST_DRAW",
    "Counts",
    "Law",
    "Moments",
    "Sampler",
    "checked",
    "counts",
    "law",
    "moments",
    "whole_nanoseconds",
]


def law(demand: written.Demand) -> Law:
    """Return the law that *demand* means.

    Raises:
        InputError: no distribution of the family has the figures that were given.
    """
    return _LAWS[type(demand)](demand)


def _fitted(
    family: type[Lognormal | Gamma | Weibull], figures: written.MeanCv | written.Percentiles
) -> Law:
    if isinstance(figures, written.Percentiles):
        return family.from_percentiles(figures.p50, figures.p99)
    return family.from_mean_cv(figures.mean, figures.cv)


def _mixture(written_as: written.Mixture) -> Law:
    parts = written_as.mixture
    chances = probabilities([part.weight for part in parts])
    return Mixture(chances, tuple(law(part.duration) for part in parts))


# How the law of each distribution is made of what the scenario writes.
_LAWS: Mapping[type, Callable[[Any], Law]] = MappingProxyType(
    {
        int: Constant,
        written.Exponential: lambda it: Exponential(it.exponential),
        written.Lognormal: lambda it: _fitted(Lognormal, it.lognormal),
        written.Gamma: lambda it: _fitted(Gamma, it.gamma),
        written.Weibull: lambda it: _fitted(Weibull, it.weibull),
        written.Erlang: lambda it: Gamma(it.erlang.stages, it.erlang.mean / it.erlang.stages),
        written.Hyperexponential: lambda it: hyperexponential(
            it.hyperexponential.mean, it.hyperexponential.cv
        ),
        written.Uniform: lambda it: Uniform(it.uniform.low, it.uniform.high),
        written.Pareto: lambda it: BoundedPareto(it.pareto.low, it.pareto.high, it.pareto.shape),
        written.Empirical: lambda it: Empirical(np.array(it.empirical.values, dtype=np.int64)),
        written.Mixture: _mixture,
        written.Shifted: lambda it: Shifted(it.shifted.by, law(it.shifted.duration)),
    }
)


def moments(demand: written.Demand) -> Moments:
    """Return the exact mean and variance of *demand*, before draws are rounded to nanoseconds."""
    return law(demand).moments()


@dataclass(frozen=True, eq=False)
class Counts:
    """The distribution of a count.

    Attributes:
        mean: its mean.
        variance: its variance.
        draw: returns the next n counts from a generator, as one sequence over all calls.
    """

    mean: float
    variance: float
    draw: Callable[[np.random.Generator, int], Int64s]


def counts(times: Repetitions) -> Counts:
    """Return the distribution of a count as the scenario writes it.

    Moments: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005).
    """
    mean = mean_times(times)
    match times:
        case int():
            return Counts(mean, 0.0, lambda _, n: np.full(n, times))
        case UniformTimes(uniform=ends):
            variance = ((ends.high - ends.low + 1) ** 2 - 1) / 12
            return Counts(
                mean, variance, lambda draw, n: draw.integers(ends.low, ends.high, n, endpoint=True)
            )
        case GeometricTimes():
            return Counts(mean, mean * (mean - 1), lambda draw, n: draw.geometric(1 / mean, n))
        case PoissonTimes():
            return Counts(mean, mean, lambda draw, n: draw.poisson(mean, n))
        case ObservedTimes():
            values = np.array(times.values, dtype=np.int64)
            return Counts(
                mean, float(values.var()), lambda draw, n: values[draw.integers(0, len(values), n)]
            )
        case _:
            assert_never(times)
