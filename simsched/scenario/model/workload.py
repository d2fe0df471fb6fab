"""When requests arrive, and of which class they are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from simsched.scenario.file.problems import Problem
from simsched.scenario.model.base import Part, complaint
from simsched.scenario.model.distributions import Demand
from simsched.scenario.model.meaning import is_always_zero
from simsched.scenario.model.profiles import ArrivalRate, Bursts
from simsched.scenario.model.quantities import (
    Count,
    Duration,
    Name,
    Number,
    PositiveDuration,
    Sized,
    Weight,
)
from simsched.scenario.model.trace import Trace
from simsched.units import write_rate

MOST_ARRIVALS = 100_000
"""The most requests of an explicit schedule."""

MOST_CLASSES = 10_000
"""The most classes of requests."""


class Arrival(Part):
    """One request of an explicit schedule, or several at once."""

    at: Duration = Field(description="When it arrives.", examples=["20ms"])
    request: Name = Field(description="The class of the request.", examples=["page"])
    times: int = Field(
        default=1, ge=1, le=100_000, description="How many such requests arrive.", examples=[41]
    )


class OpenArrivals(Part):
    """Arrivals that wait for nobody.

    Either a ``rate``, which may change over time, with ``arrivals``, ``cv`` or ``bursts``; or
    ``interarrival``: the distribution of the time between arrivals. Evenly spaced arrivals begin at
    time 0; random ones are in equilibrium from then on.
    """

    rate: ArrivalRate | None = Field(
        default=None,
        description="How many requests arrive, on average; or how that changes over time.",
        examples=["80/s", {"ramp": [{"at": "0s", "rate": "10/s"}, {"at": "60s", "rate": "90/s"}]}],
    )
    arrivals: Literal["poisson", "constant"] = Field(
        default="poisson",
        description="Whether the requests of a rate come at random or evenly spaced.",
    )
    cv: Number | None = Field(
        default=None,
        gt=0,
        le=100,
        description=(
            "How irregular the times between arrivals are: the coefficient of variation of their "
            "gamma distribution. 1 is Poisson, more is bursty."
        ),
        examples=[2],
    )
    bursts: Bursts | None = Field(
        default=None,
        description="A source that is on and off by turns; the rate is its mean in the long run.",
        examples=[{"on": "2s", "off": "8s"}],
    )
    interarrival: Demand | None = Field(
        default=None,
        description="The time between arrivals, or its distribution, in place of a rate.",
        examples=["12.5ms", {"gamma": {"mean": "12.5ms", "cv": 2}}],
    )

    @model_validator(mode="after")
    def _end(self) -> OpenArrivals:
        if self.interarrival is not None and is_always_zero(self.interarrival):
            message = "the times between arrivals are all 0: there would be no end of arrivals"
            raise complaint(Problem(("interarrival",), message))
        return self

    @model_validator(mode="after")
    def _idle(self) -> OpenArrivals:
        if self.bursts and isinstance(self.rate, float) and self.bursts.idle >= self.rate:
            message = f"{write_rate(self.bursts.idle)} is too high; it is below the mean rate"
            raise complaint(Problem(("bursts", "idle"), f"{message}, {write_rate(self.rate)}"))
        return self


class ClosedUsers(Part):
    """Users who think, send a request, wait for its response, and begin again."""

    users: int = Field(ge=1, le=1_000_000, description="How many users there are.", examples=[20])
    think: Demand = Field(
        default=0,
        description="How long a user thinks before each request, the first one too.",
        examples=["1s", {"exponential": "1s"}],
    )
    ramp_up: Duration = Field(
        default=0,
        description="Over what time the users begin, evenly; all at once if left out.",
        examples=["10s"],
    )


class Workload(Part):
    """When requests arrive: exactly one of ``schedule``, ``open``, ``closed`` and ``trace``.

    An open or closed workload ends after ``duration`` or after ``requests`` arrivals (exactly one
    of them); a trace ends after its rows, or before. The class of each request is drawn from the
    weights in ``mix``, but where the schedule or the trace tells it.
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
    closed: ClosedUsers | None = Field(
        default=None,
        description="Users who wait for each response.",
        examples=[{"users": 20, "think": "1s"}],
    )
    trace: Trace | None = Field(
        default=None,
        description="Requests that were recorded in a file.",
        examples=[{"file": "runs.csv", "arrival": "arrival_s"}],
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
