"""How many requests a server lets in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simsched.scenario.model.alternatives import ByShape
from simsched.scenario.model.base import Part
from simsched.scenario.model.quantities import Count


class InFlight(Part):
    """How many requests are served at once, by the whole server or by each of its workers."""

    max: Count = Field(description="How many requests.", examples=[100])
    per: Literal["server", "worker"] = Field(
        default="server",
        description="Whether all workers together serve so many, or each of them does.",
    )


Limit = Annotated[int | InFlight, ByShape(Count, InFlight)]
"""How many requests are served at once; a plain number is for all workers together."""
