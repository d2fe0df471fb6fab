"""What goes wrong, or is different, for a while."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.model.alternatives import ByKey
from simsched.scenario.model.base import Part
from simsched.scenario.model.quantities import Duration, Name, Number, PositiveDuration

MOST_EVENTS = 1000
"""The most events of one scenario."""

Begin = Annotated[Duration, Field(description="When it begins.", examples=["10s"])]
Lasting = Annotated[
    PositiveDuration, Field(alias="for", description="How long it lasts.", examples=["5s"])
]


class ResourceEvent(Part):
    """A resource is slower by a factor, or stopped: exactly one of the two."""

    resource: Name = Field(description="The resource.", examples=["db"])
    at: Begin
    lasting: Lasting
    slower: Number | None = Field(
        default=None,
        gt=1,
        le=1_000_000,
        description="How many times longer I/O on it takes.",
        examples=[10],
    )
    stopped: Literal[True] | None = Field(
        default=None, description="Whether I/O on it stands still, to go on afterwards."
    )

    @model_validator(mode="after")
    def _effect(self) -> ResourceEvent:
        if self.slower is None and self.stopped is None:
            hint = "write for example slower: 10, or stopped: true"
            message = "one of slower, stopped is needed"
            raise complaint(Problem((), message, hint, absent=("slower", "stopped")))
        if self.slower is not None and self.stopped is not None:
            message = "a resource is either slower or stopped, not both"
            raise complaint(Problem(("stopped",), message, at_key=True))
        return self


class WorkerEvent(Part):
    """A worker is down, or slower by a factor: exactly one of the two.

    When it goes down its requests fail, or it ends them first (``drain``).
    """

    worker: int = Field(ge=0, le=9_999, description="Which worker, counted from 0.", examples=[0])
    at: Begin
    lasting: Lasting
    down: Literal[True, "drain"] | None = Field(
        default=None,
        description="That it is down: at once, or when it has ended what it has.",
        examples=[True, "drain"],
    )
    slower: Number | None = Field(
        default=None,
        gt=1,
        le=1000,
        description="How many times longer its computing takes that begins meanwhile.",
        examples=[4],
    )
    server: Name | None = Field(
        default=None, description="The server whose worker it is; of all servers if left out."
    )
    service: Name | None = Field(
        default=None, description="The service whose worker it is, if it is one of a service."
    )

    @model_validator(mode="after")
    def _effect(self) -> WorkerEvent:
        if self.down is None and self.slower is None:
            hint = "write for example down: true, or slower: 4"
            message = "one of down, slower is needed"
            raise complaint(Problem((), message, hint, absent=("down", "slower")))
        if self.down is not None and self.slower is not None:
            message = "a worker is either down or slower, not both"
            raise complaint(Problem(("slower",), message, at_key=True))
        if self.server is not None and self.service is not None:
            message = "a worker is one of a server or of a service, not both"
            raise complaint(Problem(("service",), message, at_key=True))
        return self


class ArrivalsEvent(Part):
    """More or fewer requests arrive: the rate of arrivals is multiplied."""

    arrivals: Number = Field(
        ge=0, le=1000, description="What the rate is multiplied with.", examples=[3]
    )
    at: Begin
    lasting: Lasting


Event = Annotated[ResourceEvent | WorkerEvent | ArrivalsEvent, ByKey("event", article="an")]
"""Something that happens at a time, for a while."""
