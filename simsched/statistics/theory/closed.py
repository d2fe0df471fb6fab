"""The models of users who wait for their answers, and which of them a server matches.

The users are a closed network: their thinking, and I/O without a limit, are delays; a loop, a lock,
the workers and the resources are stations. Where a formula has no response time, it follows from
the throughput by the response time law, N / X - Z (Denning & Buzen, 1978).
"""

from __future__ import annotations

from collections.abc import Sequence

from simsched.scenario.servers import CooperativeServer, SerialServer, ThreadedServer
from simsched.scenario.workload import ClosedUsers
from simsched.statistics.theory import bounds, convolution, mva, repairman, shape
from simsched.statistics.theory.candidate import Candidate
from simsched.statistics.theory.known import Match
from simsched.statistics.theory.opened import TINY
from simsched.units import SECOND
from simsched.workload.distributions import law

_OPTIONS = ("model", "workers", "cores", "discipline", "dispatch")
_THREADED = (*_OPTIONS, "threads", "switch_interval")

NO_QUEUE = "closed network without a queue"

MOST_USERS = 100_000
"""For more users nothing is computed one user after another."""

_Stations = list[tuple[float, int]]
"""Of each station the mean service of a request, in seconds, and how many servers it has."""


def match(candidate: Candidate, closed: ClosedUsers) -> Match | None:
    """Return the model of *candidate* with the users *closed*; None if it matches none."""
    server, users = candidate.server, closed.users
    known = _THREADED if isinstance(server, ThreadedServer) else _OPTIONS
    enough = server.cores is None or server.cores >= server.workers
    if not (candidate.is_blind and enough and shape.is_plain(server, known)):
        return None
    stations = _stations(candidate, users)
    if stations is None or users > MOST_USERS:
        return None
    think_s = law(closed.think).mean / SECOND
    io_s = max(0.0, candidate.service().mean - sum(demand for demand, _ in stations))
    if not stations and think_s + io_s <= 0:
        return None
    return _solved(users, stations, think_s, io_s)


def _solved(
    users: int, stations: Sequence[tuple[float, int]], think_s: float, io_s: float
) -> Match | None:
    """Return the model of *users* who think, have I/O without a limit, and queue at *stations*."""
    demands, delay_s = [demand for demand, _ in stations], think_s + io_s
    if not stations:
        return Match(NO_QUEUE, bounds.SOURCE, io_s, users / delay_s)
    if stations == [(demands[0], 1)]:
        alone = users, delay_s, demands[0]
        response_s = io_s + repairman.mean_response(*alone)
        return Match(
            repairman.NAME, repairman.SOURCE, response_s, repairman.throughput_per_s(*alone)
        )
    if all(servers == 1 for _, servers in stations):
        found = mva.mva(users, demands, delay_s)
        return Match(mva.NAME, mva.SOURCE, io_s + found.response_s, found.throughput_per_s)
    if users > convolution.MOST_USERS:
        return None
    rate = convolution.throughput_per_s(users, stations, delay_s)
    response_s = max(io_s, users / rate - think_s)
    return Match(convolution.NAME, convolution.SOURCE, response_s, rate)


def _stations(candidate: Candidate, users: int) -> _Stations | None:
    """Return the stations at which requests queue; None where no formula covers one."""
    if isinstance(candidate.server, SerialServer):
        return _workers(candidate, users)
    pools = candidate.pools()
    computing = _computing(candidate, users)
    if pools is None or computing is None:
        return None
    wide = [(pool.demand_s, pool.capacity) for pool in pools if pool.capacity < users]
    return [*computing, *wide]


def _workers(candidate: Candidate, users: int) -> _Stations | None:
    server, exponential_s = candidate.server, candidate.exponential_s()
    if candidate.needs_resources or server.dispatch != "shared":
        return None
    if users <= server.workers:
        return []
    return None if exponential_s is None else [(exponential_s, server.workers)]


def _computing(candidate: Candidate, users: int) -> _Stations | None:
    """Return the loops, or the lock, at which requests queue."""
    server = candidate.server
    if not candidate.has_cpu:
        threads = server.threads if isinstance(server, ThreadedServer) else users
        return [] if threads >= users else None
    if not candidate.alternates:
        return None
    computing_s = candidate.computing().mean
    if isinstance(server, ThreadedServer):
        return [(computing_s, 1)] if _is_shared(candidate, server, users) else None
    if not isinstance(server, CooperativeServer) or candidate.burst_s() is None:
        return None
    random = server.dispatch == "random" or server.workers == 1
    return [(computing_s / server.workers, 1)] * server.workers if random else None


def _is_shared(candidate: Candidate, server: ThreadedServer, users: int) -> bool:
    """Say whether the threads share one lock as if at once, or as if one after another."""
    if server.workers > 1 or server.threads < users:
        return False
    burst_ns = candidate.computing().mean / candidate.visits() * SECOND
    without_memory = candidate.exponential_s() is not None and not candidate.has_io
    return without_memory or server.switch_interval <= TINY * burst_ns
