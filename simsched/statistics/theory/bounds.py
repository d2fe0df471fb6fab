"""Operational bounds: what no order of work can beat.

They assume nothing of distributions, only that what goes in comes out.

A finite list of requests, a schedule or a trace, cannot be answered before the busiest station has
done the work of all, nor of those that arrive from some moment on before that moment and their work
have passed. So a run takes at least that long, its throughput is at most the number of requests
over it, and requests take at least their demand on average. Where chance draws the demands, their
means bound the means: a maximum of sums is on average at least as large as the largest mean
(Jensen's inequality).

Sources: Denning & Buzen, The operational analysis of queueing network models, ACM Computing Surveys
10 (3), 1978, also for the utilisation law (busy time is completions times demand); Lazowska,
Zahorjan, Graham & Sevcik, Quantitative System Performance, 1984, chapter 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simsched.errors import InputError
from simsched.scenario.model.events import WorkerEvent
from simsched.scenario.model.request_class import RequestClass
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import Server
from simsched.scenario.model.users import ClosedUsers
from simsched.scenario.model.workload import Arrival, Trace
from simsched.statistics.theory.known import Figure, Known, Model
from simsched.units import SECOND
from simsched.workload.arrays import Floats
from simsched.workload.arrivals import arrival_rate_per_s
from simsched.workload.classes import calls_end_early, class_shares, may_fail
from simsched.workload.distributions import law
from simsched.workload.offered import CAPACITY, Demands, class_demands, mean_demands
from simsched.workload.recording import Recording, recording_of
from simsched.workload.waits import gives_up

BOUNDS = Model("operational bounds", "Denning & Buzen, ACM Comput. Surv. 10 (1978)")


def open_throughput(arrival_rate: float, demand_s: float, servers: int) -> float:
    """Return the most completions per second: those that arrive, up to the capacity."""
    return min(arrival_rate, servers / demand_s) if demand_s else arrival_rate


def closed_throughput(users: int, total_s: float, bottleneck_s: float, think_s: float) -> float:
    """Return the most completions per second: as if no request waited, up to the capacity.

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
    return Known(name, BOUNDS.name, BOUNDS.source, found) if found else None


def _figures(scenario: Scenario, server: Server, batch: Batch | None) -> Iterator[Figure]:
    closed = scenario.workload.closed
    if closed is not None:
        yield from _closed(scenario, closed, mean_demands(scenario, server))
    elif scenario.workload.open is not None:
        yield from _open(scenario, server, mean_demands(scenario, server))
    elif batch is not None and not (
        server.turns_away or _gives_up(scenario) or _has_buckets(scenario, server)
    ):
        yield from _finite(batch, server)


def _gives_up(scenario: Scenario) -> bool:
    """Say whether short requests may be the only ones to be completed: long ones fail."""
    failing = (
        any(isinstance(event, WorkerEvent) for event in scenario.events)
        or any(each.may_fail for each in scenario.resources.values())
        or any(each.turns_away for each in scenario.services.values())
        or may_fail(scenario)
        or calls_end_early(scenario)
    )
    return failing or gives_up(scenario)


def _has_buckets(scenario: Scenario, server: Server) -> bool:
    """Say whether there are tokens, of which a bucket is full at the beginning."""
    every = (server, *scenario.services.values(), *scenario.resources.values())
    return any(each.rate_limit is not None for each in every)


def _bottleneck_s(demands: Demands) -> float:
    return max(each.demand_s / each.servers for each in demands.stations)


def _open(scenario: Scenario, server: Server, demands: Demands) -> Iterator[Figure]:
    rate, bottleneck_s = arrival_rate_per_s(scenario), _bottleneck_s(demands)
    blind = server.discipline in {"fifo", "lifo"}  # else an overload may fall on long requests
    # If long requests are the ones that fail, the completed ones need less than the mean.
    may_choose = _gives_up(scenario) or (not blind and rate * bottleneck_s >= CAPACITY)
    most = rate if may_choose else open_throughput(rate, bottleneck_s, 1)
    yield Figure("throughput_per_s", most, "<=")
    if not may_choose:
        yield Figure("response_time_s.mean", demands.elapsed_s, ">=")


def _closed(scenario: Scenario, closed: ClosedUsers, demands: Demands) -> Iterator[Figure]:
    """Yield the bounds of a closed workload; none if long requests may be given up."""
    think_s, pacing_s, users = law(closed.think).mean / SECOND, 0.0, closed.most_users
    if closed.pacing is not None:
        pacing_s = law(closed.pacing).mean / SECOND
    total_s, bottleneck_s = demands.elapsed_s, _bottleneck_s(demands)
    if _gives_up(scenario) or not total_s + think_s + pacing_s:
        return
    # A paced user's round is at least as long as the pace, and as the request.
    most = closed_throughput(users, max(total_s, pacing_s), bottleneck_s, think_s)
    # Where users come and go there may be none for a while: then only the demand bounds.
    fewest = users if closed.stages is None else 0
    least = closed_response(fewest, total_s, bottleneck_s, think_s + pacing_s)
    yield Figure("throughput_per_s", most, "<=")
    yield Figure("response_time_s.mean", least, ">=")


@dataclass(frozen=True, eq=False)
class Batch:
    """A finite list of requests, in groups that arrive together.

    Attributes:
        scenario: of which no duration stands in a column: each is the mean of its class.
        at_s: (k,) when each group arrives, never decreasing.
        counts: by class, (k,) how many requests of it are in each group, on average. Of a trace
            all count as if in the first group, since means do not give each one's work.
    """

    scenario: Scenario
    at_s: Floats
    counts: Mapping[str, Floats]

    def total(self) -> float:
        """Return how many requests there are."""
        return float(sum(count.sum() for count in self.counts.values()))

    def mean_elapsed_s(self, demands: Mapping[str, Demands]) -> float:
        """Return how long a request takes alone, on average."""
        alone = sum(self.counts[name].sum() * one.elapsed_s for name, one in demands.items())
        return float(alone / self.total())

    def least_length_s(self, demands: Mapping[str, Demands]) -> float:
        """Return how long it takes at least until all are answered, from the first arrival on."""
        works = self._works_s(demands).values()
        ends = (float(np.max(self.at_s + np.cumsum(work[::-1])[::-1])) for work in works)
        return max([float(self.at_s[-1]), *ends, *self._alone_s(demands)]) - float(self.at_s[0])

    def _works_s(self, demands: Mapping[str, Demands]) -> dict[str, Floats]:
        """Return how long each station works for each group, by its name."""
        works: dict[str, Floats] = {}
        for name, one in demands.items():
            for station in one.stations:
                work = self.counts[name] * station.demand_s / station.servers
                works[station.name] = works.get(station.name, 0.0) + work
        return works

    def _alone_s(self, demands: Mapping[str, Demands]) -> Iterator[float]:
        """Yield when the last request of each class can be answered at the earliest."""
        for name, one in demands.items():
            some = np.flatnonzero(self.counts[name] >= 1)
            if len(some) and len(self.at_s) > 1:
                yield float(self.at_s[some[-1]] + one.elapsed_s)


def batch_of(scenario: Scenario) -> Batch | None:
    """Return the requests of *scenario*, if it lists them and lets all of them be answered.

    None, too, where a trace's file cannot be read any more: a stored run may outlive it.
    """
    workload = scenario.workload
    if workload.duration is not None or isinstance(scenario.run.warmup, int):
        return None
    if workload.schedule is not None:
        return _scheduled(scenario, sorted(workload.schedule, key=lambda arrival: arrival.at))
    if workload.trace is None:
        return None
    try:
        return _recorded(scenario, workload.trace)
    except InputError:
        return None


def _finite(batch: Batch, server: Server) -> Iterator[Figure]:
    """Yield the most throughput of *server*, and its least mean response time."""
    demands = class_demands(batch.scenario, server)
    length_s = batch.least_length_s(demands)
    if length_s > 0:
        yield Figure("throughput_per_s", batch.total() / length_s, "<=")
    yield Figure("response_time_s.mean", batch.mean_elapsed_s(demands), ">=")


def _scheduled(scenario: Scenario, schedule: Sequence[Arrival]) -> Batch:
    counts = {
        name: np.array([float(each.times) if each.request == name else 0.0 for each in schedule])
        for name in scenario.requests
    }
    return Batch(scenario, np.array([each.at for each in schedule]) / SECOND, counts)


def _recorded(scenario: Scenario, trace: Trace) -> Batch:
    classes = list(scenario.requests)
    recording = recording_of(scenario, trace)
    count = min(len(recording.arrival_ns), scenario.workload.requests or len(recording.arrival_ns))
    shares = _shares(scenario, recording, count)
    means = {name: _means(recording, count, i) for i, name in enumerate(classes)}
    requests = {
        name: _with_means(request, means[name]) for name, request in scenario.requests.items()
    }
    at_s = recording.arrival_ns[[0, count - 1]] / SECOND
    counts = {name: np.array([share * count, 0.0]) for name, share in shares.items()}
    return Batch(scenario.model_copy(update={"requests": requests}), at_s, counts)


def _shares(scenario: Scenario, recording: Recording, count: int) -> Mapping[str, float]:
    if recording.class_id is None:
        return class_shares(scenario)
    found = np.bincount(recording.class_id[:count], minlength=len(scenario.requests)) / count
    return dict(zip(scenario.requests, found.tolist(), strict=True))


def _means(recording: Recording, count: int, class_id: int) -> dict[str, float]:
    """Return the mean of each column of durations over the class's rows; 0 where it has none."""
    every = np.ones(count, dtype=np.bool_)
    ours = every if recording.class_id is None else recording.class_id[:count] == class_id
    return {
        name: float(column[:count][ours].mean()) if ours.any() else 0.0
        for name, column in recording.durations_ns.items()
    }


def _with_means(request: RequestClass, means: Mapping[str, float]) -> RequestClass:
    # What is left at its default may be invalid where it is written, as on_timeout without timeout.
    written = request.model_dump(by_alias=True, exclude_defaults=True)
    return RequestClass.model_validate(_replaced(written, means))


def _replaced(written: Any, means: Mapping[str, float]) -> Any:
    """Return *written* with each column's mean in its place."""
    if isinstance(written, Mapping):
        if set(written) == {"column"}:
            return f"{round(means[written['column']])}ns"
        return {key: _replaced(value, means) for key, value in written.items()}
    if isinstance(written, (list, tuple)):
        return [_replaced(value, means) for value in written]
    return written
