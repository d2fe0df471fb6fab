"""Users who wait for each response before they send the next request."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.model.base import Part
from simsched.scenario.model.distributions import Demand, is_always_zero
from simsched.scenario.model.quantities import Count, Duration, Sized
from simsched.scenario.model.rates import MOST_POINTS
from simsched.units import write_duration

MOST_USERS = 1_000_000
"""The most users of a closed workload."""


MOST_CHANGES = 10_000_000
"""How often users may join or leave in the stages of a closed workload."""


class Stage(Part):
    """How many users there are at a moment."""

    at: Duration = Field(description="When.", examples=["60s"])
    users: int = Field(
        ge=0, le=MOST_USERS, description="How many users there are then.", examples=[50]
    )


def _check_stages(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    for number, (before, after) in enumerate(pairwise(stages), 1):
        if after.at < before.at:
            shown = write_duration(after.at)
            message = f"{shown} is before the stage that it follows, {write_duration(before.at)}"
            raise complaint(Problem((number, "at"), message))
    changes = sum(abs(after.users - before.users) for before, after in pairwise(stages))
    if changes > MOST_CHANGES:
        message = f"users would join or leave {changes:,} times"
        raise complaint(Problem((), message, f"{MOST_CHANGES:,} times are the most"))
    return stages


class ClosedUsers(Part):
    """Users who think, send a request, wait for its response, and begin again.

    With ``pacing``, a user's requests follow each other at that distance instead, or at once where
    the response took longer. With ``stages``, the number of users changes.
    """

    users: int = Field(
        default=0, ge=1, le=MOST_USERS, description="How many users there are.", examples=[20]
    )
    think: Demand = Field(
        default=0,
        description="How long a user thinks before each request, the first one too.",
        examples=["1s", {"exponential": "1s"}],
    )
    pacing: Demand | None = Field(
        default=None,
        description=(
            "The time from one request of a user to the next, in place of a think time. If the "
            "response takes longer, the next request is sent at once."
        ),
        examples=["1s"],
    )
    iterations: Count | None = Field(
        default=None, description="How many requests each user sends.", examples=[100]
    )
    ramp_up: Duration = Field(
        default=0,
        description="Over what time the users begin, evenly; all at once if left out.",
        examples=["10s"],
    )
    stages: (
        Annotated[tuple[Stage, ...], Sized(MOST_POINTS, "stage"), AfterValidator(_check_stages)]
        | None
    ) = Field(
        default=None,
        description=(
            "How the number of users changes: linearly from stage to stage, beginning with users "
            "at 0s; at once where two stages are at the same time."
        ),
        examples=[[{"at": "60s", "users": 50}, {"at": "90s", "users": 0}]],
    )

    @property
    def most_users(self) -> int:
        """The largest number of users that there are at one time."""
        return max([self.users, *(stage.users for stage in self.stages or ())])

    @model_validator(mode="after")
    def _one_rhythm(self) -> ClosedUsers:
        if self.pacing is not None and "think" in self.model_fields_set:
            message = "users have a think time or a pacing, not both"
            raise complaint(Problem(("pacing",), message, at_key=True))
        if self.pacing is not None and is_always_zero(self.pacing):
            message = "it is 0: users would not wait between requests"
            raise complaint(Problem(("pacing",), message, "leave it out"))
        return self

    @model_validator(mode="after")
    def _beginning(self) -> ClosedUsers:
        if not self.users and (not self.stages or self.stages[0].at > 0):
            hint = "write for example users: 20, or a stage at 0s"
            raise complaint(Problem((), "users is missing", hint, absent=("users",)))
        if self.stages and self.ramp_up:
            message = "stages already decide when users begin"
            raise complaint(Problem(("ramp_up",), message, "leave it out", at_key=True))
        if not self.most_users:
            raise complaint(Problem(("stages",), "there would never be any users"))
        return self
