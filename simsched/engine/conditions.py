"""What surrounds a server: how patient its clients are, and what goes wrong when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from math import inf
from typing import TypeVar

from simsched.scenario.model.client import Client
from simsched.scenario.model.events import ResourceEvent, WorkerEvent
from simsched.scenario.model.scenario import Scenario, by_stream
from simsched.scenario.model.servers import Server
from simsched.units import SECOND


@dataclass(frozen=True, slots=True)
class Slowdown:
    """From ``start`` to ``finish`` (ns), I/O on a resource takes ``factor`` times as long.

    With the factor ``inf`` it stands still.
    """

    resource: str
    start: int
    finish: int
    factor: float


@dataclass(frozen=True, slots=True)
class Outage:
    """From ``start`` to ``finish`` (ns) a worker is down; to ``drain`` it ends what it has.

    Or it is ``slower`` by that factor, and up.
    """

    worker: int
    start: int
    finish: int
    drain: bool = False
    slower: float | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A server that requests call while they are served, and what happens to its workers."""

    name: str
    server: Server
    outages: tuple[Outage, ...] = ()

    def __post_init__(self) -> None:
        """Join the windows, and put them in order of time."""
        object.__setattr__(self, "outages", _joined(self.outages))


_LONGEST = 1e18
"""The longest that computing takes (ns), so that some of it together are still a whole number."""

W = TypeVar("W", Slowdown, Outage)


@dataclass(frozen=True, slots=True)
class Conditions:
    """The circumstances of one server's run. The server has the ``services`` to itself.

    ``clients`` are those of each stream of requests; where there is one stream it has ``client``.

    Windows of the same effect that touch or overlap are joined: a worker that returns and goes down
    at the same instant has not returned.
    """

    client: Client = field(default_factory=Client)
    clients: tuple[Client, ...] = ()
    slowdowns: tuple[Slowdown, ...] = ()
    outages: tuple[Outage, ...] = ()
    services: tuple[Service, ...] = ()

    def __post_init__(self) -> None:
        """Join the windows, and put them in order of time."""
        object.__setattr__(self, "slowdowns", _joined(self.slowdowns))
        object.__setattr__(self, "outages", _joined(self.outages))

    @property
    def of_streams(self) -> tuple[Client, ...]:
        """The client of each stream."""
        return self.clients or (self.client,)

    @classmethod
    def of(cls, scenario: Scenario, server: str) -> Conditions:
        """Return the conditions that *scenario* has for the server called *server*."""
        return cls(
            client=scenario.client,
            clients=tuple(one.client for one in by_stream(scenario).values())
            if scenario.workload.streams
            else (),
            slowdowns=tuple(_slowdowns(scenario)),
            outages=tuple(
                _outage(event, scenario.servers[server])
                for event in _worker_events(scenario)
                if event.service is None and event.server in (None, server)
            ),
            services=tuple(
                Service(
                    name,
                    each,
                    tuple(
                        _outage(event, each)
                        for event in _worker_events(scenario)
                        if event.service == name
                    ),
                )
                for name, each in scenario.services.items()
            ),
        )


def lasting(demand: int, speed: float) -> int:
    """Return the ns that a worker of this *speed* takes to compute what takes *demand* at 1."""
    return demand if speed == 1.0 else round(min(demand / speed, _LONGEST))


def without_lock(length: int, share: float) -> int:
    """Return how many of the *length* ns that a phase computes it needs no lock for: a *share*."""
    return min(length, round(length * share))


def backoff(longest: float, least: float, draw: float) -> int:
    """Return the ns to wait of the *longest*, as *draw*, uniform on [0, 1), decides.

    At least the share *least* of it is waited.
    """
    return round(longest * (least + (1 - least) * draw))


def request_limit(least: int, jitter: int, draw: float) -> int:
    """Return after how many requests a process ends: *least*, and up to *jitter* more.

    The *draw*, uniform on [0, 1), is that of its first request. The higher bits may have chosen the
    worker; the lower ones, which decide here, do not depend on them.
    """
    return least + int(draw * 2**26 % 1.0 * (jitter + 1))


SYN_GIVEN_UP = 127 * SECOND
"""After what time a client gives up to connect: 64 s after the sixth time it tried again.

That is Linux's default, ``net.ipv4.tcp_syn_retries`` = 6.
"""


def until_next_syn(waited: int) -> int:
    """Return the ns until a client's kernel tries again to connect, after it *waited* so long.

    It does 1, 3, 7, 15, 31 and 63 s after the first time: each wait is twice the one before (V.
    Paxson et al., RFC 6298, Computing TCP's Retransmission Timer, 2011).
    """
    return waited + SECOND


def _joined(windows: Iterable[W]) -> tuple[W, ...]:
    """Return *windows* in order of time, where those of the same effect that touch are one."""
    found: list[W] = []
    latest: dict[W, int] = {}
    for each in sorted(windows, key=lambda window: window.start):
        effect = replace(each, start=0, finish=0)
        at = latest.get(effect)
        if at is not None and found[at].finish >= each.start:
            found[at] = replace(found[at], finish=max(found[at].finish, each.finish))
        else:
            latest[effect] = len(found)
            found.append(each)
    return tuple(found)


def _slowdowns(scenario: Scenario) -> Iterator[Slowdown]:
    for event in scenario.events:
        if isinstance(event, ResourceEvent):
            factor = inf if event.slower is None else float(event.slower)
            yield Slowdown(event.resource, event.at, event.at + event.lasting, factor)


def _worker_events(scenario: Scenario) -> Iterator[WorkerEvent]:
    return (event for event in scenario.events if isinstance(event, WorkerEvent))


def _outage(event: WorkerEvent, server: Server) -> Outage:
    finish = event.at + event.lasting
    if event.slower is not None:
        return Outage(event.worker, event.at, finish, slower=float(event.slower))
    return Outage(event.worker, event.at, finish + server.boot, drain=event.down == "drain")
