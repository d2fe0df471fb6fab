"""When requests arrive, and of which class they are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from simsched.scenario.base import Part, complaint
from simsched.scenario.distributions import Distribution
from simsched.scenario.meaning import is_always_zero
from simsched.scenario.problem import Problem
from simsched.scenario.quantities import (
    Count,
    Duration,
    Name,
    PositiveDuration,
    Rate,
    Sized,
    Weight,
)

MOST_ARRIVALS = 100_000
"""The most requests of an explicit schedule."""

MOST_CLASSES = 10_000
"""The most classes of requests."""


class Arrival(Part):
    """One request of an explicit schedule."""

    at: Duration = Field(description="When it arrives.", examples=["20ms"])
    request: Name = Field(description="The class of the request.", examples=["page"])


class OpenArrivals(Part):
    """Arrivals that wait for nobody.

    Either a ``rate`` with ``arrivals``, or ``interarrival``: the distribution of the time between
    arrivals. The first arrival comes after one such time.
    """

    rate: Rate | None = Field(
        default=None, description="How many requests arrive, on average.", examples=["80/s"]
    )
    arrivals: Literal["poisson", "constant"] = Field(
        default="poisson",
        description="Whether the requests of a rate come at random or evenly spaced.",
    )
    interarrival: Distribution | None = Field(
        default=None,
        description="The distribution of the time between arrivals, in place of a rate.",
        examples=[{"gamma": {"mean": "12.5ms", "cv": 2}}],
    )

    @model_validator(mode="after")
    def _end(self) -> OpenArrivals:
        if self.interarrival is not None and is_always_zero(self.interarrival):
            message = "the times between arrivals are all 0: there would be no end of arrivals"
            raise complaint(Problem(("interarrival",), message))
        return self


class Workload(Part):
    """When requests arrive: exactly one of ``schedule`` and ``open``.

    An open workload ends after ``duration`` or after ``requests`` arrivals (exactly one of them),
    and draws each request's class from the weights in ``mix``.
    """

    schedule: Annotated[tuple[Arrival, ...], Sized(MOST_ARRIVALS, "arrival")] | None = Field(
        default=None,
        description="Requests at given times.",
        examples=[[{"at": "0ms", "request": "page"}]],
    )
    open: OpenArrivals | None = Field(
        default=None,
        description="Arrivals that wait for nobody.",
        examples=[{"rate": "80/s"}],
    )
    mix: Annotated[dict[Name, Weight], Sized(MOST_CLASSES, "class")] | None = Field(
        default=None,
        description="How likely each class of requests is; without it, all are as likely.",
        examples=[{"page": 9, "ping": 1}],
    )
    duration: PositiveDuration | None = Field(
        default=None, description="When the simulation ends.", examples=["60s"]
    )
    requests: Count | None = Field(
        default=None, description="How many requests arrive.", examples=[10000]
    )
