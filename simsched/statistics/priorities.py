"""In which turns classes are served where not all can be, and which of them have a steady state.

Under the disciplines ``priority`` and ``preemptive`` those of the smallest number get what they
need of a station, then the next ones of what is left, and so on. Those for whom enough is left have
a steady state, however long the queue of the others grows (Cobham, Priority assignment in waiting
line problems, Operations Research 2 (1), 1954; Kleinrock, Queueing Systems 2, 1976, section 3.2).
Under ``shortest`` it is the same if all requests of a class need alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import Server
from simsched.workload.classes import varies
from simsched.workload.offered import (
    CAPACITY,
    CONNECTIONS,
    OfferedLoad,
    class_demands,
    class_usage,
    is_own,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """Classes that are served in one turn, as they come.

    Attributes:
        classes: their names.
        arrival_rate_per_s: their requests, per second.
        load: the share of the station's capacity that they ask for.
        left: the share of it that those before them leave, at least 0.
    """

    classes: tuple[str, ...]
    arrival_rate_per_s: float
    load: float
    left: float

    @property
    def is_steady(self) -> bool:
        """Whether there is more left for them than they ask for."""
        return self.load < self.left - (1 - CAPACITY)

    @property
    def growth_per_s(self) -> float:
        """By how many of their requests a second the queue grows."""
        if self.left == 0:
            return self.arrival_rate_per_s
        return self.arrival_rate_per_s * (1 - min(1.0, self.left / self.load)) if self.load else 0.0


def turns(scenario: Scenario, server: Server, offered: OfferedLoad) -> tuple[Turn, ...] | None:
    """Return in which turns the classes are served at the busiest station of *server*.

    Empty where classes make no difference; None where it depends on more than the class.
    """
    if server.discipline in {"fifo", "lifo"} or offered.bottleneck.name == CONNECTIONS:
        return ()
    places = _places(scenario, server)
    if places is None or not is_own(scenario, offered.bottleneck):
        return None
    return _in_turn(_loads(scenario, server, offered), places)


def _places(scenario: Scenario, server: Server) -> Mapping[str, float] | None:
    """Return the place of each class in the queue; None where that is not the class's own."""
    if server.discipline in {"priority", "preemptive"}:
        return {name: request.priority for name, request in scenario.requests.items()}
    uses = class_usage(scenario, server)
    # A request that returns to the loop has less left to do, so its place changes.
    again = not server.keeps and any(use.returns for use in uses.values())
    if again or any(varies(request.phases) for request in scenario.requests.values()):
        return None
    return {name: use.occupied_s for name, use in uses.items()}


def _loads(
    scenario: Scenario, server: Server, offered: OfferedLoad
) -> dict[str, tuple[float, float]]:
    """Return the arrival rate of each class, and its share of the busiest station's capacity."""
    rates = {each.name: each.arrival_rate_per_s for each in offered.classes}
    busiest = offered.bottleneck
    demands = {
        name: next(one.demand_s for one in found.stations if one.name == busiest.name)
        for name, found in class_demands(scenario, server).items()
    }
    return {
        name: (rate, rate * demands[name] / busiest.servers)
        for name, rate in rates.items()
        if rate > 0
    }


def _in_turn(
    loads: Mapping[str, tuple[float, float]], places: Mapping[str, float]
) -> tuple[Turn, ...]:
    found: list[Turn] = []
    # Of the station's capacity, shared out class by class in the order of service.
    left = 1.0
    for _, names in groupby(sorted(loads, key=places.__getitem__), key=places.__getitem__):
        classes = tuple(names)
        rate, load = (sum(loads[name][i] for name in classes) for i in range(2))
        found.append(Turn(classes, rate, load, left))
        left = max(0.0, left - load)
    return tuple(found)
