"""What the clients do who send the requests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.model.alternatives import ByShape
from simsched.scenario.model.base import Part
from simsched.scenario.model.distributions import Distribution
from simsched.scenario.model.quantities import Number, PositiveDuration
from simsched.units import write_duration

Wait = Annotated[int | Distribution, ByShape(PositiveDuration, Distribution)]
"""How long a client waits: a constant, or a distribution of what each request is waited for."""


class Backoff(Part):
    """How long a client waits before it tries again: ``initial``, then ``factor`` times longer.

    It never waits longer than ``max``.
    """

    initial: PositiveDuration = Field(
        default=100_000_000, description="The wait before the first retry.", examples=["100ms"]
    )
    factor: Number = Field(
        default=2.0, ge=1, le=100, description="How much longer each wait is than the one before."
    )
    max: PositiveDuration = Field(
        default=10_000_000_000, description="The longest wait.", examples=["10s"]
    )

    @model_validator(mode="after")
    def _order(self) -> Backoff:
        if self.max < self.initial:
            message = f"{write_duration(self.max)} is too short; max must be at least initial"
            raise complaint(
                Problem(("max",), f"{message}, which is {write_duration(self.initial)}")
            )
        return self


class Budget(Part):
    """How many retries all clients together may make, so that they don't make a bad time worse.

    It begins with ``burst`` retries, never holds more, and each request adds ``ratio`` of one.
    """

    ratio: Number = Field(
        gt=0, le=1, description="How much of a retry each request adds.", examples=[0.1]
    )
    burst: int = Field(
        default=10, ge=1, le=1_000_000, description="The most retries that are saved up."
    )


class Retries(Part):
    """A client tries again when it was refused, gave up waiting, or its request failed."""

    max: int = Field(ge=1, le=100, description="The most retries of one request.", examples=[3])
    backoff: Backoff = Field(
        default_factory=Backoff, description="How long the client waits before it tries again."
    )
    jitter: Literal["none", "full", "equal"] = Field(
        default="none",
        description=(
            "Whether chance shortens a wait: to anything (full), or to no less than half (equal)."
        ),
    )
    budget: Budget | None = Field(
        default=None,
        description="How many retries all clients together may make; no limit if left out.",
        examples=[{"ratio": 0.1, "burst": 10}],
    )

    @property
    def longest_waits(self) -> list[float]:
        """The ns before each retry of a request, where chance shortens none.

        They grow by the factor from one retry to the next, up to the longest.
        """
        first, factor = self.backoff.initial, self.backoff.factor
        return [min(first * factor**before, float(self.backoff.max)) for before in range(self.max)]

    @property
    def least_share(self) -> float:
        """How much of a wait chance leaves at least.

        ``full`` jitter may leave nothing, ``equal`` leaves half (M. Brooker, Exponential Backoff
        And Jitter, AWS Architecture Blog, 2015).
        """
        return {"none": 1.0, "full": 0.0, "equal": 0.5}[self.jitter]


class Connections(Part):
    """Connections that clients keep alive: each stays with the worker that accepted it."""

    max: int = Field(
        ge=1,
        le=100_000,
        description="How many there are at most: a request that finds all in use waits.",
        examples=[100],
    )
    reuse: Literal["lifo", "fifo"] = Field(
        default="lifo",
        description="Which of the idle ones a request takes: the one that was used last (lifo), or"
        " the one that has been idle for longest (fifo).",
    )
    idle: PositiveDuration | None = Field(
        default=None,
        description="After what time an idle one is closed; never if left out.",
        examples=["75s"],
    )


class Client(Part):
    """What clients do when they wait too long or are refused, and how they keep connections."""

    timeout: Wait | None = Field(
        default=None,
        description="How long a client waits before it gives up; forever if left out.",
        examples=["2s", {"exponential": "2s"}],
    )
    patience: Wait | None = Field(
        default=None,
        description="How long a client waits for its request to be taken up, before it leaves the"
        " queue; forever if left out.",
        examples=["1s", {"exponential": "1s"}],
    )
    retries: Retries | None = Field(
        default=None,
        description="How clients try again; not at all if left out.",
        examples=[{"max": 3, "backoff": {"initial": "100ms"}}],
    )
    connections: Connections | None = Field(
        default=None,
        description="How clients keep connections; each request has one of its own if left out.",
        examples=[{"max": 100, "reuse": "lifo", "idle": "75s"}],
    )

    @property
    def attempts(self) -> int:
        """How often a request is sent at most."""
        return 1 if self.retries is None else 1 + self.retries.max
