"""The servers that a scenario compares."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simsched.scenario.alternatives import ByValue
from simsched.scenario.base import Part
from simsched.scenario.quantities import Duration

Discipline = Literal["fifo", "lifo", "shortest"]
"""In which order those who wait are taken: ``shortest`` has the least service demand left."""


class Overhead(Part):
    """CPU time that the server itself adds."""

    request: Duration = Field(
        default=0, description="Added before a request's first phase.", examples=["0.5ms"]
    )
    switch: Duration = Field(
        default=0,
        description="Added each time a loop or lock is given to a request again.",
        examples=["20us"],
    )


Workers = Annotated[
    int, Field(ge=1, le=10_000, description="How many processes serve.", examples=[2])
]
Order = Annotated[
    Discipline,
    Field(description="In which order those who wait are taken."),
]
Added = Annotated[
    Overhead,
    Field(description="CPU time that the server itself adds."),
]


class SerialServer(Part):
    """A WSGI sync worker: it keeps a request until the last phase ends."""

    model: Literal["serial"] = Field(description="How the server handles requests.")
    workers: Workers = 1
    discipline: Order = "fifo"
    overhead: Added = Field(default_factory=Overhead)


class CooperativeServer(Part):
    """An asyncio event loop per worker: it runs whoever is ready while others wait for I/O."""

    model: Literal["cooperative"] = Field(description="How the server handles requests.")
    workers: Workers = 1
    discipline: Order = "fifo"
    overhead: Added = Field(default_factory=Overhead)


Server = Annotated[SerialServer | CooperativeServer, ByValue("model")]
"""One server, of the kind that its ``model`` names."""
