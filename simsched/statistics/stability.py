"""Whether a server can keep up, known before it runs.

Where as much work arrives as a station can do, or more, its queue grows for as long as requests
arrive (Loynes, Proceedings of the Cambridge Philosophical Society 58, 1962): there is no steady
state, and a mean response time would only tell how long the run was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import Server
from simsched.statistics.certainty import is_certain
from simsched.statistics.turns import CAPACITY, Turn, turns
from simsched.units import format_duration, format_number
from simsched.workload.offered import OfferedLoad, Station, offered_load
from simsched.workload.surge import Surge, surge

Limit = Literal["refused", "given up"]
"""What becomes of requests beyond what a server can do, so that its queue does not grow."""

NOTICEABLE = 10
"""Fewer requests than these wait by chance, whatever the rate does."""

MATERIAL = 0.01
"""A smaller share of the requests changes no mean or quantile by much."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a scenario asks of one server, and whether that can be done.

    Attributes:
        server: its name.
        station: the busiest station of the server.
        limit: what keeps its queue from growing where it is asked for more than it can do:
            requests are refused, or given up; None where nothing does.
        surge: what becomes of its queue where the rate changes, and is more than it can do for a
            while; None elsewhere.
        turns: in which turns classes are served, where that tells who waits when not all can be
            served; empty where all fare alike, None where it cannot be known beforehand.
        certain: whether nothing is left to chance.
    """

    server: str
    station: Station
    limit: Limit | None = None
    surge: Surge | None = None
    turns: tuple[Turn, ...] | None = ()
    certain: bool = False

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
        """Whether the server can do more than it is asked, and is not left with much at the end.

        Where nothing varies it is enough that it can do as much.
        """
        if self._ends_full:
            return False
        return self.utilisation < CAPACITY or (self.certain and self.utilisation <= 1 / CAPACITY)

    @property
    def highest_rate_per_s(self) -> float:
        """The arrival rate, of the same mix, below which the server is stable."""
        return self.station.servers / self.station.demand_s

    @property
    def growth_per_s(self) -> float | None:
        """By how many requests a second the queue grows; 0 if it is stable.

        None where that depends on what the single requests need, as with ``shortest``.
        """
        if self.stable:
            return 0.0
        if self.turns is None:
            return None
        if self.turns:
            return sum(turn.growth_per_s for turn in self.turns)
        return max(0.0, self.station.arrival_rate_per_s - self.highest_rate_per_s)

    def sentence(self) -> str | None:
        """Return what to tell of a server that cannot keep up, and None of one that can."""
        if self.stable:
            return None
        if self.surge is not None and self._ends_full:
            return (
                f"{self.server} cannot keep up: from {format_duration(self.surge.start_s)} on more "
                f"arrives than its {self.station.name} can do, so that about "
                f"{_about(self.surge.left)} requests wait when the last one comes; it would be "
                f"stable below {format_number(self.highest_rate_per_s)}/s"
            )
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
        if self.keeps_up:
            return self._for_a_while()
        if self.limit is None:
            return None
        return (
            f"{self.server} is asked for {self.utilisation:.0%} of its {self.station.name} by "
            f"{format_number(self.station.arrival_rate_per_s)} requests a second: what it cannot "
            f"do is {self.limit}; it could do all below {format_number(self.highest_rate_per_s)}/s"
        )

    @property
    def _ends_full(self) -> bool:
        """Whether the rate leaves so much waiting at the end that the run is of that above all."""
        if self.surge is None:
            return False
        return self.surge.left >= max(NOTICEABLE, MATERIAL * self.surge.arrivals)

    def _for_a_while(self) -> str | None:
        if self.surge is None or self.surge.waiting < NOTICEABLE:
            return None
        start, peak = (format_duration(each) for each in (self.surge.start_s, self.surge.peak_s))
        return (
            f"{self.server} is asked for more than its {self.station.name} can do from {start} to "
            f"{peak}, when about {_about(self.surge.waiting)} requests wait: its figures are of "
            "this run, and of no steady state"
        )

    def _growth(self) -> str:
        if self.growth_per_s is None:
            return "its queue grows without bound"
        if self.growth_per_s <= self.station.arrival_rate_per_s * (1 - CAPACITY):
            return "its queue grows without bound, if slowly, where anything varies"
        return f"its queue grows by {format_number(self.growth_per_s)} requests a second"


def _about(requests: float) -> str:
    return f"{float(f'{requests:.2g}'):,.0f}"


def load(label: str, scenario: Scenario, server: Server) -> Load | None:
    """Return what *scenario* asks of *server*, which is called *label*.

    None where no rate is offered, or nothing is needed.
    """
    offered = offered_load(scenario, server)
    if offered is None or offered.bottleneck.demand_s == 0:
        return None
    bound = limit(scenario, server, offered)
    in_turn = turns(scenario, server, offered)
    certain = is_certain(scenario, server)
    one = Load(label, offered.bottleneck, bound, turns=in_turn, certain=certain)
    if bound:
        return one
    surged = replace(one, surge=surge(scenario, one.highest_rate_per_s))
    # That an event makes a queue that comes and goes is what it is there for.
    return surged if not surged.keeps_up or not scenario.events else one


def limit(scenario: Scenario, server: Server, offered: OfferedLoad) -> Limit | None:
    """Return what keeps the queue of *server* from growing under any load; None if nothing does.

    A backlog bounds what waits to be accepted. What was accepted waits for resources, and on an
    event loop without bound, unless the number in flight is limited.
    """
    if server.cancel_abandoned and scenario.client.timeout is not None:
        return "given up"
    own = offered.bottleneck.name not in scenario.resources
    bounded = server.keeps or server.max_in_flight is not None
    return "refused" if server.backlog is not None and (own or bounded) else None
