"""Whether a server can keep up, known before it runs.

Where as much work arrives as a station can do, or more, its queue grows for as long as requests
arrive (Loynes, Proceedings of the Cambridge Philosophical Society 58, 1962): there is no steady
state, and a mean response time would only tell how long the run was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simsched.scenario.scenario import Scenario
from simsched.scenario.servers import Server
from simsched.units import format_number
from simsched.workload.offered import OfferedLoad, Station

Limit = Literal["refused", "given up"]
"""What becomes of requests beyond what a server can do, so that its queue does not grow."""

CAPACITY = 1 - 1e-9
"""Loads this near to 1 count as 1: exact figures become inexact on their way through floats."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a scenario asks of one server, and whether that can be done.

    Attributes:
        server: its name.
        station: the busiest station of the server.
        limit: what keeps its queue from growing where it is asked for more than it can do:
            requests are refused, or given up; None where nothing does.
    """

    server: str
    station: Station
    limit: Limit | None = None

    @property
    def utilisation(self) -> float:
        """The offered load as a fraction of capacity."""
        return self.station.utilisation

    @property
    def stable(self) -> bool:
        """Whether its queue has a bound: it can do more than it is asked, or is asked for less."""
        return self.keeps_up or self.limit is not None

    @property
    def keeps_up(self) -> bool:
        """Whether the server can do more than it is asked."""
        return self.utilisation < CAPACITY

    @property
    def highest_rate_per_s(self) -> float:
        """The arrival rate, of the same mix, below which the server is stable."""
        return self.station.servers / self.station.demand_s

    @property
    def growth_per_s(self) -> float:
        """By how many requests a second the queue grows; 0 if it is stable."""
        if self.stable:
            return 0.0
        return max(0.0, self.station.arrival_rate_per_s - self.highest_rate_per_s)

    def sentence(self) -> str | None:
        """Return what to tell of a server that cannot keep up, and None of one that can."""
        if self.stable:
            return None
        return (
            f"{self.server} cannot keep up: {format_number(self.station.arrival_rate_per_s)} "
            f"requests a second ask for {self.utilisation:.0%} of its {self.station.name}; "
            f"{self._growth()}, and it would be stable below "
            f"{format_number(self.highest_rate_per_s)}/s"
        )

    def overload(self) -> str | None:
        """Return what to tell of a server that is asked for too much, but not by a growing queue.

        None where it can do what it is asked, or cannot keep up.
        """
        if self.keeps_up or self.limit is None:
            return None
        return (
            f"{self.server} is asked for {self.utilisation:.0%} of its {self.station.name} by "
            f"{format_number(self.station.arrival_rate_per_s)} requests a second: what it cannot "
            f"do is {self.limit}; it could do all below {format_number(self.highest_rate_per_s)}/s"
        )

    def _growth(self) -> str:
        if self.growth_per_s <= self.station.arrival_rate_per_s * (1 - CAPACITY):
            return "its queue grows without bound, if slowly"
        return f"its queue grows by {format_number(self.growth_per_s)} requests a second"


def busiest(server: str, offered: OfferedLoad | None, limit: Limit | None = None) -> Load | None:
    """Return the load of *server*'s busiest station; None where no rate is offered or needed."""
    if offered is None or offered.bottleneck.demand_s == 0:
        return None
    return Load(server, offered.bottleneck, limit)


def limit(scenario: Scenario, server: Server, offered: OfferedLoad | None) -> Limit | None:
    """Return what keeps the queue of *server* from growing under any load; None if nothing does.

    A backlog bounds what waits to be accepted. What was accepted waits for resources, and on an
    event loop without bound, unless the number in flight is limited.
    """
    if offered is None:
        return None
    if server.cancel_abandoned and scenario.client.timeout is not None:
        return "given up"
    own = offered.bottleneck.name not in scenario.resources
    bounded = server.model != "cooperative" or server.max_in_flight is not None
    return "refused" if server.backlog is not None and (own or bounded) else None
