"""Counts: how often the phases of a repetition happen, a constant or decided by chance."""

from __future__ import annotations

from typing import Annotated, assert_never

from pydantic import Field, model_validator

from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.model.alternatives import ByKey, ByShape
from simsched.scenario.model.base import Part
from simsched.scenario.model.quantities import Number, Sized

MOST_TIMES = 100_000
"""The most times that something is repeated; the mean where there is no most."""

Times = Annotated[int, Field(ge=0, le=MOST_TIMES)]
"""How often."""


class CountRange(Part):
    """The ends of a range of counts; both may occur."""

    low: Times = Field(description="The least.", examples=[1])
    high: Times = Field(description="The most.", examples=[5])

    @model_validator(mode="after")
    def _order(self) -> CountRange:
        if self.high < self.low:
            message = f"the number {self.high} is too small; high must be at least low"
            raise complaint(Problem(("high",), f"{message}, which is {self.low}"))
        return self


class GeometricMean(Part):
    """The mean of a geometric distribution."""

    mean: Number = Field(ge=1, le=MOST_TIMES, description="The mean.", examples=[3])


class PoissonMean(Part):
    """The mean of a Poisson distribution."""

    mean: Number = Field(gt=0, le=MOST_TIMES, description="The mean.", examples=[3])


class UniformTimes(Part):
    """Any count of a range, each as likely."""

    uniform: CountRange

    @property
    def mean(self) -> float:
        """The mean count."""
        return (self.uniform.low + self.uniform.high) / 2


class GeometricTimes(Part):
    """At least once, and after each time again with the same chance."""

    geometric: GeometricMean

    @property
    def mean(self) -> float:
        """The mean count."""
        return self.geometric.mean


class PoissonTimes(Part):
    """A Poisson count, which may be none."""

    poisson: PoissonMean

    @property
    def mean(self) -> float:
        """The mean count."""
        return self.poisson.mean


class ObservedTimes(Part):
    """Observed counts, each as likely as the others."""

    values: Annotated[tuple[Times, ...], Sized(MOST_TIMES, "value")] = Field(
        description="Observed counts, each as likely as the others.", examples=[[1, 2, 2, 7]]
    )

    @property
    def mean(self) -> float:
        """The mean count."""
        return sum(self.values) / len(self.values)


RandomTimes = Annotated[
    UniformTimes | GeometricTimes | PoissonTimes | ObservedTimes,
    ByKey("distribution of counts"),
]
"""A count that chance decides, written as one key that names its distribution."""


Repetitions = Annotated[int | RandomTimes, ByShape(Times, RandomTimes)]
"""How often something is repeated."""


def mean_times(times: Repetitions) -> float:
    """Return how often something is repeated on average."""
    return times if isinstance(times, int) else times.mean


def vary(times: Repetitions) -> bool:
    """Return whether chance decides how often something is repeated."""
    match times:
        case int():
            return False
        case UniformTimes(uniform=ends):
            return ends.low < ends.high
        case GeometricTimes():
            return times.mean > 1
        case PoissonTimes():
            return True
        case ObservedTimes():
            return len(set(times.values)) > 1
        case _:
            assert_never(times)
