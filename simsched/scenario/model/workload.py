"""When requests arrive, and of which class they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    model_serializer,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from simsched.scenario.file.data_files import DataFiles, check_column
from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.file.text import UnreadableError
from simsched.scenario.file.wording import quote
from simsched.scenario.model.base import Part
from simsched.scenario.model.client import Client
from simsched.scenario.model.distributions import Demand, is_always_zero
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
from simsched.scenario.model.rates import ArrivalRate
from simsched.scenario.model.users import ClosedUsers
from simsched.units import write_rate


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


MOST_STREAMS = 100
"""The most streams of requests of one workload."""

SOURCES = ("schedule", "open", "closed", "trace")
"""The ways in which requests arrive, of which a workload, or each of its streams, has one."""


class Source(Part):
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


class Stream(Source):
    """Requests that arrive beside those of other streams, from clients of their own."""

    client: Client | None = Field(
        default=None,
        description="What its clients do when they wait too long, or are refused; as any if left"
        " out.",
        examples=[{"timeout": "2s"}],
    )


class Workload(Source):
    """When requests arrive, in one way; or the names of several streams, each with its own."""

    inline: ClassVar[str] = "streams"

    streams: Annotated[dict[Name, Stream], Sized(MOST_STREAMS, "stream")] | None = None

    @property
    def sources(self) -> Mapping[str, Source]:
        """The streams by name; a workload without streams is the only one, without a name."""
        return {"": self} if self.streams is None else self.streams

    @classmethod
    def fields(cls) -> dict[str, FieldInfo]:
        """Return the fields of a workload without streams, whose names stand in their place."""
        return {key: field for key, field in super().fields().items() if key != cls.inline}

    @classmethod
    def under(cls, key: str) -> Any:
        """Return the annotation of the field, or of the stream, that a file calls *key*."""
        return super().under(key) or Stream

    @model_validator(mode="before")
    @classmethod
    def _streams_alone(cls, value: object) -> object:
        if beside := beside_streams(value):
            raise complaint(*beside)
        return {cls.inline: value} if streams_of(value) else value

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> Any:
        written = handler(self)
        return written.get(self.inline) or written


class WithStreams:
    """Lets the schema of a workload have the names of streams in its place."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        mapping = handler(schema)
        properties = handler.resolve_ref_schema(mapping)["properties"]
        return {"anyOf": [mapping, properties.pop(Workload.inline)["anyOf"][0]]}


def streams_of(written: object) -> Mapping[str, Mapping[str, object]]:
    """Return the streams of a workload as it was *written*, by name; none if it has no names."""
    if not isinstance(written, Mapping) or Workload.inline in written:
        return {}
    if not written.keys().isdisjoint(Source.model_fields):
        return {name: written[name] for name in _named(written)}
    if not any(isinstance(one, Mapping) and one.keys() & _OWN for one in written.values()):
        return {}
    return written


_OWN = {*Stream.model_fields}
"""The keys of a stream."""


def beside_streams(written: object) -> list[Problem]:
    """Return what is wrong where a workload has both streams and keys that each stream has."""
    if not isinstance(written, Mapping):
        return []
    keys = [key for key in written if key in Source.model_fields]
    names = _named(written)
    if not keys or not names:
        return []
    if set(keys).isdisjoint(SOURCES):
        message, hint = "each stream has its own", "move it into the streams"
        return [Problem((key,), message, hint, at_key=True) for key in keys]
    message = "a stream cannot stand beside a workload that has no name"
    hint = "name that, too, as in workload: {load: {open: ...}}"
    return [Problem((name,), message, hint, at_key=True) for name in names]


def _named(written: Mapping[str, object]) -> list[str]:
    """Return what is a stream for certain, by its name and what it holds."""
    return [
        name
        for name, one in written.items()
        if name not in Source.model_fields
        and isinstance(one, Mapping)
        and not one.keys().isdisjoint(SOURCES)
    ]
