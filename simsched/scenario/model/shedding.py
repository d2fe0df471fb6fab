"""How a server keeps requests out when there are too many."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.model.base import Part
from simsched.scenario.model.quantities import PositiveDuration, Rate
from simsched.units import SECOND

LONGEST_REFILL = 100_000 * 3600 * SECOND
"""How long the bucket of a rate limit may take to fill, in nanoseconds."""


class TokenBucket(Part):
    """Each request takes a token, and tokens come at a rate.

    Source: J. S. Turner, New directions in communications, IEEE Communications Magazine 24 (1986).
    """

    rate: Rate = Field(description="How many requests may come, on average.", examples=["10/s"])
    burst: int = Field(
        default=1,
        ge=1,
        le=1_000_000,
        description="How many tokens the bucket holds: so many requests may come at once.",
        examples=[20],
    )
    when_full: Literal["wait", "refuse"] = Field(
        default="refuse",
        description="What becomes of a request without a token: it waits for one, or is refused.",
    )

    @property
    def interval(self) -> int:
        """The nanoseconds from one token to the next."""
        return max(1, round(SECOND / self.rate))

    @model_validator(mode="after")
    def _refills(self) -> Self:
        if self.burst * self.interval > LONGEST_REFILL:
            message = "at this rate the bucket takes more than 100,000 hours to fill"
            raise complaint(Problem(("burst",), message, "write a smaller burst"))
        return self


class RateLimit(TokenBucket):
    """How many requests may come to a server: a token bucket."""

    per: Literal["server", "worker"] = Field(
        default="server", description="Whether the workers share a bucket, or each has its own."
    )


class CoDel(Part):
    """Refuses those whose turn comes, more and more of them, while all waits are too long.

    Source: K. Nichols & V. Jacobson, Controlling queue delay, ACM Queue 10 (2012); RFC 8289.
    """

    target: PositiveDuration = Field(
        default=5_000_000, description="A wait that is short enough.", examples=["5ms"]
    )
    interval: PositiveDuration = Field(
        default=100_000_000,
        description="For how long waits are to be longer before a request is refused.",
        examples=["100ms"],
    )
