"""The phases that requests are made of.

A kind of phase is a class here. What it asks of a server is in :mod:`simsched.workload.planning`,
and what it uses on average in :mod:`simsched.workload.tally`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from simsched.scenario.file.explaining import members
from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.model.alternatives import ByKey, ByShape
from simsched.scenario.model.base import Part
from simsched.scenario.model.client import Retries
from simsched.scenario.model.counts import Repetitions, mean_times, vary
from simsched.scenario.model.distributions import Distribution
from simsched.scenario.model.quantities import (
    Chance,
    Duration,
    Name,
    PositiveDuration,
    Sized,
    Weight,
)
from simsched.units import write_duration

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
    """What all phases have in common.

    The properties are right for a phase that takes no time by itself; a kind overrides what is
    different.
    """

    @property
    def demand(self) -> PhaseDemand | None:
        """How long it computes or waits by itself; None where only the phases in it do."""
        return None

    @property
    def inner(self) -> tuple[tuple[Phase, ...], ...]:
        """The lists of phases within this one."""
        return ()

    @property
    def by_chance(self) -> bool:
        """Whether chance decides what a request does in it, durations apart."""
        return False

    @property
    def rows(self) -> float:
        """About how many steps a request takes through it, repetitions counted."""
        return 1 + sum(map(rows, self.inner))

    @classmethod
    def home(cls, key: str) -> str:
        """Return the kinds of phase that *key* belongs to."""
        kinds = (each.fields() for each in members(Phase))
        return " or ".join(next(iter(fields)) for fields in kinds if key in fields)


class CpuPhase(_Phase):
    """Computing: it occupies a CPU for its duration."""

    cpu: PhaseDemand = Field(description="How long it computes.", examples=["10ms"])
    where: Literal["thread", "process"] | None = Field(
        default=None,
        alias="in",
        description="Where a loop has it done; on the loop if left out.",
        examples=["thread"],
    )
    lock_free: Chance = Field(
        default=0.0,
        description="The share of it, at its end, that needs no interpreter lock: NumPy, zlib.",
        examples=["60%"],
    )
    label: Label = None

    @property
    def demand(self) -> PhaseDemand:
        """How long it computes."""
        return self.cpu


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
    where: Literal["thread"] | None = Field(
        default=None,
        alias="in",
        description="That a loop has a thread wait for it, if it blocks.",
        examples=["thread"],
    )
    timeout: PositiveDuration | None = Field(
        default=None,
        description="After how long it is given up, the wait for a slot included; never if left"
        " out.",
        examples=["1s"],
    )
    on_timeout: Literal["fail", "continue"] = Field(
        default="fail",
        description="Whether the request fails when the phase is given up, or goes on without it.",
    )
    fails: Chance = Field(
        default=0.0,
        description="How likely it is that the request fails when the phase ends.",
        examples=["1%"],
    )
    label: Label = None

    @model_validator(mode="after")
    def _needs_a_timeout(self) -> IoPhase:
        if self.timeout is None and "on_timeout" in self.model_fields_set:
            hint = "write for example timeout: 1s beside it, or leave it out"
            raise complaint(
                Problem(("on_timeout",), "there is no timeout for it", hint, at_key=True)
            )
        return self

    @property
    def by_chance(self) -> bool:
        """Whether some fail and others do not."""
        return 0 < self.fails < 1

    @property
    def may_fail(self) -> bool:
        """Whether the request may fail at its end, or when it is given up."""
        return self.fails > 0 or (self.timeout is not None and self.on_timeout == "fail")

    @property
    def demand(self) -> PhaseDemand:
        """How long it waits."""
        return self.io


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

    @property
    def rows(self) -> float:
        """One to take the slot, one to give it back, and those in between."""
        return 2 + rows(self.phases)


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
    def by_chance(self) -> bool:
        """Whether there is more than one way."""
        return len(self.choose) > 1

    @property
    def inner(self) -> tuple[tuple[Phase, ...], ...]:
        """The lists of phases within this one."""
        return tuple(choice.phases for choice in self.choose)

    @property
    def rows(self) -> float:
        """Those of the longest choice."""
        return max(map(rows, self.inner))


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
    def by_chance(self) -> bool:
        """Whether it is not repeated as often each time."""
        return vary(self.repeat.times)

    @property
    def inner(self) -> tuple[tuple[Phase, ...], ...]:
        """The lists of phases within this one."""
        return (self.repeat.phases,)

    @property
    def rows(self) -> float:
        """Those of the repeated phases, times how often they happen on average."""
        return mean_times(self.repeat.times) * rows(self.repeat.phases)


class Hedge(Part):
    """Sending a call once more if the answer takes long: the first one counts."""

    after: PositiveDuration = Field(
        description="After how long without an answer the call is sent once more.",
        examples=["50ms"],
    )


class CallPhase(_Phase):
    """Calling a service: a request to a server of its own, which the caller waits for."""

    call: Name = Field(description="The service that is called.", examples=["postgres"])
    phases: Phases = Field(
        description="What the service does for the call.",
        examples=[[{"cpu": "2ms"}, {"io": "5ms"}]],
    )
    network: PhaseDemand = Field(
        default=0,
        description="How long the call is under way to the service, and its answer back.",
        examples=["0.2ms"],
    )
    blocking: bool = Field(
        default=False,
        description="Whether it keeps the loop: a synchronous call in asynchronous code.",
    )
    timeout: PositiveDuration | None = Field(
        default=None,
        description="After how long without an answer the call is given up; never if left out.",
        examples=["200ms"],
    )
    retries: Retries | None = Field(
        default=None,
        description="How the call is tried again when it was refused, failed or was given up; not"
        " at all if left out.",
        examples=[{"max": 1}],
    )
    hedge: Hedge | None = Field(
        default=None,
        description="When the call is sent once more for want of an answer; never if left out.",
        examples=[{"after": "50ms"}],
    )
    label: Label = None

    @model_validator(mode="after")
    def _hedges_in_time(self) -> CallPhase:
        if self.hedge is None or self.timeout is None or self.hedge.after < self.timeout:
            return self
        message = "the call is given up before it would be sent once more"
        hint = f"write less than the timeout, {write_duration(self.timeout)}, or leave it out"
        raise complaint(Problem(("hedge", "after"), message, hint))

    @field_validator("call", mode="before")
    @classmethod
    def _names_one(cls, value: object) -> object:
        if isinstance(value, Mapping):
            hint = "choose among calls: choose: [{weight: 1, phases: [{call: NAME, phases: [..]}]}]"
            raise complaint(Problem((), "a call names one service", hint))
        return value

    @property
    def demand(self) -> PhaseDemand:
        """How long the network takes, each way."""
        return self.network

    @property
    def inner(self) -> tuple[tuple[Phase, ...], ...]:
        """The lists of phases within this one."""
        return (self.phases,)

    @property
    def rows(self) -> float:
        """One to call, two for the network, and those of the service, as often as it is sent."""
        return self.copies * (3 + rows(self.phases))

    @property
    def tries(self) -> int:
        """How often it is tried at most."""
        return 1 if self.retries is None else 1 + self.retries.max

    @property
    def copies(self) -> int:
        """How often it is sent at most."""
        return self.tries * (1 if self.hedge is None else 2)


class RespondPhase(_Phase):
    """The client gets its answer; what follows is done without it: a background task."""

    respond: Literal[True] = Field(description="That the answer is sent.", examples=[True])


Phase = Annotated[
    CpuPhase
    | IoPhase
    | CallPhase
    | ParallelPhase
    | HoldPhase
    | ChoosePhase
    | RepeatPhase
    | RespondPhase,
    ByKey("phase"),
]
"""One phase, written as the key that names its kind."""


def rows(phases: Iterable[Phase]) -> float:
    """Return about how many steps a request takes through *phases*, repetitions counted."""
    return sum(phase.rows for phase in phases)
