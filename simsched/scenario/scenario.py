"""A whole scenario."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationInfo, model_validator

from simsched.scenario.base import Part, complaint
from simsched.scenario.datafiles import DataFiles
from simsched.scenario.phases import RequestClass
from simsched.scenario.quantities import Description, Duration, Name, Sized
from simsched.scenario.rules import check
from simsched.scenario.servers import Server
from simsched.scenario.workload import MOST_CLASSES, Workload

MOST_SERVERS = 1000
"""The most servers that one scenario compares."""


class Run(Part):
    """How often, and from which seed, to simulate."""

    seed: int = Field(
        default=1, ge=0, le=2**63 - 1, description="The seed of everything that chance decides."
    )
    replications: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description=(
            "How often to simulate; left out, once where nothing is random and 10 times otherwise."
        ),
        examples=[10],
    )
    warmup: Duration = Field(
        default=0,
        description="Requests that arrive before it are served, but left out of the statistics.",
        examples=["5s"],
    )


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
    workload: Workload = Field(
        description="When requests arrive.",
        examples=[{"open": {"rate": "80/s"}, "duration": "60s"}],
    )
    servers: Annotated[dict[Name, Server], Sized(MOST_SERVERS, "server")] = Field(
        description="The servers to compare; the first one is the baseline.",
        examples=[{"serial": {"model": "serial"}}],
    )
    run: Run = Field(default=Run(), description="How often, and from which seed, to simulate.")

    @model_validator(mode="after")
    def _rules(self, info: ValidationInfo) -> Scenario:
        # A file's rules are checked on what was written, even where parts of it are faulty.
        if not isinstance(info.context, DataFiles):
            problems = tuple(check(self.model_dump(exclude_defaults=True)))
            if problems:
                raise complaint(*problems)
        return self
