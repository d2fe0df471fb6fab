"""The offered load: what arrives per second times what it takes, known before anything runs.

A station whose utilisation would be 1 or more is overloaded: its queue grows for as long as
requests arrive, and there is no steady state. That a server is busy for the arrival rate times the
mean demand of the time is the utilisation law (Lazowska, Zahorjan, Graham & Sevcik, Quantitative
System Performance (1984), 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simsched.scenario.phases import IoPhase, Phase
from simsched.scenario.scenario import Scenario
from simsched.scenario.servers import CooperativeServer, SerialServer, Server
from simsched.units import SECOND
from simsched.workload.arrivals import between_arrivals
from simsched.workload.mix import class_shares
from simsched.workload.phases import duration


@dataclass(frozen=True, slots=True)
class ClassLoad:
    """What the requests of one class bring: their rate, and each one's mean CPU and I/O time."""

    name: str
    arrival_rate_per_s: float
    cpu_s: float
    io_s: float


@dataclass(frozen=True, slots=True)
class Station:
    """Something that requests queue for.

    Attributes:
        name: ``workers`` of a serial server, ``loops`` of a cooperative one.
        arrival_rate_per_s: requests that come to it, per second.
        demand_s: how long one request occupies it, on average and over all its visits.
        servers: how many work side by side.
    """

    name: str
    arrival_rate_per_s: float
    demand_s: float
    servers: int

    @property
    def utilisation(self) -> float:
        """The fraction of its capacity that is asked for; from 1 on the queue grows without end."""
        return self.arrival_rate_per_s * self.demand_s / self.servers


@dataclass(frozen=True, slots=True)
class OfferedLoad:
    """What a scenario asks of one server."""

    classes: tuple[ClassLoad, ...]
    stations: tuple[Station, ...]

    @property
    def arrival_rate_per_s(self) -> float:
        """Requests of all classes, per second."""
        return sum(each.arrival_rate_per_s for each in self.classes)

    @property
    def bottleneck(self) -> Station:
        """The station of the highest utilisation."""
        return max(self.stations, key=lambda station: station.utilisation)


def class_loads(scenario: Scenario) -> tuple[ClassLoad, ...] | None:
    """Return the load of each class, in the order of the scenario; None for a schedule."""
    if scenario.workload.open is None:
        return None
    rate = SECOND / between_arrivals(scenario.workload.open).mean
    return tuple(
        ClassLoad(name, rate * share, *_demands(scenario.requests[name].phases))
        for name, share in class_shares(scenario).items()
    )


def offered_load(scenario: Scenario, server: Server) -> OfferedLoad | None:
    """Return what *scenario* asks of *server* per second, from exact means; None for a schedule.

    A serial worker is occupied by a request's whole service demand and ``overhead.request``; a
    loop by its CPU time, ``overhead.request``, and ``overhead.switch`` for each time it gets the
    request back, which is after every I/O phase but a last one.
    """
    classes = class_loads(scenario)
    if classes is None:
        return None
    return OfferedLoad(classes, (_station(scenario, server, classes),))


def _demands(phases: Sequence[Phase]) -> tuple[float, float]:
    io_s = sum(duration(phase).mean for phase in phases if isinstance(phase, IoPhase))
    cpu_s = sum(duration(phase).mean for phase in phases if not isinstance(phase, IoPhase))
    return cpu_s / SECOND, io_s / SECOND


def _station(scenario: Scenario, server: Server, classes: Sequence[ClassLoad]) -> Station:
    rate = sum(each.arrival_rate_per_s for each in classes)
    occupied = sum(
        each.arrival_rate_per_s * _occupied_s(each, scenario.requests[each.name].phases, server)
        for each in classes
    )
    name = "loops" if isinstance(server, CooperativeServer) else "workers"
    return Station(name, rate, occupied / rate, server.workers)


def _occupied_s(load: ClassLoad, phases: Sequence[Phase], server: Server) -> float:
    request_s = server.overhead.request / SECOND
    if isinstance(server, SerialServer):
        return load.cpu_s + load.io_s + request_s
    returns = sum(isinstance(phase, IoPhase) for phase in phases[:-1])
    return load.cpu_s + request_s + returns * server.overhead.switch / SECOND
