"""A whole scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from simsched.errors import InputError
from simsched.scenario.file.composing import compose_values
from simsched.scenario.file.data_files import DataFiles
from simsched.scenario.file.overriding import assign
from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.file.wording import describe
from simsched.scenario.model.base import Part
from simsched.scenario.model.client import Client
from simsched.scenario.model.consistency import check
from simsched.scenario.model.events import MOST_EVENTS, Event
from simsched.scenario.model.objectives import Slo
from simsched.scenario.model.plausibility import (
    check_events_matter,
    check_magnitude,
    check_pools,
    check_preemption,
    check_time_passes,
)
from simsched.scenario.model.quantities import Description, Name, Sized
from simsched.scenario.model.request_class import RequestClass
from simsched.scenario.model.resources import Resource
from simsched.scenario.model.run import Run
from simsched.scenario.model.servers import Server
from simsched.scenario.model.workload import MOST_CLASSES, Source, Stream, WithStreams, Workload

if TYPE_CHECKING:
    from typing import Unpack

    from simsched.scenario.written import Written

MOST_SERVERS = 1000
"""The most servers that one scenario compares."""

MOST_SERVICES = 100
"""The most services of one scenario."""

MOST_RESOURCES = 1000
"""The most resources of one scenario."""

MOST_OBJECTIVES = 100
"""The most objectives of one scenario."""


class Scenario(Part):
    """What the user wrote, validated and frozen. The first server is the baseline of comparisons.

    It can be made from Python values, too, written as in a file: ``Scenario(name="lecture",
    requests={"page": [{"cpu": "10ms"}]}, ...)``.
    """

    name: Name = Field(description="What the scenario is called.", examples=["lecture"])
    description: Description = Field(default="", description="What it is about.")
    requests: Annotated[dict[Name, RequestClass], Sized(MOST_CLASSES, "class")] = Field(
        description="The classes of requests, each a list of phases.",
        examples=[{"page": [{"cpu": "10ms"}, {"io": "40ms"}]}],
    )
    workload: Annotated[Workload, WithStreams()] = Field(
        description="When requests arrive.",
        examples=[{"open": {"rate": "80/s"}, "duration": "60s"}],
    )
    servers: Annotated[dict[Name, Server], Sized(MOST_SERVERS, "server")] = Field(
        description="The servers to compare; the first one is the baseline.",
        examples=[{"serial": {"model": "serial"}}],
    )
    services: Annotated[dict[Name, Server], Sized(MOST_SERVICES, "service", least=0)] = Field(
        default={},
        description="The servers that requests call: a database, another web service.",
        examples=[{"postgres": {"model": "threaded", "threads": 100, "cores": 4}}],
    )
    resources: Annotated[dict[Name, Resource], Sized(MOST_RESOURCES, "resource", least=0)] = Field(
        default={},
        description="What requests share outside the servers, such as a database pool.",
        examples=[{"db": {"capacity": 10}}],
    )
    client: Client = Field(
        default_factory=Client,
        description="What clients do when they wait too long, or are refused.",
    )
    events: Annotated[tuple[Event, ...], Sized(MOST_EVENTS, "event", least=0)] = Field(
        default=(),
        description="What goes wrong, or is different, for a while.",
        examples=[[{"at": "10s", "for": "5s", "resource": "db", "slower": 10}]],
    )
    run: Run = Field(
        default_factory=Run, description="How often, and from which seed, to simulate."
    )
    slo: Annotated[dict[Name, Slo], Sized(MOST_OBJECTIVES, "objective")] = Field(
        default={},
        description="Limits on metrics, each judged as kept, missed or open.",
        examples=[{"fast": "response_time.p99 < 500ms"}],
    )

    if TYPE_CHECKING:  # what may be written, for editors and type checkers

        def __init__(self, /, **sections: Unpack[Written]) -> None: ...

    def with_(self, changes: Mapping[str, object]) -> Scenario:
        """Return this scenario with other values in some places; the same checks are made.

        Args:
            changes: the new values by path, as in ``{"name": "two", "servers.uv.workers": 2}``.

        Raises:
            ScenarioError: the result is not a scenario; it holds every fault.
            InputError: *changes* is not a mapping, or one of its keys is not text.
        """
        _check_changes(changes)
        document = compose_values(self, "scenario")
        for path, value in changes.items():
            assign(document, path, value)
        return self.read(document)

    def __repr__(self) -> str:
        # A scenario in full, of thousands of durations perhaps, is for simsched.write.
        requests, servers = list(self.requests), list(self.servers)
        return f"Scenario({self.name!r}, requests={requests}, servers={servers})"

    __str__ = __repr__

    @classmethod
    def home(cls, key: str) -> str:
        """Return which command reads a section that is none of a scenario's."""
        return "simsched sweep" if key == "sweep" else ""

    @classmethod
    def context(cls, directory: Path) -> DataFiles:
        """Return the data files of one scenario."""
        return DataFiles(directory)

    @classmethod
    def rules(cls, data: object, context: object) -> Iterable[Problem]:
        """Return what is wrong between the sections."""
        if not isinstance(data, dict) or not isinstance(context, DataFiles):
            return ()
        return check(data, context.columns_of_trace())

    @model_validator(mode="after")
    def _whole(self) -> Scenario:
        problems = (
            *check_time_passes(self),
            *check_magnitude(self),
            *check_pools(self),
            *check_preemption(self),
            *check_events_matter(self),
        )
        if problems:
            raise complaint(*problems)
        return self


def _check_changes(changes: object) -> None:
    if not isinstance(changes, Mapping):
        example = '{"servers.uv.workers": 2}'
        raise InputError(f"changes are a mapping such as {example}, not {describe(changes)}")
    for path in changes:
        if not isinstance(path, str):
            raise InputError(f"changes: a path such as 'run.seed' is needed, not {describe(path)}")


def by_stream(scenario: Scenario) -> dict[str, Scenario]:
    """Return *scenario* with one stream alone for each; itself if it has no streams."""
    streams = scenario.workload.streams
    if streams is None:
        return {"": scenario}
    return {name: _of_stream(scenario, stream) for name, stream in streams.items()}


def _of_stream(scenario: Scenario, stream: Stream) -> Scenario:
    fields = {name: getattr(stream, name) for name in Source.model_fields}
    own = Workload.model_construct(stream.model_fields_set & fields.keys(), **fields)
    client = stream.client or scenario.client
    return scenario.model_copy(update={"workload": own, "client": client})
