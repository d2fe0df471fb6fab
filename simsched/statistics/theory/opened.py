"""The models with Poisson arrivals, and which of them a server matches."""

from __future__ import annotations

from functools import partial

from simsched.scenario.servers import CooperativeServer, Server, ThreadedServer
from simsched.statistics.theory import feedback, mg1, mm1, mmc, mmck, priority, ps, shape
from simsched.statistics.theory.candidate import Candidate
from simsched.statistics.theory.known import Match
from simsched.statistics.theory.mmck import MOST_ROOM
from simsched.statistics.theory.priority import Stream

_OPTIONS = ("model", "workers", "cores", "discipline", "dispatch", "overhead", "backlog")
_THREADED = (*_OPTIONS, "threads", "switch_interval")

TINY = 0.01
"""A switch interval below this share of the mean service counts as none."""

RARE = 1e-4
"""What happens with a smaller probability is left out: that a request finds no thread free."""


def match(candidate: Candidate, rate: float, *, stable: bool) -> Match | None:
    """Return the model of *candidate* under Poisson arrivals, *rate* per second; None if none.

    *stable* says whether it can do what is asked of it; where not, some of it must be refused.
    """
    server = candidate.server
    if not _is_plain(server) or (server.backlog is None and not stable):
        return None
    each = rate / candidate.queues  # dealt out at random, arrivals stay Poisson
    if server.backlog is not None:
        return _loss(candidate, each, server.backlog)
    if candidate.needs_resources or (isinstance(server, CooperativeServer) and candidate.has_io):
        return _network(candidate, rate)
    if isinstance(server, ThreadedServer):
        return _threaded(candidate, server, each)
    if server.discipline == "priority":
        return _priorities(candidate, each)
    return _single(candidate, each) if _servers(candidate) == 1 else _many(candidate, each)


def _is_plain(server: Server) -> bool:
    """Say whether each worker has a core, and arrivals are shared or dealt out at random."""
    blind = server.dispatch in {"shared", "random"} and server.discipline != "shortest"
    enough = server.cores is None or server.cores >= server.workers
    known = _THREADED if isinstance(server, ThreadedServer) else _OPTIONS
    return blind and enough and shape.is_plain(server, known)


def _servers(candidate: Candidate) -> int:
    """Return how many workers serve each queue."""
    return candidate.server.workers // candidate.queues


def _one_by_one(candidate: Candidate) -> bool:
    """Say whether a worker or loop does a request from its beginning to its end."""
    threaded = isinstance(candidate.server, ThreadedServer)
    cooperative = isinstance(candidate.server, CooperativeServer)
    return not (threaded or (cooperative and candidate.has_io))


def _single(candidate: Candidate, rate: float) -> Match:
    """Return the model of one server with one queue."""
    exponential_s = candidate.exponential_s()
    if exponential_s is None:
        service = candidate.service()
        model = mg1.NAME if service.variance else mg1.NAME_CONSTANT
        return Match(model, mg1.SOURCE, mg1.mean_response(rate, service))
    mean = mm1.mean_response(rate, 1 / exponential_s)
    quantile = partial(mm1.response_quantile, arrival_rate=rate, service_rate=1 / exponential_s)
    return Match(mm1.NAME, mm1.SOURCE, mean, quantile_s=quantile if candidate.is_fifo else None)


def _many(candidate: Candidate, rate: float) -> Match | None:
    """Return the model of several servers with one queue."""
    exponential_s, servers = candidate.exponential_s(), _servers(candidate)
    if exponential_s is None:
        return None
    rates = {"arrival_rate": rate, "service_rate": 1 / exponential_s}
    mean = mmc.mean_response(**rates, servers=servers)
    quantile = partial(mmc.response_quantile, **rates, servers=servers)
    name = mmc.NAME.format(servers)
    return Match(name, mmc.SOURCE, mean, quantile_s=quantile if candidate.is_fifo else None)


def _loss(candidate: Candidate, rate: float, backlog: int) -> Match | None:
    """Return the model of servers whose queue has room for *backlog* requests."""
    exponential_s, servers = candidate.exponential_s(), _servers(candidate)
    one_by_one = _one_by_one(candidate) and candidate.is_blind and not candidate.needs_resources
    if exponential_s is None or not one_by_one or servers + backlog > MOST_ROOM:
        return None
    rates = {"arrival_rate": rate, "service_rate": 1 / exponential_s}
    room = servers + backlog
    return Match(
        mmck.NAME.format(servers, room),
        mmck.SOURCE,
        mmck.mean_response(**rates, servers=servers, room=room),
        candidate.queues * mmck.throughput_per_s(**rates, servers=servers, room=room),
    )


def _priorities(candidate: Candidate, rate: float) -> Match | None:
    """Return the model of one server that takes classes by their priority."""
    if not _one_by_one(candidate) or _servers(candidate) > 1:
        return None
    services, shares = candidate.services(), candidate.shares
    requests = candidate.scenario.requests
    streams = [
        Stream(rate * shares[name], service, requests[name].priority)
        for name, service in services.items()
    ]
    waits = zip(services, priority.mean_waits(streams), strict=True)
    means = {name: wait + services[name].mean for name, wait in waits}
    mean = sum(shares[name] * one for name, one in means.items())
    several = means if len(candidate.scenario.requests) > 1 else {}
    return Match(priority.NAME, priority.SOURCE, mean, means_s=several)


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
        return Match(mm1.NAME, mm1.SOURCE, mm1.mean_response(rate, 1 / exponential_s))
    if server.threads == 1:
        return _single(candidate, rate)
    tiny = server.switch_interval <= TINY * service_s * 1e9
    enough = (rate * service_s) ** server.threads < RARE
    if not (tiny and enough):
        return None
    return Match(ps.NAME, ps.SOURCE, ps.mean_response(rate, service_s))


def _network(candidate: Candidate, rate: float) -> Match | None:
    """Return the model of loops with I/O, some of it on resources."""
    pools, burst_s = candidate.pools(), candidate.burst_s()
    loops = isinstance(candidate.server, CooperativeServer) and _servers(candidate) == 1
    plain = loops and candidate.is_blind and candidate.alternates
    if not plain or pools is None or burst_s is None:
        return None
    mean = feedback.mean_response(
        rate / candidate.queues, candidate.visits(), burst_s, candidate.delay_s()
    )
    mean += sum(
        pool.visits * mmc.mean_response(rate * pool.visits, 1 / pool.service_s, pool.capacity)
        for pool in pools
    )
    return Match(feedback.NAME, feedback.SOURCE, mean)
