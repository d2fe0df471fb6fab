"""Operational bounds: what no order of work can beat.

They assume nothing of distributions, only that what goes in comes out.

Source: Denning & Buzen, The operational analysis of queueing network models, ACM Computing Surveys
10 (3), 1978; Lazowska, Zahorjan, Graham & Sevcik, Quantitative System Performance, 1984, chapter 5.
"""

from __future__ import annotations

from collections.abc import Iterator

from simsched.scenario.events import WorkerEvent
from simsched.scenario.scenario import Scenario
from simsched.scenario.servers import Server
from simsched.scenario.workload import ClosedUsers
from simsched.statistics.theory import finite
from simsched.statistics.theory.finite import Batch
from simsched.statistics.theory.known import Figure, Known
from simsched.statistics.turns import CAPACITY
from simsched.units import SECOND
from simsched.workload.distributions import law
from simsched.workload.offered import Demands, mean_demands
from simsched.workload.opened import arrival_rate_per_s

NAME = "operational bounds"
SOURCE = "Denning & Buzen, ACM Comput. Surv. 10 (1978)"


def open_throughput(arrival_rate: float, demand_s: float, servers: int) -> float:
    """Return the most completions per second: those that arrive, up to the capacity."""
    return min(arrival_rate, servers / demand_s) if demand_s else arrival_rate


def closed_throughput(users: int, total_s: float, bottleneck_s: float, think_s: float) -> float:
    """Return the most completions per second: as if nobody waited, up to the capacity.

    *total_s* is the demand of one request everywhere, *bottleneck_s* what it occupies the busiest
    station for, over that station's number of servers.
    """
    alone = users / (total_s + think_s)
    return min(alone, 1 / bottleneck_s) if bottleneck_s else alone


def closed_response(users: int, total_s: float, bottleneck_s: float, think_s: float) -> float:
    """Return the least mean response time: the demand, or what the bottleneck imposes."""
    return max(total_s, users * bottleneck_s - think_s)


def of_server(
    scenario: Scenario, name: str, server: Server, batch: Batch | None = None
) -> Known | None:
    """Return what no order of work on *server*, called *name*, can beat.

    *batch* is the list of requests of a schedule or a trace. None where nothing is left to say.
    """
    found = tuple(_figures(scenario, server, batch))
    return Known(name, NAME, SOURCE, found) if found else None


def _figures(scenario: Scenario, server: Server, batch: Batch | None) -> Iterator[Figure]:
    closed = scenario.workload.closed
    if closed is not None:
        yield from _closed(scenario, closed, mean_demands(scenario, server))
    elif scenario.workload.open is not None:
        yield from _open(scenario, server, mean_demands(scenario, server))
    elif batch is not None and server.backlog is None and not _gives_up(scenario):
        yield from finite.figures(batch, server)


def _gives_up(scenario: Scenario) -> bool:
    """Say whether short requests may be the only ones to be completed: long ones are given up."""
    failing = any(isinstance(event, WorkerEvent) for event in scenario.events)
    return failing or (scenario.client is not None and scenario.client.timeout is not None)


def _bottleneck_s(demands: Demands) -> float:
    return max(each.demand_s / each.servers for each in demands.stations)


def _open(scenario: Scenario, server: Server, demands: Demands) -> Iterator[Figure]:
    rate, bottleneck_s = arrival_rate_per_s(scenario), _bottleneck_s(demands)
    blind = server.discipline in {"fifo", "lifo"}  # else an overload may fall on long requests
    may_choose = _gives_up(scenario) or (not blind and rate * bottleneck_s >= CAPACITY)
    most = rate if may_choose else open_throughput(rate, bottleneck_s, 1)
    yield Figure("throughput_per_s", most, "<=")
    if not may_choose:
        yield Figure("response_time_s.mean", demands.elapsed_s, ">=")


def _closed(scenario: Scenario, closed: ClosedUsers, demands: Demands) -> Iterator[Figure]:
    """Yield the bounds of a closed workload; none if long requests may be given up."""
    think_s, users = law(closed.think).mean / SECOND, closed.users
    if _gives_up(scenario) or not demands.elapsed_s + think_s:
        return
    figures = (users, demands.elapsed_s, _bottleneck_s(demands), think_s)
    yield Figure("throughput_per_s", closed_throughput(*figures), "<=")
    yield Figure("response_time_s.mean", closed_response(*figures), ">=")
