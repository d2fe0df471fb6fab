"""Whether a server can keep up, known before it runs.

Where as much work arrives as a station can do, or more, its queue grows for as long as requests
arrive (Loynes, Proceedings of the Cambridge Philosophical Society 58, 1962): there is no steady
state, and a mean response time would only show how long the run was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from math import inf

from simsched.scenario.model.requests import CallPhase, Phase, RepeatPhase
from simsched.scenario.model.resources import Resource
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import Server
from simsched.statistics.priorities import Turn, turns
from simsched.statistics.words import warnings as words
from simsched.units import SECOND
from simsched.workload.chance import is_certain
from simsched.workload.offered import (
    CAPACITY,
    CONNECTIONS,
    OfferedLoad,
    Station,
    Surge,
    is_own,
    offered_load,
    surge,
)
from simsched.workload.waits import gives_up

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
        excess_fate: what keeps its queue from growing where it is asked for more than it can do:
            requests are refused, given up or failed; None where nothing does.
        surge: what becomes of its queue where the rate changes, and is more than it can do for a
            while; None elsewhere.
        turns: in which turns classes are served, where that decides who waits when not all can be
            served; empty where all are treated alike, None where it depends on the requests.
        certain: whether nothing is left to chance.
    """

    server: str
    station: Station
    excess_fate: words.Fate | None = None
    surge: Surge | None = None
    turns: tuple[Turn, ...] | None = ()
    certain: bool = False

    @property
    def utilisation(self) -> float:
        """The offered load as a fraction of capacity."""
        return self.station.utilisation

    @property
    def stable(self) -> bool:
        """Whether its queue is bounded.

        It is if the server keeps up, or if the excess is refused, given up or fails.
        """
        return self.keeps_up or self.excess_fate is not None

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

    def unstable_warning(self) -> str | None:
        """Return the warning that a server cannot keep up; None for one that can."""
        if self.stable:
            return None
        station, limit = self.station, self.highest_rate_per_s
        if self.surge is not None and self._ends_full:
            surge = self.surge
            return words.left_waiting(self.server, station.name, surge.start_s, surge.left, limit)
        # A load of 1 is inexact as a float: its queue grows, but too slowly for a number.
        slow = station.arrival_rate_per_s * (1 - CAPACITY)
        growth = self.growth_per_s
        return words.overloaded(
            self.server,
            self._demand,
            words.queue_growth(growth, is_slow=growth is not None and growth <= slow),
            limit,
        )

    def bounded_overload_warning(self) -> str | None:
        """Return the warning that it is overloaded but its queue is bounded; None otherwise."""
        if self.keeps_up:
            return self._for_a_while()
        if self.excess_fate is None:
            return None
        return words.turned_away(
            self.server, self._demand, self.excess_fate, self.highest_rate_per_s
        )

    @property
    def _demand(self) -> str:
        station = self.station
        return words.demand(station.name, station.arrival_rate_per_s, self.utilisation)

    @property
    def _ends_full(self) -> bool:
        """Whether the rate leaves so much waiting at the end that the run is of that above all."""
        if self.surge is None:
            return False
        return self.surge.left >= max(NOTICEABLE, MATERIAL * self.surge.arrivals)

    def _for_a_while(self) -> str | None:
        if self.surge is None or self.surge.waiting < NOTICEABLE:
            return None
        surge = self.surge
        return words.overloaded_for_a_while(
            self.server, self.station.name, surge.start_s, surge.peak_s, surge.waiting
        )


def load(label: str, scenario: Scenario, server: Server) -> Load | None:
    """Return what *scenario* asks of *server*, which is called *label*.

    None where no rate is offered, or nothing is needed.
    """
    offered = offered_load(scenario, server)
    if offered is None or offered.bottleneck.demand_s == 0:
        return None
    fate = excess_fate(scenario, server, offered)
    in_turn = turns(scenario, server, offered)
    certain = is_certain(scenario, server)
    one = Load(label, offered.bottleneck, fate, turns=in_turn, certain=certain)
    if fate:
        return one
    # The mean rate may be below capacity and the rate of an hour above it.
    surged = replace(one, surge=surge(scenario, one.highest_rate_per_s))
    # That an event makes a queue that comes and goes is what it is there for.
    return surged if not surged.keeps_up or not scenario.events else one


def excess_fate(scenario: Scenario, server: Server, offered: OfferedLoad) -> words.Fate | None:
    """Return what keeps the queue of *server* from growing under any load; None if nothing does.

    A backlog, or a limit of the wait there, bounds what waits to be accepted. What was accepted
    waits for resources, and on an event loop without bound, unless the number in flight is
    limited, or those fail who wait for long. What waits for a connection is still with its client.
    """
    at_client = offered.bottleneck.name == CONNECTIONS
    bounded = not at_client and (server.keeps or server.max_in_flight is not None)
    service = offered.bottleneck.service
    if service is not None and _is_turned_away(scenario, server, offered, service):
        return "failed"
    if service is not None and not bounded:
        return None
    if (at_client or server.cancel_abandoned) and gives_up(scenario):
        return "given up"
    if _fails_the_excess(scenario, server, offered):
        return "failed"
    own = is_own(scenario, offered.bottleneck)
    if _is_limited_enough(server, offered) or (server.bounds_its_queue and (own or bounded)):
        return "refused"
    return None


def _is_limited_enough(server: Server, offered: OfferedLoad) -> bool:
    """Say whether a rate limit refuses all that *server* could not do."""
    limit = server.rate_limit
    if limit is None or limit.when_full == "wait":
        return False
    workers = server.workers if limit.per == "worker" else 1
    station = offered.bottleneck
    return limit.rate * workers * station.demand_s / station.servers < CAPACITY


def _is_turned_away(scenario: Scenario, server: Server, offered: OfferedLoad, service: str) -> bool:
    """Say whether the calls of *server* that are too many for a service are refused or given up.

    They are at that service, or at one on the way to it whose threads, or places, all wait.
    """
    ways = chain.from_iterable(_ways(one.phases, service) for one in scenario.requests.values())
    patient = _can_wait_for_calls(scenario, server, offered)
    return all(_turns_away(scenario, server, way, patient=patient) for way in ways)


def _ways(phases: Iterable[Phase], service: str) -> Iterator[tuple[CallPhase, ...]]:
    """Yield the calls, each within the one before, of every way to *service*."""
    for phase in phases:
        calls = (phase,) if isinstance(phase, CallPhase) else ()
        if calls and calls[0].call == service:
            yield calls
        for inner in phase.inner:
            for way in _ways(inner, service):
                yield (*calls, *way)


def _can_wait_for_calls(scenario: Scenario, server: Server, offered: OfferedLoad) -> bool:
    """Say whether *server* has room for all requests even if each of their calls is given up."""
    rates = {each.name: each.arrival_rate_per_s for each in offered.classes}
    kept = (
        rates[each.name] * (each.elapsed_s + _given_up_s(scenario.requests[each.name].phases))
        for each in offered.classes
        if rates[each.name]
    )
    return sum(kept) < CAPACITY * _at_once(server)


def _given_up_s(phases: Iterable[Phase]) -> float:
    """Return for how long calls keep a request until all of them are given up, if that is known."""
    found = 0.0
    for phase in phases:
        within = sum(map(_given_up_s, phase.inner))
        match phase:
            case CallPhase():
                found += inf if phase.retries else (phase.timeout or 0) / SECOND
            case RepeatPhase():
                found += inf if within else 0.0
            case _:
                found += within
    return found


def _turns_away(
    scenario: Scenario, server: Server, way: tuple[CallPhase, ...], *, patient: bool
) -> bool:
    """Say whether too many calls on a *way* are refused by a service, or leave its queue.

    Behind few threads, of the server or of a service before it, it may never see too many; a server
    is *patient* that has enough of them for calls that are given up. One that takes up all calls
    has no queue for those that wait further on.
    """
    calls = _at_once(server)
    for call in way:
        called = scenario.services[call.call]
        served = _at_once(called)
        queues = 1 if called.has_one_queue else called.workers
        # What waits there and what is served there: beyond that a call is refused.
        room = inf if called.backlog is None else served + called.backlog * queues
        many = calls == inf or (patient and call is way[0] and call.timeout is not None)
        queued = many and (served < inf or call is way[-1])
        if called.bounds_its_queue and (queued or calls > room):
            return True
        if called.cancel_abandoned and call.timeout is not None and queued:
            return True
        calls = min(calls, served)
    return False


def _at_once(server: Server) -> float:
    """Return how many requests are served at once, as far as that is limited."""
    kept = server.workers * server.kept_at_once if server.keeps else inf
    return kept if server.places is None else min(kept, server.places)


def _refuses_enough(server: Server, offered: OfferedLoad, resource: Resource) -> bool:
    """Say whether a rate limit lets fail all that the slots of a *resource* are too few for."""
    limit, station = resource.rate_limit, offered.bottleneck
    if limit is None or not resource.refuses:
        return False
    buckets = server.workers if resource.per == "worker" else 1
    # Each request may ask several times: then the limit, of what is asked for, is too high here.
    return limit.rate * buckets * station.demand_s / station.servers < CAPACITY


def _fails_the_excess(scenario: Scenario, server: Server, offered: OfferedLoad) -> bool:
    """Say whether requests fail that wait for long at the busiest station, so that no queue grows.

    A worker or thread waits with its request: there must be enough of them for that.
    """
    resource = scenario.resources.get(offered.bottleneck.name)
    if resource is not None and _refuses_enough(server, offered, resource):
        return True
    if resource is None or resource.acquire_timeout is None or server.max_in_flight is not None:
        return False
    if server.batching is not None:
        return False
    if not server.keeps:
        return True
    patience_s = resource.acquire_timeout / SECOND
    kept_s = sum(
        each.arrival_rate_per_s * (each.elapsed_s + patience_s) for each in offered.classes
    )
    return kept_s < CAPACITY * server.workers * server.per_worker
