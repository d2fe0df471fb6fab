"""Which models with a known answer a server of a scenario matches.

Users who wait for their answers are a closed network: their thinking, and I/O without a limit, are
delays; a loop, a lock, the workers and the resources are stations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import assert_never

from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import CooperativeServer, SerialServer, Server, ThreadedServer
from simsched.scenario.model.users import ClosedUsers
from simsched.statistics.observation import QUANTILES
from simsched.statistics.theory import networks, queues
from simsched.statistics.theory.bounds import Batch, of_server
from simsched.statistics.theory.candidate import (
    Candidate,
    closed_users,
    is_plain,
    is_simple,
    poisson_rate,
)
from simsched.statistics.theory.known import Known, Match
from simsched.units import SECOND
from simsched.workload.distributions import law
from simsched.workload.offered import CAPACITY, offered_load

MOST_USERS = 100_000
"""For more users nothing is computed one user after another."""

# Of each station the mean service of a request, in seconds, and how many servers it has.
_Stations = list[tuple[float, int]]

_OPTIONS = ("model", "crew", "cores", "discipline", "dispatch", "cost")

TINY = 0.01
"""A switch interval below this share of the mean service counts as none."""

RARE = 1e-4
"""What happens with a smaller probability is left out: that a request finds no thread free."""


def known(
    scenario: Scenario,
    name: str,
    server: Server,
    quantiles: Sequence[float] = QUANTILES,
    batch: Batch | None = None,
) -> tuple[Known, ...]:
    """Return what formulas say of *server*, called *name*: exact figures first, then bounds.

    A server that cannot keep up has bounds alone. *batch* are the requests of a schedule or a
    trace; see :func:`simsched.statistics.theory.bounds.batch_of`.
    """
    every = (server, *scenario.services.values())
    if any(speed != 1 for one in every for speed in one.speeds):  # demands are those at speed 1
        return ()
    match = _match(scenario, server) if is_simple(scenario) else None
    exact = () if match is None else (match.known(name, quantiles),)
    bounds = of_server(scenario, name, server, batch)
    return exact if bounds is None else (*exact, bounds)


def _match(scenario: Scenario, server: Server) -> Match | None:
    if server.overhead.io:  # a delay at a station is a model of its own
        return None
    candidate, users = Candidate(scenario, server), closed_users(scenario)
    if users is not None:
        return _closed(candidate, users)
    rate = poisson_rate(scenario)
    offered = None if rate is None else offered_load(scenario, server)
    if rate is None or offered is None or not offered.bottleneck.utilisation:
        return None
    return _opened(candidate, rate, stable=offered.bottleneck.utilisation < CAPACITY)


def _opened(candidate: Candidate, rate: float, *, stable: bool) -> Match | None:
    """Return the model of *candidate* under Poisson arrivals, *rate* per second; None if none.

    *stable* says whether it can do what is asked of it; where not, some of it must be refused.
    """
    server = candidate.server
    dealt = server.has_one_queue or server.workers == 1 or server.deals_by_chance
    ranked = server.discipline in {"shortest", "preemptive"}
    plain = dealt and not ranked and _is_plain(server, ("overhead", "backlog"))
    if not plain or (server.backlog is None and not stable):
        return None
    each = rate / candidate.queues  # dealt out at random, arrivals stay Poisson
    if server.backlog is not None:
        return _loss(candidate, each, server.backlog)
    match server:
        case SerialServer():
            return None if candidate.needs_resources else _queue(candidate, each)
        case ThreadedServer():
            return None if candidate.needs_resources else _threaded(candidate, server, each)
        case CooperativeServer():
            return _network(candidate, rate) if candidate.has_io else _queue(candidate, each)
        case _:
            assert_never(server)


def _queue(candidate: Candidate, rate: float) -> Match | None:
    """Return the model of requests that are served one after the other, from start to end."""
    if candidate.server.discipline == "priority":
        return _priorities(candidate, rate)
    return _single(candidate, rate) if _servers(candidate) == 1 else _many(candidate, rate)


def _is_plain(server: Server, options: Iterable[str]) -> bool:
    """Say whether each worker has a core, and *server* has no setting but these *options*."""
    threads = ("threads", "switch_interval") if isinstance(server, ThreadedServer) else ()
    enough = server.cores is None or server.cores >= server.workers
    return enough and is_plain(server, (*_OPTIONS, *threads, *options))


def _servers(candidate: Candidate) -> int:
    """Return how many workers serve each queue."""
    return candidate.server.workers // candidate.queues


def _one_by_one(candidate: Candidate) -> bool:
    """Say whether a worker or loop does a request from its beginning to its end."""
    match candidate.server:
        case SerialServer():
            return True
        case ThreadedServer():
            return False
        case CooperativeServer():
            return not candidate.has_io
        case _:
            assert_never(candidate.server)


def _single(candidate: Candidate, rate: float) -> Match:
    """Return the model of one server with one queue."""
    exponential_s = candidate.exponential_s()
    if exponential_s is None:
        service = candidate.service()
        model = queues.MG1 if service.variance else queues.MD1
        return Match(model, queues.mg1_mean_response(rate, service))
    rates = {"arrival_rate": rate, "service_rate": 1 / exponential_s}
    quantile = partial(queues.mm1_response_quantile, **rates) if candidate.is_fifo else None
    return Match(queues.MM1, queues.mm1_mean_response(**rates), quantile_s=quantile)


def _many(candidate: Candidate, rate: float) -> Match | None:
    """Return the model of several servers with one queue."""
    exponential_s, servers = candidate.exponential_s(), _servers(candidate)
    if exponential_s is None:
        return None
    rates = {"arrival_rate": rate, "service_rate": 1 / exponential_s}
    mean = queues.mmc_mean_response(**rates, servers=servers)
    quantile = partial(queues.mmc_response_quantile, **rates, servers=servers)
    model = queues.MMC.of(servers)
    return Match(model, mean, quantile_s=quantile if candidate.is_fifo else None)


def _loss(candidate: Candidate, rate: float, backlog: int) -> Match | None:
    """Return the model of servers whose queue has room for *backlog* requests."""
    exponential_s, servers = candidate.exponential_s(), _servers(candidate)
    one_by_one = _one_by_one(candidate) and candidate.is_blind and not candidate.needs_resources
    if exponential_s is None or not one_by_one or servers + backlog > queues.MOST_ROOM:
        return None
    rates = {"arrival_rate": rate, "service_rate": 1 / exponential_s}
    room = servers + backlog
    return Match(
        queues.MMCK.of(servers, room),
        queues.mmck_mean_response(**rates, servers=servers, room=room),
        candidate.queues * queues.mmck_throughput_per_s(**rates, servers=servers, room=room),
    )


def _priorities(candidate: Candidate, rate: float) -> Match | None:
    """Return the model of one server that takes classes by their priority."""
    if not _one_by_one(candidate) or _servers(candidate) > 1:
        return None
    services, shares = candidate.services(), candidate.shares
    requests = candidate.scenario.requests
    streams = [
        queues.Stream(rate * shares[name], service, requests[name].priority)
        for name, service in services.items()
    ]
    waits = zip(services, queues.priority_mean_waits(streams), strict=True)
    means = {name: wait + services[name].mean for name, wait in waits}
    mean = sum(shares[name] * one for name, one in means.items())
    several = means if len(candidate.scenario.requests) > 1 else {}
    return Match(queues.PRIORITIES, mean, means_s=several)


def _threaded(candidate: Candidate, server: ThreadedServer, rate: float) -> Match | None:
    """Return the model of threads that take turns on one lock, without I/O.

    How turns are taken changes nothing for exponential service: it has no memory.
    """
    if candidate.has_io or server.workers > 1 or not candidate.is_blind:
        return None
    exponential_s, service_s = candidate.exponential_s(), candidate.service().mean
    if server.overhead.switch:
        return None
    if exponential_s is not None:
        return Match(queues.MM1, queues.mm1_mean_response(rate, 1 / exponential_s))
    if server.threads == 1:
        return _single(candidate, rate)
    tiny = server.switch_interval <= TINY * service_s * 1e9
    enough = (rate * service_s) ** server.threads < RARE
    if not (tiny and enough):
        return None
    return Match(queues.SHARING, queues.sharing_mean_response(rate, service_s))


def _network(candidate: Candidate, rate: float) -> Match | None:
    """Return the model of loops with I/O, some of it on resources."""
    pools, burst_s = candidate.pools(), candidate.burst_s()
    loops = isinstance(candidate.server, CooperativeServer) and _servers(candidate) == 1
    plain = loops and candidate.is_blind and candidate.alternates
    if not plain or pools is None or burst_s is None:
        return None
    mean = networks.feedback_mean_response(
        rate / candidate.queues, candidate.visits(), burst_s, candidate.delay_s()
    )
    mean += sum(
        pool.visits
        * queues.mmc_mean_response(rate * pool.visits, 1 / pool.service_s, pool.capacity)
        for pool in pools
    )
    return Match(networks.FEEDBACK, mean)


def _closed(candidate: Candidate, closed: ClosedUsers) -> Match | None:
    """Return the model of *candidate* with the users *closed*; None if it matches none."""
    server, users = candidate.server, closed.users
    if not (candidate.is_blind and _is_plain(server, ())):
        return None
    stations = _stations(candidate, users)
    if stations is None or users > MOST_USERS:
        return None
    think_s = law(closed.think).mean / SECOND
    # Whatever is not spent at a station is a delay; rounding may leave a little less than none.
    io_s = max(0.0, candidate.service().mean - sum(demand for demand, _ in stations))
    if not stations and think_s + io_s <= 0:
        return None
    return networks.solved(users, stations, think_s, io_s)


def _stations(candidate: Candidate, users: int) -> _Stations | None:
    """Return the stations at which requests queue; None where no formula covers one."""
    if isinstance(candidate.server, SerialServer):
        return _workers(candidate, users)
    pools = candidate.pools()
    computing = _computing(candidate, users)
    if pools is None or computing is None:
        return None
    # With a slot for every user none waits: such a pool is a delay.
    wide = [(pool.demand_s, pool.capacity) for pool in pools if pool.capacity < users]
    return [*computing, *wide]


def _workers(candidate: Candidate, users: int) -> _Stations | None:
    server, exponential_s = candidate.server, candidate.exponential_s()
    if candidate.needs_resources or not server.has_one_queue:
        return None
    if users <= server.workers:
        return []
    return None if exponential_s is None else [(exponential_s, server.workers)]


def _computing(candidate: Candidate, users: int) -> _Stations | None:
    """Return the loops, or the lock, at which requests queue."""
    server = candidate.server
    if not candidate.has_cpu:
        return [] if not server.keeps or server.per_worker >= users else None
    if not candidate.alternates:
        return None
    computing_s = candidate.computing().mean
    match server:
        case SerialServer():
            return None
        case ThreadedServer():
            return [(computing_s, 1)] if _is_shared(candidate, server, users) else None
        case CooperativeServer():
            random = server.dispatch == "random" or server.workers == 1
            if not random or candidate.burst_s() is None:
                return None
            return [(computing_s / server.workers, 1)] * server.workers
        case _:
            assert_never(server)


def _is_shared(candidate: Candidate, server: ThreadedServer, users: int) -> bool:
    """Say whether the threads share one lock as if at once, or as if one after another."""
    if server.workers > 1 or server.threads < users:
        return False
    burst_ns = candidate.computing().mean / candidate.visits() * SECOND
    without_memory = candidate.exponential_s() is not None and not candidate.has_io
    return without_memory or server.switch_interval <= TINY * burst_ns
