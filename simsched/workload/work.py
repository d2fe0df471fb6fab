"""How much work a replication will be, estimated from means before anything is simulated.

One line of a scenario may keep an engine busy for years: turns of a nanosecond, or
users who never think. How many turns and requests that makes is known beforehand, so there is a
bound to it as there is to the size of a workload.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, inf, log10

import numpy as np

from simsched.errors import InputError
from simsched.scenario.model.client import Client
from simsched.scenario.model.scenario import Scenario, by_stream
from simsched.scenario.model.servers import Server
from simsched.scenario.model.users import ClosedUsers
from simsched.units import SECOND, write_duration
from simsched.workload.arrivals import arrival_rate_per_s
from simsched.workload.classes import class_shares, computes_lock_free
from simsched.workload.columns import BYTES_PER_DRAW, BYTES_PER_ROW, Requests, check_size
from simsched.workload.distributions import law
from simsched.workload.offered import class_usage, mean_demands
from simsched.workload.planning import failures, handoffs, mean_rows
from simsched.workload.steps import StepKind

MOST_TURNS = 1_000_000_000
"""The most turns on cores or locks that the requests of one replication may take."""

MOST_TURNS_SHOWN = 2_000_000
"""The most of them that the requests of a timeline may take: each turn is two of its segments.

A million turns take some fifteen seconds and a gigabyte to be kept, where a million that are not
kept take a fifth of a second.
"""

# How many requests a timeline shows.
_SHOWN = 200


def check_work(scenario: Scenario) -> None:
    """Refuse a scenario whose requests, or whose turns on cores and locks, would be too many.

    A trace is left out: how many requests it has is known when it is read.

    Raises:
        InputError: more than :data:`MOST_TURNS`, or requests that would not fit.
    """
    for one in by_stream(scenario).values():
        if one.workload.trace is None:
            _check_stream(one)


def _check_stream(scenario: Scenario) -> None:
    drawn = 1 + (handoffs(scenario) * BYTES_PER_DRAW + failures(scenario)) / BYTES_PER_ROW
    rows = mean_rows(scenario) * drawn + _rows_of_retries(scenario.client)
    for name, server in scenario.servers.items():
        requests = expected_requests(scenario, server)
        check_size(requests, rows)
        _check_turns(scenario, name, requests, _cpu_ns(scenario, server))


def _rows_of_retries(client: Client) -> float:
    """Return how many rows are as large as the draws for a request's retries: two for each."""
    return 2 * (client.attempts - 1) * BYTES_PER_DRAW / BYTES_PER_ROW


def check_drawn(scenario: Scenario, requests: Requests) -> None:
    """Refuse requests that have been drawn and would take too many turns on cores or locks.

    Raises:
        InputError: more than :data:`MOST_TURNS`.
    """
    computing = [i for i, step in enumerate(requests.steps) if step.kind is StepKind.CPU]
    of_cpu = np.isin(requests.step_id, computing)
    cpu_ns = requests.duration_ns[of_cpu].sum(dtype=np.float64) / max(1, len(requests))
    for name in scenario.servers:
        _check_turns(scenario, name, len(requests), float(cpu_ns))


def turns_of_one(scenario: Scenario, server: Server) -> float:
    """Return how many turns after its first a request takes on average, if others always wait.

    Of a trace nothing is known here, so that it is none.
    """
    if any(one.trace is not None for one in scenario.workload.sources.values()):
        return 0.0
    cpu_ns = _cpu_ns(scenario, server)
    quanta = (quantum for _, quantum in _quanta(scenario, server))
    return max((_turns(server, cpu_ns, quantum) for quantum in quanta), default=0.0)


def _cpu_ns(scenario: Scenario, server: Server) -> float:
    """Return how long a request computes, on average."""
    shares, uses = class_shares(scenario), class_usage(scenario, server)
    return SECOND * sum(shares[name] * use.cpu_s for name, use in uses.items())


def expected_requests(scenario: Scenario, server: Server) -> float:
    """Return how many requests *server* gets in one replication, on average; of users, at most.

    Raises:
        NotImplementedError: the requests are those of a trace.
    """
    workload = scenario.workload
    if workload.schedule is not None:
        return sum(arrival.times for arrival in workload.schedule)
    most = inf if workload.requests is None else workload.requests
    length_s = inf if workload.duration is None else workload.duration / SECOND
    if workload.open is not None:
        return min(most, inf if length_s == inf else length_s * arrival_rate_per_s(scenario))
    if workload.closed is not None:
        if workload.closed.iterations is not None:
            most = min(most, workload.closed.most_users * workload.closed.iterations)
        return min(most, length_s * _asked_per_s(scenario, workload.closed, server))
    raise NotImplementedError("how many requests a trace has")


def _asked_per_s(scenario: Scenario, closed: ClosedUsers, server: Server) -> float:
    """Return how many requests users send per second, at most.

    They are as quick as they would be alone, or as the bottleneck lets them (P. J. Denning and J.
    P. Buzen, The Operational Analysis of Queueing Network Models, ACM Computing Surveys 10 (1978),
    section 7). Those for whom there is no room are refused, and ask again after they thought; those
    who wait too long for a slot fail, and do so, too.
    """
    demands, users = mean_demands(scenario, server), closed.most_users
    if closed.pacing is not None:
        return users / (law(closed.pacing).mean / SECOND)
    between_s = law(closed.think).mean / SECOND + _backing_off_s(scenario.client)
    # Users who give up before an answer ask again sooner than any server could answer.
    patience_s = _patience_s(scenario.client)
    if patience_s < demands.elapsed_s:
        return users / (between_s + patience_s)
    # No station completes more than its servers divided by the demand.
    limits = (each.servers / each.demand_s for each in demands.stations if each.demand_s)
    alone_s = law(closed.think).mean / SECOND + demands.elapsed_s
    served = min(users / alone_s if alone_s else inf, *limits, inf)
    refused = max(0.0, users - _room(server))
    least_s = between_s + _least_wait_s(scenario)
    failing = users / least_s if least_s else 0.0
    return served + failing + (refused / between_s if refused and between_s else 0.0)


def _least_wait_s(scenario: Scenario) -> float:
    """Return how long a request waits for slots at least, over all its attempts, until it fails."""
    patience = [0 if each.refuses else each.acquire_timeout for each in scenario.resources.values()]
    least = min((each for each in patience if each is not None), default=inf)
    return scenario.client.attempts * least / SECOND


def _patience_s(client: Client) -> float:
    """Return how long a client waits for an answer, over all its attempts."""
    attempts = 1 if client.retries is None else 1 + client.retries.max
    return attempts * client.timeout / SECOND if isinstance(client.timeout, int) else inf


def _backing_off_s(client: Client) -> float:
    """Return how long a client waits between attempts that all fail, on average."""
    if client.retries is None:
        return 0.0
    backoff = client.retries.backoff
    waits = (backoff.initial * backoff.factor**before for before in range(client.retries.max))
    share = {"none": 1.0, "full": 0.5, "equal": 0.75}[client.retries.jitter]
    return share * sum(min(wait, backoff.max) for wait in waits) / SECOND


def _room(server: Server) -> float:
    """Return how many requests a server has room for, served or waiting."""
    if server.backlog is None or server.backlog_full == "drop":  # those who knock again wait, too
        return inf
    queues = 1 if server.has_one_queue else server.workers
    served = server.workers * server.kept_at_once if server.keeps else inf
    return min(served, server.places or inf) + queues * server.backlog


def _quanta(scenario: Scenario, server: Server) -> Iterator[tuple[str, int]]:
    """Yield the options that cut CPU time into turns, each with how long one lasts (ns)."""
    computing: float = server.workers
    # Branches of a parallel phase may all have threads of their own.
    threads = server.per_worker if server.parallel == "sequential" else inf
    if server.lock_interval is not None and threads > 1:
        yield "switch_interval", server.lock_interval
    lock_free = server.lock_interval is not None and computes_lock_free(scenario)
    if lock_free or not server.one_computes:
        computing *= threads
    if computing > server.core_count:
        yield "time_slice", server.time_slice


def _turns(server: Server, cpu_ns: float, quantum: int) -> float:
    return max(0.0, (cpu_ns + server.least_added) / quantum - 1)


def _check_turns(scenario: Scenario, name: str, requests: float, cpu_ns: float) -> None:
    """Refuse more turns than may be, or than can be shown."""
    server = scenario.servers[name]
    for option, quantum in _quanta(scenario, server):
        bounds = (
            ("the requests", requests, MOST_TURNS),
            (f"the first {_SHOWN} requests", min(requests, _SHOWN), MOST_TURNS_SHOWN),
        )
        whose, count, most = max(bounds, key=lambda bound: bound[1] / bound[2])
        turns = count * _turns(server, cpu_ns, quantum)
        if turns > most:
            enough = _rounded_up((cpu_ns + server.least_added) / (most / count + 1))
            raise InputError(
                f"servers.{name}.{option}: {whose} would compute in about {turns:,.0f} turns of"
                f" {write_duration(quantum)}; {most:,} are the most: write {option}:"
                f" {write_duration(enough)} or more"
            )


def _rounded_up(ns: float) -> int:
    """Return a duration of two digits that is not shorter."""
    unit = int(10 ** max(0, int(log10(ns)) - 1))
    return ceil(ns / unit) * unit
