"""How often something is repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from simsched.scenario.model.requests import (
    GeometricTimes,
    ObservedTimes,
    PoissonTimes,
    Repetitions,
    UniformTimes,
)
from simsched.workload.arrays import Int64s


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
