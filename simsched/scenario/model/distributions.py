"""Durations that vary: each model is one way of writing a distribution in a scenario."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from simsched.scenario.file.problems import Problem
from simsched.scenario.model.alternatives import ByKey, ByKeys, ByShape
from simsched.scenario.model.base import Part, complaint
from simsched.scenario.model.observed import Observed
from simsched.scenario.model.quantities import Duration, Number, PositiveDuration, Sized, Weight
from simsched.units import write_duration

WIDEST = 10_000
"""How many times the median a 99th percentile may be."""


def _check_order(low: int, high: int, low_key: str, high_key: str) -> None:
    if high <= low:
        message = f"{write_duration(high)} is too short; {high_key} must be more than {low_key}"
        raise complaint(Problem((high_key,), f"{message}, which is {write_duration(low)}"))


class MeanCv(Part):
    """A mean and a coefficient of variation: the standard deviation over the mean."""

    mean: PositiveDuration = Field(description="The mean.", examples=["40ms"])
    cv: Number = Field(
        gt=0,
        le=100,
        description="The coefficient of variation: the standard deviation over the mean.",
        examples=[1.2],
    )


class Percentiles(Part):
    """The median and the 99th percentile."""

    p50: PositiveDuration = Field(description="The median.", examples=["30ms"])
    p99: PositiveDuration = Field(
        description="The 99th percentile: one in a hundred is longer.", examples=["400ms"]
    )

    @model_validator(mode="after")
    def _spread(self) -> Percentiles:
        _check_order(self.p50, self.p99, "p50", "p99")
        if self.p99 > WIDEST * self.p50:
            shown = write_duration(self.p99)
            message = f"{shown} is too long; the most is {WIDEST} times p50"
            raise complaint(Problem(("p99",), message))
        return self


class MeanStages(Part):
    """The mean of a sum, and how many exponential stages add up to it."""

    mean: PositiveDuration = Field(description="The mean of the sum.", examples=["40ms"])
    stages: int = Field(ge=1, le=1000, description="How many stages add up.", examples=[4])


class Bounds(Part):
    """The ends of a range."""

    low: Duration = Field(description="The least.", examples=["10ms"])
    high: PositiveDuration = Field(description="The most.", examples=["30ms"])

    @model_validator(mode="after")
    def _order(self) -> Bounds:
        _check_order(self.low, self.high, "low", "high")
        return self


class BoundedPareto(Part):
    """A Pareto distribution cut at both ends."""

    low: PositiveDuration = Field(description="The least.", examples=["1ms"])
    high: PositiveDuration = Field(description="The most.", examples=["10s"])
    shape: Number = Field(
        gt=0,
        le=100,
        description="The exponent of the tail: the smaller, the heavier.",
        examples=[1.5],
    )

    @model_validator(mode="after")
    def _order(self) -> BoundedPareto:
        _check_order(self.low, self.high, "low", "high")
        return self


Spread = Annotated[MeanCv | Percentiles, ByKeys()]
"""A mean with a coefficient of variation, or two percentiles."""


class Exponential(Part):
    """The exponential distribution: waiting for something that can happen at any moment."""

    exponential: PositiveDuration = Field(description="Its mean.")


class Lognormal(Part):
    """The lognormal distribution: what most measured response times look like."""

    lognormal: Spread


class Gamma(Part):
    """The gamma distribution."""

    gamma: Spread


class Erlang(Part):
    """The Erlang distribution: a sum of exponential stages, steadier than one of them."""

    erlang: MeanStages


class Hyperexponential(Part):
    """One of two exponential distributions, with balanced means: its cv is at least 1."""

    hyperexponential: MeanCv

    @model_validator(mode="after")
    def _cv(self) -> Hyperexponential:
        if self.hyperexponential.cv < 1:
            message = f"the number {self.hyperexponential.cv:g} is too small; it must be at least 1"
            raise complaint(Problem(("hyperexponential", "cv"), message, "for less, take gamma"))
        return self


class Uniform(Part):
    """The uniform distribution: everything between two ends is as likely."""

    uniform: Bounds


class Weibull(Part):
    """The Weibull distribution."""

    weibull: Spread


class Pareto(Part):
    """The Pareto distribution, bounded: the heavy tail of file sizes."""

    pareto: BoundedPareto


class Empirical(Part):
    """Observed durations, each as likely as the others."""

    empirical: Observed


class Component(Part):
    """One distribution of a mixture, and how likely it is."""

    weight: Weight = Field(
        description="How likely, in proportion to the other weights.", examples=[0.9]
    )
    duration: Demand = Field(description="The duration then.", examples=["10ms"])


class Mixture(Part):
    """One of several distributions, by their weights."""

    mixture: Annotated[tuple[Component, ...], Sized(1000, "component")]


class Offset(Part):
    """A constant, and what is added to it."""

    by: Duration = Field(description="The constant.", examples=["5ms"])
    duration: Demand = Field(description="What is added to it.", examples=["10ms"])


class Shifted(Part):
    """A constant and a distribution, added."""

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
    ByKey("distribution"),
]
"""A duration that varies, written as one key that names the distribution."""


Demand = Annotated[int | Distribution, ByShape(Duration, Distribution)]
"""How long something takes: a constant in nanoseconds, or a distribution."""
