"""From a duration as the scenario writes it to the law it means."""

from __future__ import annotations

from functools import singledispatch

import numpy as np

from simsched.scenario.model import distributions as written
from simsched.workload.distributions.composite import Mixture, Shifted, hyperexponential
from simsched.workload.distributions.elementary import Constant, Empirical, Exponential, Uniform
from simsched.workload.distributions.gamma import Gamma
from simsched.workload.distributions.law import Law, Moments
from simsched.workload.distributions.lognormal import Lognormal
from simsched.workload.distributions.pareto import BoundedPareto
from simsched.workload.distributions.weibull import Weibull
from simsched.workload.weights import probabilities


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
