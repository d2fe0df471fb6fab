"""A whole scenario."""

from __future__ import annotations

from simsched.scenario.base import Part
from simsched.scenario.phases import RequestClass
from simsched.scenario.quantities import Count, Duration, Name
from simsched.scenario.servers import Server
from simsched.scenario.workload import Workload


class Run(Part):
    """How often and from which seed to simulate.

    ``replications`` left out means 1 where nothing in the scenario is random, and 10 otherwise.
    Requests that arrive before ``warmup`` are served but left out of the statistics.
    """

    seed: int = 1
    replications: Count | None = None
    warmup: Duration = 0


class Scenario(Part):
    """What the user wrote, validated and frozen. The first server is the baseline of comparisons."""

    name: Name
    description: str = ""
    requests: dict[Name, RequestClass]
    workload: Workload
    servers: dict[Name, Server]
    run: Run = Run()
