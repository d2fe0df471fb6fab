"""Every distribution of a scenario, its exact moments, and its draws.

:func:`law` turns a duration as the scenario writes it into its law, :func:`counts` a number of
repetitions into its distribution.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from simsched.scenario.model import distributions as written
from simsched.scenario.model.counts import (
    GeometricTimes,
    ObservedTimes,
    PoissonTimes,
    Repetitions,
    UniformTimes,
)
from simsched.workload.arrays import Int64s
from simsched.workload.distributions.composite import Mixture, Shifted, hyperexponential
from simsched.workload.distributions.elementary import Constant, Empirical, Exponential, Uniform
from simsched.workload.distributions.gamma import Gamma
from simsched.workload.distributions.laws import (
    LONGEST_DRAW,
    Law,
    Moments,
    Sampler,
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


@singledispatch
def law(demand: written.Demand) -> Law:
    """Return the law that *demand* means.

    Raises:
        InputError: no distribution of the family has the figures that were given.
    """
    raise NotImplementedError(f"no law for {type(demand).__name__}")


def moments(demand: written.Demand) -> Moments:
    """Return the exact mean and variance of *demand*, before draws are rounded to nanoseconds."""
    return law(demand).moments()


@law.register
def _(demand: int) -> Law:
    return Constant(demand)


@law.register
def _(demand: written.Exponential) -> Law:
    return Exponential(demand.exponential)


def _fitted(
    family: type[Lognormal | Gamma | Weibull], figures: written.MeanCv | written.Percentiles
) -> Law:
    if isinstance(figures, written.Percentiles):
        return family.from_percentiles(figures.p50, figures.p99)
    return family.from_mean_cv(figures.mean, figures.cv)


@law.register
def _(demand: written.Lognormal) -> Law:
    return _fitted(Lognormal, demand.lognormal)


@law.register
def _(demand: written.Gamma) -> Law:
    return _fitted(Gamma, demand.gamma)


@law.register
def _(demand: written.Weibull) -> Law:
    return _fitted(Weibull, demand.weibull)


@law.register
def _(demand: written.Erlang) -> Law:
    return Gamma(demand.erlang.stages, demand.erlang.mean / demand.erlang.stages)


@law.register
def _(demand: written.Hyperexponential) -> Law:
    return hyperexponential(demand.hyperexponential.mean, demand.hyperexponential.cv)


@law.register
def _(demand: written.Uniform) -> Law:
    return Uniform(demand.uniform.low, demand.uniform.high)


@law.register
def _(demand: written.Pareto) -> Law:
    return BoundedPareto(demand.pareto.low, demand.pareto.high, demand.pareto.shape)


@law.register
def _(demand: written.Empirical) -> Law:
    return Empirical(np.array(demand.empirical.values, dtype=np.int64))


@law.register
def _(demand: written.Mixture) -> Law:
    parts = demand.mixture
    chances = probabilities([part.weight for part in parts])
    return Mixture(chances, tuple(law(part.duration) for part in parts))


@law.register
def _(demand: written.Shifted) -> Law:
    return Shifted(demand.shifted.by, law(demand.shifted.duration))


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


@singledispatch
def counts(times: Repetitions) -> Counts:
    """Return the distribution of a count as the scenario writes it.

    Moments: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005).
    """
    raise NotImplementedError(f"no counts for {type(times).__name__}")


@counts.register
def _(times: int) -> Counts:
    return Counts(times, 0.0, lambda _, n: np.full(n, times))


@counts.register
def _(times: UniformTimes) -> Counts:
    low, high = times.uniform.low, times.uniform.high
    variance = ((high - low + 1) ** 2 - 1) / 12
    return Counts(
        (low + high) / 2,
        variance,
        lambda generator, n: generator.integers(low, high, n, endpoint=True),
    )


@counts.register
def _(times: GeometricTimes) -> Counts:
    mean = times.geometric.mean
    return Counts(mean, mean * (mean - 1), lambda generator, n: generator.geometric(1 / mean, n))


@counts.register
def _(times: PoissonTimes) -> Counts:
    mean = times.poisson.mean
    return Counts(mean, mean, lambda generator, n: generator.poisson(mean, n))


@counts.register
def _(times: ObservedTimes) -> Counts:
    values = np.array(times.values, dtype=np.int64)
    return Counts(
        float(values.mean()),
        float(values.var()),
        lambda generator, n: values[generator.integers(0, len(values), n)],
    )
