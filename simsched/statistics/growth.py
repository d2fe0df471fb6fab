"""Which times grow without end on a server that cannot keep up, and for how many requests.

Where requests are served as they come, all of them wait for the busiest station, and ever longer.
Those that are served before the others do not (see :mod:`simsched.statistics.stability`), nor those
that do not need that station and are not held up by those that do. Under ``lifo`` the last to come
are served first, and those that are passed over once too often never.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from simsched.scenario.metrics import RESOURCE_METRICS
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import Server
from simsched.statistics.stability import Load
from simsched.workload.arrivals import is_stationary
from simsched.workload.classes import class_shares
from simsched.workload.offered import CAPACITY, CONNECTIONS, class_usage, offered_load
from simsched.workload.usage import Usage

_WAIT, _ = RESOURCE_METRICS["resource_wait"]


@dataclass(frozen=True, slots=True)
class Late:
    """How many requests, of a class or of all, are later than any limit if the run is long enough.

    Attributes:
        share: at least this share of them.
        waits: of which waits that is known, with the share of the requests for each: parts of time
            spent, and ``resource_wait_s.NAME``.
        is_steady: whether they have a steady state, whatever becomes of the others.
    """

    share: float = 1.0
    waits: Mapping[str, float] = field(default_factory=dict)
    is_steady: bool = False


@dataclass(frozen=True, slots=True)
class Growth:
    """How many requests are late: of all, and by the names of the classes that arrive."""

    overall: Late = field(default_factory=Late)
    classes: Mapping[str, Late] = field(default_factory=dict)

    def of(self, request: str | None) -> Late:
        """Return what is known of a class, or of all."""
        return self.overall if request is None else self.classes.get(request, self.overall)


def growth(scenario: Scenario, server: Server, load: Load) -> Growth:
    """Return what grows on *server*, which cannot keep up with its *load*."""
    uses = class_usage(scenario, server)
    # A class of which no request arrives has no share of the late ones.
    shares = {name: share for name, share in class_shares(scenario).items() if share > 0}
    settles = _settles(scenario, server)
    late = {name: _share(name, scenario, server, load, uses[name]) for name in shares}
    classes = {
        name: Late(
            share or 0.0,
            {wait: share for wait in _waits(scenario, server, load, uses[name]) if share},
            is_steady=share == 0 and settles,
        )
        for name, share in late.items()
    }
    return Growth(_overall(classes, shares), classes)


def _overall(classes: Mapping[str, Late], shares: Mapping[str, float]) -> Late:
    """Return what is known of requests that are of each class with a chance of its share."""
    waits: dict[str, float] = {}
    for name, late in classes.items():
        for wait, share in late.waits.items():
            waits[wait] = waits.get(wait, 0.0) + shares[name] * share
    return Late(sum(shares[name] * late.share for name, late in classes.items()), waits)


def _settles(scenario: Scenario, server: Server) -> bool:
    """Say whether a class has a steady state to which the one station that is too busy leaves time.

    Elsewhere requests that wait in vain may hold up others: by the slots of a resource that they
    keep, or at another station.
    """
    offered = offered_load(scenario, server)
    if offered is None or scenario.events or not is_stationary(scenario) or scenario.services:
        return False
    busiest = offered.bottleneck
    others = [one for one in offered.stations if one is not busiest]
    # Who waits for a resource keeps a worker meanwhile, unless the server lets in everyone.
    apart = busiest.name in scenario.resources or not any(
        one.name in scenario.resources for one in offered.stations
    )
    return apart and all(one.utilisation < CAPACITY for one in others)


def _share(name: str, scenario: Scenario, server: Server, load: Load, use: Usage) -> float | None:
    """Return which share of a class is late: none if it need not wait; None if that is unknown."""
    station, service = load.station.name, load.station.service
    if station in scenario.resources and _lets_in_all(server):
        return 1.0 if use.held_s.get(station) else 0.0
    if service is not None and _lets_in_all(server):
        return 1.0 if use.calls.get(service) else 0.0
    if load.turns is None:
        return None
    for turn in load.turns:
        if name in turn.classes:
            return 0.0 if turn.is_steady and turn is not load.turns[-1] else 1.0
    if server.discipline == "lifo" and station != CONNECTIONS:
        # The last to come are served first, and the share beyond the capacity never is.
        return max(0.0, 1 - 1 / load.utilisation) or None
    return 1.0


def _waits(scenario: Scenario, server: Server, load: Load, use: Usage) -> Iterator[str]:
    """Yield what a request of a class waits for longer and longer, by the names of :class:`Late`.

    Where requests are let in one by one they wait for that, whatever it is that takes so long.
    """
    station = load.station.name
    if station == CONNECTIONS or not _lets_in_all(server):
        yield "queue"
    elif station in scenario.resources:
        yield from ("io_wait", f"{_WAIT}.{station}")
    elif load.station.service is not None:
        yield "io"
    else:
        yield from ("queue", "cpu_wait") if use.returns else ("queue",)


def _lets_in_all(server: Server) -> bool:
    return not server.keeps and server.max_in_flight is None
