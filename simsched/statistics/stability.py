"""Whether a server can keep up, known before it runs.

Where as much work arrives as a station can do, or more, its queue grows for as long as requests
arrive (Loynes, Proceedings of the Cambridge Philosophical Society 58, 1962): there is no steady
state, and a mean response time would only tell how long the run was.
"""

from __future__ import annotations

from dataclasses import dataclass

from simsched.units import format_number
from simsched.workload.offered import OfferedLoad, Station

CAPACITY = 1 - 1e-9
"""Loads this near to 1 count as 1: exact figures become inexact on their way through floats."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a scenario asks of one server, and whether that can be done.

    Attributes:
        server: its name.
        station: the busiest station of the server.
    """

    server: str
    station: Station

    @property
    def utilisation(self) -> float:
        """The offered load as a fraction of capacity."""
        return self.station.utilisation

    @property
    def stable(self) -> bool:
        """Whether the server can do more than it is asked."""
        return self.utilisation < CAPACITY

    @property
    def highest_rate_per_s(self) -> float:
        """The arrival rate, of the same mix, below which the server is stable."""
        return self.station.servers / self.station.demand_s

    @property
    def growth_per_s(self) -> float:
        """By how many requests a second the queue grows; 0 if it is stable."""
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

    def _growth(self) -> str:
        if self.growth_per_s <= self.station.arrival_rate_per_s * (1 - CAPACITY):
            return "its queue grows without bound, if slowly"
        return f"its queue grows by {format_number(self.growth_per_s)} requests a second"


def busiest(server: str, offered: OfferedLoad | None) -> Load | None:
    """Return the load of *server*'s busiest station; None where no rate is offered or needed."""
    if offered is None or offered.bottleneck.demand_s == 0:
        return None
    return Load(server, offered.bottleneck)
