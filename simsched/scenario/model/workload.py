"""When requests arrive, and of which class they are."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from simsched.scenario.file.data_files import DataFiles, check_column
from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.file.text import UnreadableError
from simsched.scenario.file.wording import quote
from simsched.scenario.model.base import Part
from simsched.scenario.model.distributions import Demand
from simsched.scenario.model.plausibility import is_always_zero
from simsched.scenario.model.quantities import (
    Count,
    Duration,
    FileName,
    Name,
    Number,
    PositiveDuration,
    RateOrNone,
    RecordedUnit,
    Sized,
    Weight,
)
from simsched.scenario.model.rates import MOST_POINTS, ArrivalRate
from simsched.units import write_duration, write_rate


class Bursts(Part):
    """A source that alternates between on and off, each for an exponential time."""

    on: PositiveDuration = Field(description="How long it is on, on average.", examples=["2s"])
    off: PositiveDuration = Field(description="How long it is off, on average.", examples=["8s"])
    idle: RateOrNone = Field(default=0.0, description="The rate while it is off.", examples=["1/s"])


def _file(file: str, info: ValidationInfo) -> str:
    """Return the absolute path of *file*, of which the columns can be read."""
    files = DataFiles.of(info)
    path = files.path(file)
    if path.suffix.lower() not in {".csv", ".parquet"}:
        message = f"{quote(path.name)} cannot be used: it is neither CSV nor Parquet"
        raise complaint(Problem((), message, "its name ends in .csv or .parquet"))
    try:
        files.trace_columns(path)
    except UnreadableError as error:
        message = f"{quote(path.name)} cannot be used: {error.message}"
        raise complaint(Problem((), message, error.hint)) from None
    return str(path)


def _column(name: str, info: ValidationInfo) -> str:
    """Return *name*, which the file has as a column."""
    file = info.data.get("file")
    columns = DataFiles.of(info).trace_columns(Path(file)) if file else (name,)
    check_column(columns, name)
    return name


ColumnName = Annotated[Name, AfterValidator(_column)]


class Trace(Part):
    """The requests of a CSV or Parquet file, one a row.

    In a scenario file ``file`` is relative to it; here it is absolute. It is checked that the file
    has the columns, which are read later: they may have millions of rows.
    """

    file: Annotated[FileName, AfterValidator(_file)] = Field(
        description="A CSV or Parquet file, relative to the scenario file.", examples=["runs.csv"]
    )
    arrival: ColumnName = Field(
        description="The column with the arrival time of each request.", examples=["arrival_s"]
    )
    request: ColumnName | None = Field(
        default=None,
        description="The column that names each request's class; without it, mix decides.",
        examples=["endpoint"],
    )
    unit: RecordedUnit = Field(default="s", description="The unit of the columns of times.")


MOST_ARRIVALS = 100_000
"""The most requests of an explicit schedule."""

MOST_CLASSES = 10_000
"""The most classes of requests."""


class Arrival(Part):
    """One request of an explicit schedule, or several at once."""

    at: Duration = Field(description="When it arrives.", examples=["20ms"])
    request: Name = Field(description="The class of the request.", examples=["page"])
    times: int = Field(
        default=1, ge=1, le=100_000, description="How many such requests arrive.", examples=[41]
    )


class OpenArrivals(Part):
    """Arrivals that do not wait for responses.

    Either a ``rate``, which may change over time, with ``arrivals``, ``cv`` or ``bursts``; or
    ``interarrival``: the distribution of the time between arrivals. Evenly spaced arrivals begin at
    time 0; random ones are in equilibrium from then on.
    """

    rate: ArrivalRate | None = Field(
        default=None,
        description="How many requests arrive, on average; or how that changes over time.",
        examples=["80/s", {"ramp": [{"at": "0s", "rate": "10/s"}, {"at": "60s", "rate": "90/s"}]}],
    )
    arrivals: Literal["poisson", "constant"] = Field(
        default="poisson",
        description="Whether the requests of a rate come at random or evenly spaced.",
    )
    cv: Number | None = Field(
        default=None,
        gt=0,
        le=100,
        description=(
            "How irregular the times between arrivals are: the coefficient of variation of their "
            "gamma distribution. 1 is Poisson, more is bursty."
        ),
        examples=[2],
    )
    bursts: Bursts | None = Field(
        default=None,
        description="A source that alternates between on and off; the rate is its long-run mean.",
        examples=[{"on": "2s", "off": "8s"}],
    )
    interarrival: Demand | None = Field(
        default=None,
        description="The time between arrivals, or its distribution, in place of a rate.",
        examples=["12.5ms", {"gamma": {"mean": "12.5ms", "cv": 2}}],
    )

    @model_validator(mode="after")
    def _end(self) -> OpenArrivals:
        if self.interarrival is not None and is_always_zero(self.interarrival):
            message = "the times between arrivals are all 0: there would be no end of arrivals"
            raise complaint(Problem(("interarrival",), message))
        return self

    @model_validator(mode="after")
    def _idle(self) -> OpenArrivals:
        if self.bursts and isinstance(self.rate, float) and self.bursts.idle >= self.rate:
            message = f"{write_rate(self.bursts.idle)} is too high; it is below the mean rate"
            raise complaint(Problem(("bursts", "idle"), f"{message}, {write_rate(self.rate)}"))
        return self


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


class Workload(Part):
    """When requests arrive: exactly one of ``schedule``, ``open``, ``closed`` and ``trace``.

    An open or closed workload ends after ``duration`` or after ``requests`` arrivals (exactly one
    of them, or none where each user has a number of iterations); a trace ends after its rows, or
    before. The class of each request is drawn from the
    weights in ``mix``, unless the schedule or the trace names it.
    """

    schedule: Annotated[tuple[Arrival, ...], Sized(MOST_ARRIVALS, "arrival")] | None = Field(
        default=None,
        description="Requests at given times.",
        examples=[[{"at": "0ms", "request": "page"}]],
    )
    open: OpenArrivals | None = Field(
        default=None,
        description="Arrivals that do not wait for responses.",
        examples=[{"rate": "80/s"}],
    )
    closed: ClosedUsers | None = Field(
        default=None,
        description="Users who wait for each response.",
        examples=[{"users": 20, "think": "1s"}],
    )
    trace: Trace | None = Field(
        default=None,
        description="Requests that were recorded in a file.",
        examples=[{"file": "runs.csv", "arrival": "arrival_s"}],
    )
    mix: Annotated[dict[Name, Weight], Sized(MOST_CLASSES, "class")] | None = Field(
        default=None,
        description="How likely each class of requests is; without it, all are as likely.",
        examples=[{"page": 9, "ping": 1}],
    )
    duration: PositiveDuration | None = Field(
        default=None, description="When the simulation ends.", examples=["60s"]
    )
    requests: Count | None = Field(
        default=None, description="How many requests arrive.", examples=[10000]
    )
