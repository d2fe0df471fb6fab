"""What is known of a service besides the measurements, and what was learned of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simsched.calibrate.clients import Clients
from simsched.calibrate.writing import Blueprint


@dataclass(frozen=True)
class Facts:
    """What is known besides the spans.

    Attributes:
        server: the server as a scenario has it.
        pools: the capacity of each pool, by its name.
        cpu_ns: the CPU time of the server while it served the requests; None if unknown.
        clients: the clients' times of the requests; None if unknown.
    """

    server: Mapping[str, Any] = field(default_factory=lambda: {"model": "cooperative"})
    pools: Mapping[str, int] = field(default_factory=dict)
    cpu_ns: int | None = None
    clients: Clients | None = None


@dataclass(frozen=True)
class Estimate:
    """An estimated time, in nanoseconds, with its standard error and what identified it."""

    name: str
    value_ns: float
    standard_error_ns: float
    source: str


@dataclass(frozen=True)
class Learned:
    """What was learned of a service.

    Attributes:
        blueprint: the scenario.
        estimates: the times that were estimated.
        requests: from how many requests.
    """

    blueprint: Blueprint
    estimates: Sequence[Estimate]
    requests: int
