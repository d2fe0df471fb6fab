"""The time that a server itself adds to what its requests take."""

from __future__ import annotations

from pydantic import Field

from simsched.scenario.model.base import Part
from simsched.scenario.model.quantities import Duration


class Overhead(Part):
    """Time that the server itself adds: CPU time, and how late I/O comes back."""

    request: Duration = Field(
        default=0, description="Added before a request's first phase.", examples=["0.5ms"]
    )
    switch: Duration = Field(
        default=0,
        description="Added each time a loop or lock is given to a request again.",
        examples=["20us"],
    )
    io: Duration = Field(
        default=0,
        description=(
            "How late each I/O comes back, for timers and wake-ups. It takes no CPU; a resource "
            "that the I/O is on is given back before it."
        ),
        examples=["1.5ms"],
    )
