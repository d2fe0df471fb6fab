"""Durations that vary: each model is one way of writing a distribution in a scenario."""

from __future__ import annotations

from simsched.scenario.base import Part
from simsched.scenario.quantities import Duration, PositiveDuration


class MeanCv(Part):
    """A mean and a coefficient of variation (standard deviation over mean)."""

    mean: PositiveDuration
    cv: float


class Percentiles(Part):
    """The median and the 99th percentile."""

    p50: PositiveDuration
    p99: PositiveDuration


class MeanStages(Part):
    """An Erlang distribution: the mean of the sum, and how many exponential stages add up to it."""

    mean: PositiveDuration
    stages: int


class Bounds(Part):
    """The ends of a range."""

    low: Duration
    high: PositiveDuration


class BoundedPareto(Part):
    """A Pareto distribution cut at both ends."""

    low: PositiveDuration
    high: PositiveDuration
    shape: float


class Exponential(Part):
    exponential: PositiveDuration  # its mean


class Lognormal(Part):
    lognormal: MeanCv | Percentiles


class Gamma(Part):
    gamma: MeanCv | Percentiles


class Erlang(Part):
    erlang: MeanStages


class Hyperexponential(Part):
    hyperexponential: MeanCv  # two phases with balanced means; cv >= 1


class Uniform(Part):
    uniform: Bounds


class Weibull(Part):
    weibull: MeanCv | Percentiles


class Pareto(Part):
    pareto: BoundedPareto


class Values(Part):
    """Observed durations, each as likely as the others."""

    values: tuple[Duration, ...]


class File(Part):
    """Observed durations in one column of a CSV file, in seconds unless ``unit`` says otherwise.

    ``file`` is relative to the scenario file.
    """

    file: str
    column: str
    unit: str = "s"


class Empirical(Part):
    empirical: Values | File


class Component(Part):
    weight: float
    duration: Demand


class Mixture(Part):
    mixture: tuple[Component, ...]


class Offset(Part):
    by: Duration
    duration: Demand


class Shifted(Part):
    shifted: Offset


Distribution = (
    Exponential
    | Lognormal
    | Gamma
    | Erlang
    | Hyperexponential
    | Uniform
    | Weibull
    | Pareto
    | Empirical
    | Mixture
    | Shifted
)

Demand = int | Distribution
"""How long something takes: a constant in nanoseconds, or a distribution."""
