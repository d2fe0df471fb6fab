"""Durations that vary: each model is one way of writing a distribution in a scenario."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from simsched.scenario.alternatives import ByKey
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


Spread = Annotated[MeanCv | Percentiles, ByKey("mean and cv, or p50 and p99,")]


class Exponential(Part):
    exponential: PositiveDuration  # its mean


class Lognormal(Part):
    lognormal: Spread


class Gamma(Part):
    gamma: Spread


class Erlang(Part):
    erlang: MeanStages


class Hyperexponential(Part):
    hyperexponential: MeanCv  # two phases with balanced means; cv >= 1


class Uniform(Part):
    uniform: Bounds


class Weibull(Part):
    weibull: Spread


class Pareto(Part):
    pareto: BoundedPareto


class Values(Part):
    """Observed durations, each as likely as the others."""

    values: Annotated[tuple[Duration, ...], Field(strict=False, min_length=1)]


class File(Part):
    """Observed durations in one column of a CSV file, in seconds unless ``unit`` says otherwise.

    ``file`` is relative to the scenario file.
    """

    file: str
    column: str
    unit: str = "s"


class Empirical(Part):
    empirical: Values


class Component(Part):
    weight: float
    duration: Demand


class Mixture(Part):
    mixture: Annotated[tuple[Component, ...], Field(strict=False, min_length=1)]


class Offset(Part):
    by: Duration
    duration: Demand


class Shifted(Part):
    shifted: Offset


Distribution = Annotated[
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
    | Shifted,
    ByKey("a distribution"),
]


class _ConstantOrDistribution:
    """Chooses by shape: a mapping is a distribution, anything else a constant."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices = {
            "int": handler.generate_schema(Duration),
            "Distribution": handler.generate_schema(Distribution),
        }
        return core_schema.tagged_union_schema(choices, discriminator=self._tag)

    @staticmethod
    def _tag(value: Any) -> str:
        return "Distribution" if isinstance(value, (dict, Part)) else "int"


Demand = Annotated[int | Distribution, _ConstantOrDistribution()]
"""How long something takes: a constant in nanoseconds, or a distribution."""
