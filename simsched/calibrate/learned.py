"""What is known of a service besides the measurements, and what was learned of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from simsched.calibrate.clients import Clients
from simsched.calibrate.writing import Blueprint
from simsched.errors import InputError
from simsched.scenario.model.servers import Server
from simsched.statistics.words import spans as words
from simsched.units import SECOND


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

    @property
    def at_once(self) -> int:
        """How many requests the server serves at once before others wait.

        Which of several loops serves a request is not known: any other may be on its loop.
        """
        server: Server = TypeAdapter(Server).validate_python(dict(self.server))
        return server.workers * server.per_worker if server.keeps else 1

    def check_cpu_time(self, elapsed_ns: int) -> None:
        """Refuse a CPU time that is longer than loops, or sync workers, compute in *elapsed_ns*.

        Raises:
            InputError: it is.
        """
        cpu, workers = self.cpu_ns, self.server.get("workers", 1)
        if cpu is None or self.server.get("model") == "threaded" or cpu <= workers * elapsed_ns:
            return
        raise InputError(words.too_much_cpu(cpu / SECOND, elapsed_ns / SECOND, workers))


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
