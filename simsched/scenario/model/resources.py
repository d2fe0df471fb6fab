"""The resources that requests share."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simsched.scenario.model.base import Part
from simsched.scenario.model.disciplines import HandOff
from simsched.scenario.model.quantities import Count, PositiveDuration
from simsched.scenario.model.shedding import TokenBucket


class Resource(Part):
    """Something with slots, of which a request needs one: a database pool, a limited service."""

    capacity: Count = Field(description="How many slots it has.", examples=[10])
    per: Literal["server", "worker"] = Field(
        default="server",
        description="Whether the workers of a server share the slots, or each has as many of its"
        " own, as processes with a pool each do.",
    )
    acquire_timeout: PositiveDuration | None = Field(
        default=None,
        description="After how long a request that waits for a slot fails; never if left out.",
        examples=["5s"],
    )
    discipline: HandOff = Field(
        default="fifo", description="Which of those who wait gets a slot that is given back."
    )

    rate_limit: TokenBucket | None = Field(
        default=None,
        description="How many requests may ask for a slot; no limit if left out. One without a"
        " token waits for it, or fails.",
        examples=[{"rate": "10/s", "burst": 20}],
    )

    @property
    def refuses(self) -> bool:
        """Whether requests fail that have no token."""
        return self.rate_limit is not None and self.rate_limit.when_full == "refuse"

    @property
    def may_fail(self) -> bool:
        """Whether requests may fail that ask for a slot."""
        return self.refuses or self.acquire_timeout is not None

    def slots(self, workers: int) -> int:
        """Return how many slots a server with so many *workers* has of it."""
        return self.capacity * (workers if self.per == "worker" else 1)
