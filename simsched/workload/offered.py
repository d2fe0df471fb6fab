"""The offered load: what arrives per second times what it takes, known before anything runs.

A station whose utilisation would be 1 or more is overloaded: its queue grows for as long as
requests arrive, and there is no steady state. That a server is busy for the arrival rate times the
mean demand of the time is the utilisation law (Lazowska, Zahorjan, Graham & Sevcik, Quantitative
System Performance (1984), 3.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from simsched.scenario.model.resources import Resource
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import CooperativeServer, Server
from simsched.units import SECOND
from simsched.workload.arrivals import arrival_rate_per_s, arrivals_expected
from simsched.workload.classes import class_shares
from simsched.workload.tally import usage
from simsched.workload.usage import Usage

CAPACITY = 1 - 1e-9
"""Loads this near to 1 count as 1: exact figures become inexact on their way through floats."""


@dataclass(frozen=True, slots=True)
class ClassLoad:
    """What the requests of one class bring: their rate, and each one's mean CPU and I/O time.

    ``elapsed_s`` is the mean time that one takes alone; of concurrent branches, at least that.
    """

    name: str
    arrival_rate_per_s: float
    cpu_s: float
    io_s: float
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Station:
    """Something that requests queue for.

    Attributes:
        name: ``workers`` of a serial server; ``threads`` and ``locks`` of a threaded one;
            ``loops`` of a cooperative one, and its ``locks``, ``pool threads`` and ``pool
            processes`` if anything is done off the loops; ``cores``;
            ``places`` where the number in flight is limited; ``tokens`` where requests wait for
            one; ``client connections`` where clients keep some; or the name of a resource. Those
            of a service have its name before theirs.
        arrival_rate_per_s: requests of the system, per second.
        demand_s: how long one request occupies it, on average and over all its visits; at least,
            where it is kept while the request waits for something else.
        servers: how many work side by side.
        service: the service whose station it is, if it is one of a service.
    """

    name: str
    arrival_rate_per_s: float
    demand_s: float
    servers: int
    service: str | None = None

    @property
    def utilisation(self) -> float:
        """The fraction of its capacity that is asked for; from 1 on the queue grows without end."""
        return self.arrival_rate_per_s * self.demand_s / self.servers


@dataclass(frozen=True, slots=True)
class Demand:
    """What one request asks of a station, on average; see :class:`Station`."""

    name: str
    demand_s: float
    servers: int
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Demands:
    """What one request of a scenario asks of one server, on average over the classes.

    Attributes:
        elapsed_s: how long it takes alone until it is answered, with the server's overhead for it;
            of concurrent branches, at least that.
        stations: what it asks of each.
    """

    elapsed_s: float
    stations: tuple[Demand, ...]


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
        """The station of the highest utilisation; of several, the first."""
        return max(self.stations, key=lambda station: station.utilisation)


CONNECTIONS = "client connections"
"""The name of the station that requests wait for at their clients."""


def is_own(scenario: Scenario, station: Station) -> bool:
    """Return whether a station is of the server itself, not of a service, a resource or clients."""
    return station.service is None and station.name not in {*scenario.resources, CONNECTIONS}


def offered_load(scenario: Scenario, server: Server) -> OfferedLoad | None:
    """Return what *scenario* asks of *server* per second, from exact means.

    It is what clients that neither time out nor retry ask for, averaged over bursts
    and changes of the rate; where clients retry, that is the least they ask for. None where the
    arrivals have no rate of their own: a schedule, a trace, or users who wait for their answers.
    """
    if any(one.open is None for one in scenario.workload.sources.values()):
        return None
    rate = arrival_rate_per_s(scenario)
    shares, uses = class_shares(scenario), class_usage(scenario, server)
    classes = (
        ClassLoad(name, rate * shares[name], use.cpu_s, use.io_s, use.elapsed_s)
        for name, use in uses.items()
    )
    stations = (
        Station(each.name, rate, each.demand_s, each.servers, each.service)
        for each in mean_demands(scenario, server).stations
    )
    return OfferedLoad(tuple(classes), tuple(stations))


def mean_demands(scenario: Scenario, server: Server) -> Demands:
    """Return what one request of *scenario* asks of *server*, from exact means.

    Raises:
        NotImplementedError: a duration stands in a column of a trace.
    """
    shares, uses = class_shares(scenario), class_usage(scenario, server)
    # Utilisation is linear in demands, so the mean request stands for all of them.
    mean = Usage.mean([(shares[name], use) for name, use in uses.items()])
    return _demands(scenario, server, mean)


def class_demands(scenario: Scenario, server: Server) -> dict[str, Demands]:
    """Return what one request of each class asks of *server*, by the class's name.

    Raises:
        NotImplementedError: a duration stands in a column of a trace.
    """
    uses = class_usage(scenario, server).items()
    return {name: _demands(scenario, server, use) for name, use in uses}


def class_usage(scenario: Scenario, server: Server) -> dict[str, Usage]:
    """Return what one request of each class uses on *server*, by the class's name.

    Raises:
        NotImplementedError: a duration stands in a column of a trace.
    """
    return {
        name: usage(request.phases, server, scenario.services, request.where)
        for name, request in scenario.requests.items()
    }


def _demands(scenario: Scenario, server: Server, use: Usage) -> Demands:
    elapsed_s = use.elapsed_s + server.added_alone / SECOND
    stations = (
        *_connections(scenario, elapsed_s),
        *_own_stations(server, use),
        *_services(scenario, use),
        *_resources(scenario, server, use),
    )
    return Demands(elapsed_s, stations)


def _connections(scenario: Scenario, elapsed_s: float) -> Iterator[Demand]:
    """Yield what a request asks of its clients' connections; several streams have some each."""
    kept = scenario.client.connections
    if kept is not None and scenario.workload.streams is None:
        yield Demand(CONNECTIONS, elapsed_s, kept.max)


def _services(scenario: Scenario, use: Usage) -> Iterator[Demand]:
    for name, times in use.calls.items():
        for each in _own_stations(scenario.services[name], use.served[name], times):
            yield replace(each, name=f"{name} {each.name}", service=name)


def _own_stations(server: Server, use: Usage, times: float = 1.0) -> Iterator[Demand]:
    """Yield the stations of a server that a request goes to so many *times*."""
    overhead_s = times * server.least_added / SECOND
    switching_s = use.returns * server.overhead.switch / SECOND
    # The overhead of a request is computed once, by whatever serves it.
    cpu_s = (use.cpu_s + overhead_s) / server.pace
    occupied_s = use.occupied_s + overhead_s + cpu_s - use.cpu_s - overhead_s
    if server.keeps:
        yield Demand(f"{server.occupied}s", occupied_s, server.workers * server.per_worker)
    free_s = use.lock_free_s / server.pace
    if server.lock_interval is not None:
        cpu_s += switching_s
        yield Demand("locks", cpu_s - free_s, server.workers)
    elif not server.keeps:
        cpu_s += switching_s - use.off_s.get("process", 0.0)
        loop_s = cpu_s - use.off_s.get("thread", 0.0)
        yield Demand(f"{server.occupied}s", loop_s + use.blocking_s, server.workers)
    yield from _off_loop(server, use, cpu_s, free_s)
    unlocked = server.lock_interval is not None and free_s > 0
    if server.cores is not None or unlocked or not server.one_computes:
        yield Demand("cores", cpu_s, server.core_count)
    if server.places is not None:
        yield Demand("places", occupied_s, server.places)
    if server.rate_limit is not None and server.rate_limit.when_full == "wait":
        buckets = server.workers if server.rate_limit.per == "worker" else 1
        yield Demand("tokens", times * server.rate_limit.interval / SECOND, buckets)


def _off_loop(server: Server, use: Usage, cpu_s: float, free_s: float) -> Iterator[Demand]:
    """Yield the stations of what loops have done elsewhere, beside *cpu_s* on what they share.

    For *free_s* of that they need no lock.
    """
    if not isinstance(server, CooperativeServer):
        return
    if "thread" in use.kept_s:
        if server.interpreter_lock:
            yield Demand("locks", cpu_s - free_s, server.workers)
        if server.cores is None and (free_s > 0 or not server.interpreter_lock):
            # Where cores are given, they are a station anyway.
            yield Demand("cores", cpu_s, server.core_count)
        yield Demand("pool threads", use.kept_s["thread"], server.workers * server.thread_pool)
    if "process" in use.kept_s and server.process_pool is not None:
        places = server.workers * server.process_pool
        yield Demand("pool processes", use.kept_s["process"], places)


def _resources(scenario: Scenario, server: Server, use: Usage) -> Iterator[Demand]:
    for name, resource in scenario.resources.items():
        if name in use.held_s:
            yield _resource(name, resource, server.workers, use)


def _resource(name: str, resource: Resource, workers: int, use: Usage) -> Demand:
    """Return the demand for its slots, or for its tokens if more is asked of these."""
    slots = Demand(name, use.held_s[name], resource.slots(workers))
    limit = resource.rate_limit
    if limit is None or limit.when_full == "refuse":
        return slots
    buckets = workers if resource.per == "worker" else 1
    tokens = Demand(name, use.asks[name] * limit.interval / SECOND, buckets)
    return max(slots, tokens, key=lambda each: each.demand_s / each.servers)


MOMENTS = 10_000
"""How many moments of the workload are looked at."""


@dataclass(frozen=True, slots=True)
class Surge:
    """More than a server can do, for a while.

    Attributes:
        start_s: from when on requests wait, up to the moment when most do.
        peak_s: when most do.
        waiting: how many do then.
        left: how many still do when the last request arrives.
        arrivals: how many arrive in all.
    """

    start_s: float
    peak_s: float
    waiting: float
    left: float
    arrivals: float


def surge(scenario: Scenario, highest_rate_per_s: float) -> Surge | None:
    """Return the worst that a changing rate does to a server that can do so many per second.

    None where it is never asked for more, or the rate does not change.
    """
    expected = arrivals_expected(scenario, MOMENTS)
    if expected is None:
        return None
    at_s, arrived = expected
    # A fluid queue: it holds what arrived beyond capacity since it was last empty.
    ahead = arrived - highest_rate_per_s * at_s
    waiting = ahead - np.minimum.accumulate(ahead)
    peak = int(waiting.argmax())
    if waiting[peak] == 0:
        return None
    start = int(np.flatnonzero(waiting[:peak] == 0)[-1])
    moments = float(at_s[start]), float(at_s[peak])
    return Surge(*moments, float(waiting[peak]), float(waiting[-1]), float(arrived[-1]))
