"""How many workers a server has, and how many requests it lets in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simsched.scenario.model.alternatives import ByList, ByShape
from simsched.scenario.model.base import Part
from simsched.scenario.model.quantities import Count, Number, Sized

MOST_WORKERS = 10_000
"""The most workers of one server."""


class Worker(Part):
    """One of several workers that differ."""

    speed: Number = Field(
        ge=0.001,
        le=1000,
        description="How fast it computes: at 0.5, everything takes twice as much CPU time.",
        examples=[0.5],
    )


Workers = Annotated[
    int | tuple[Worker, ...],
    ByList(
        Annotated[int, Field(ge=1, le=MOST_WORKERS)],
        Annotated[tuple[Worker, ...], Sized(MOST_WORKERS, "worker")],
        "[{speed: 1}, {speed: 0.5}]",
    ),
]
"""How many workers there are, or a list of them where they differ."""


class InFlight(Part):
    """How many requests are served at once, by the whole server or by each of its workers."""

    max: Count = Field(description="How many requests.", examples=[100])
    per: Literal["server", "worker"] = Field(
        default="server",
        description="Whether all workers together serve so many, or each of them does.",
    )


Limit = Annotated[int | InFlight, ByShape(Count, InFlight)]
"""How many requests are served at once; a plain number is for all workers together."""
