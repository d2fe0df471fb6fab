"""Rates of arrival that change over time: in steps, along ramps, or daily."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.model.alternatives import ByKey, ByShape
from simsched.scenario.model.base import Part
from simsched.scenario.model.quantities import (
    Duration,
    PositiveDuration,
    Rate,
    RateOrNone,
    Sized,
)
from simsched.units import SECOND, write_duration, write_rate

MOST_POINTS = 10_000
"""The most points of a profile."""


class RatePoint(Part):
    """A rate at a moment."""

    at: Duration = Field(description="When.", examples=["10s"])
    rate: RateOrNone = Field(description="The rate from then on.", examples=["100/s"])


def _check_points(points: tuple[RatePoint, ...]) -> tuple[RatePoint, ...]:
    if points[0].at != 0:
        shown = write_duration(points[0].at)
        raise complaint(Problem((0, "at"), f"{shown} is too late; the first point is at 0s"))
    for number, (before, after) in enumerate(pairwise(points), 1):
        if after.at <= before.at:
            message = f"{write_duration(after.at)} is too early; it must be after the point before"
            message = f"{message}, {write_duration(before.at)}"
            raise complaint(Problem((number, "at"), message))
    if not any(point.rate for point in points):
        raise complaint(Problem((), "the rates are all 0: no request would ever arrive"))
    return points


Points = Annotated[
    tuple[RatePoint, ...], Sized(MOST_POINTS, "point"), AfterValidator(_check_points)
]


class Steps(Part):
    """A rate that changes at once: each point's rate holds until the next one."""

    steps: Points = Field(description="The points, from 0s on; each rate holds until the next.")


class Ramp(Part):
    """A rate that changes steadily: linearly from point to point; the last point's rate stays."""

    ramp: Points = Field(description="The points, from 0s on; between them the rate is linear.")


class DailyCurve(Part):
    """A sine curve around ``mean``, at its ``peak`` at ``peak_at`` and once each ``period``."""

    mean: Rate = Field(description="The mean rate.", examples=["50/s"])
    peak: Rate = Field(
        description="The highest rate, at most twice the mean: the lowest is not below 0.",
        examples=["80/s"],
    )
    peak_at: Duration = Field(description="When the rate is highest.", examples=["14h"])
    period: PositiveDuration = Field(
        default=24 * 3600 * SECOND,
        description="After what time the curve repeats.",
        examples=["24h"],
    )

    @model_validator(mode="after")
    def _bounds(self) -> DailyCurve:
        if not self.mean <= self.peak <= 2 * self.mean:
            bounds = f"from {write_rate(self.mean)} to {write_rate(2 * self.mean)}"
            message = f"{write_rate(self.peak)} is out of range; the peak is {bounds}"
            raise complaint(Problem(("peak",), f"{message}, twice the mean"))
        if self.peak_at > self.period:
            shown = write_duration(self.peak_at)
            message = f"{shown} is too late; the period is {write_duration(self.period)}"
            raise complaint(Problem(("peak_at",), message))
        return self


class Daily(Part):
    """A rate that rises and falls once a day."""

    daily: DailyCurve


RateProfile = Steps | Ramp | Daily
"""A rate that changes over time, written as one key that names the way it changes."""

ArrivalRate = Annotated[
    float | RateProfile, ByShape(Rate, Annotated[RateProfile, ByKey("rate profile")])
]
"""A rate, which may change over time."""
