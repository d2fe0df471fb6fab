"""Classes of requests: the phases they are made of, and how often these are repeated."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from simsched.scenario.file.explaining import members
from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.model.alternatives import ByKey, ByShape
from simsched.scenario.model.base import Part
from simsched.scenario.model.distributions import Distribution
from simsched.scenario.model.quantities import Duration, Name, Number, Sized, Weight

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


class GeometricTimes(Part):
    """At least once, and after each time again with the same chance."""

    geometric: GeometricMean


class PoissonTimes(Part):
    """A Poisson count, which may be none."""

    poisson: PoissonMean


class ObservedTimes(Part):
    """Observed counts, each as likely as the others."""

    values: Annotated[tuple[Times, ...], Sized(MOST_TIMES, "value")] = Field(
        description="Observed counts, each as likely as the others.", examples=[[1, 2, 2, 7]]
    )


RandomTimes = Annotated[
    UniformTimes | GeometricTimes | PoissonTimes | ObservedTimes,
    ByKey("distribution of counts"),
]
"""A count that chance decides, written as one key that names its distribution."""


Repetitions = Annotated[int | RandomTimes, ByShape(Times, RandomTimes)]
"""How often something is repeated."""


MOST_PHASES = 10_000
"""The most phases of one list."""

MOST_BRANCHES = 1000
"""The most branches that run in parallel, and the most that are chosen among."""


class Column(Part):
    """A duration that each request takes from its row of the trace."""

    column: Name = Field(description="The name of the column.", examples=["io_s"])


PhaseDemand = Annotated[
    int | Distribution | Column,
    ByShape(Duration, Annotated[Distribution | Column, ByKey("distribution")]),
]
"""How long a phase takes: a constant in nanoseconds, a distribution, or a column of the trace."""

Label = Annotated[Name | None, Field(description="What the phase is called in a timeline.")]
Phases = Annotated[tuple["Phase", ...], Sized(MOST_PHASES, "phase")]
"""Phases in order, at least one."""


class _Phase(Part):
    """What all phases have in common."""

    @property
    def inner(self) -> tuple[tuple[Phase, ...], ...]:
        """The lists of phases within this one."""
        return ()

    @classmethod
    def home(cls, key: str) -> str:
        """Return the kinds of phase that *key* belongs to."""
        kinds = (each.fields() for each in members(Phase))
        return " or ".join(next(iter(fields)) for fields in kinds if key in fields)


class CpuPhase(_Phase):
    """Computing: it occupies a CPU for its duration."""

    cpu: PhaseDemand = Field(description="How long it computes.", examples=["10ms"])
    label: Label = None


class IoPhase(_Phase):
    """Waiting for something outside the server: a database, a web service, a disk."""

    io: PhaseDemand = Field(description="How long it waits.", examples=["40ms"])
    on: Name | None = Field(
        default=None,
        description="The resource that it needs a slot of; none if left out.",
        examples=["db"],
    )
    blocking: bool = Field(
        default=False,
        description="Whether it keeps the loop: a synchronous call in asynchronous code.",
    )
    label: Label = None


class ParallelPhase(_Phase):
    """Branches that begin together; the request goes on when the last one has ended."""

    parallel: Annotated[tuple[Phases, ...], Sized(MOST_BRANCHES, "branch")] = Field(
        description="The branches, each a list of phases.",
        examples=[[[{"io": "40ms"}], [{"io": "25ms"}, {"cpu": "2ms"}]]],
    )
    label: Label = None

    @property
    def inner(self) -> tuple[tuple[Phase, ...], ...]:
        """The lists of phases within this one."""
        return self.parallel


class HoldPhase(_Phase):
    """Phases during which the request keeps one slot of a resource, such as a connection."""

    hold: Name = Field(description="The resource of which a slot is kept.", examples=["db"])
    phases: Phases = Field(
        description="What happens meanwhile.", examples=[[{"io": "10ms"}, {"cpu": "2ms"}]]
    )
    label: Label = None

    @property
    def inner(self) -> tuple[tuple[Phase, ...], ...]:
        """The lists of phases within this one."""
        return (self.phases,)


class Choice(Part):
    """One way a request may go on, and how likely it is."""

    weight: Weight = Field(
        description="How likely, in proportion to the other weights.", examples=[0.9]
    )
    phases: Annotated[tuple[Phase, ...], Sized(MOST_PHASES, "phase", least=0)] = Field(
        description="What happens then; the list may be empty.", examples=[[{"io": "40ms"}]]
    )


class ChoosePhase(_Phase):
    """One of several ways to go on, as chance decides: a hit or a miss in a cache."""

    choose: Annotated[tuple[Choice, ...], Sized(MOST_BRANCHES, "choice")] = Field(
        description="The ways to go on.",
        examples=[[{"weight": 9, "phases": []}, {"weight": 1, "phases": [{"io": "40ms"}]}]],
    )
    label: Label = None

    @property
    def inner(self) -> tuple[tuple[Phase, ...], ...]:
        """The lists of phases within this one."""
        return tuple(choice.phases for choice in self.choose)


class Repetition(Part):
    """Phases, and how often they happen."""

    times: Repetitions = Field(description="How often.", examples=[5, {"poisson": {"mean": 3}}])
    phases: Phases = Field(description="What happens each time.", examples=[[{"io": "2ms"}]])


class RepeatPhase(_Phase):
    """Phases that happen several times over: a query for each row of another one."""

    repeat: Repetition = Field(
        description="What is repeated, and how often.",
        examples=[{"times": 5, "phases": [{"io": "2ms"}]}],
    )
    label: Label = None

    @property
    def inner(self) -> tuple[tuple[Phase, ...], ...]:
        """The lists of phases within this one."""
        return (self.repeat.phases,)


Phase = Annotated[
    CpuPhase | IoPhase | ParallelPhase | HoldPhase | ChoosePhase | RepeatPhase, ByKey("phase")
]
"""One phase, written as the key that names its kind."""


class RequestClass(Part):
    """A class of requests: its phases in order. In a file the list of phases may stand alone."""

    phases: Phases = Field(
        description="The phases, in order.", examples=[[{"cpu": "10ms"}, {"io": "40ms"}]]
    )
    priority: int = Field(
        default=0,
        ge=-1000,
        le=1000,
        description="Its place under the discipline priority: smaller numbers are served first.",
    )

    @model_validator(mode="before")
    @classmethod
    def _phases_alone(cls, value: object) -> object:
        alone = value is None or isinstance(value, (list, tuple))
        return {"phases": value} if alone else value

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> Any:
        written = handler(self)
        return written["phases"] if written.keys() == {"phases"} else written

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        mapping = handler(schema)
        phases = handler.resolve_ref_schema(mapping)["properties"]["phases"]
        return {"anyOf": [mapping, phases]}
