"""The world at its beginning, for one workload, server and conditions."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from simsched.engine.compiled import dispatch, layout, queues, turns
from simsched.engine.compiled.arena import Arena, Array, Part
from simsched.engine.compiled.supply import Supply
from simsched.engine.conditions import Conditions, Slowdown, least_share, longest_waits
from simsched.engine.variant import computes_alone, variant
from simsched.scenario.client import Client
from simsched.scenario.servers import CooperativeServer, Server, ThreadedServer
from simsched.workload.closed import ClosedWorkload
from simsched.workload.columns import Requests
from simsched.workload.steps import StepKind

_FIRST_TASKS = 64
"""For how many tasks at a time there is room at the beginning."""

_FIRST_ROWS = 1024
"""How many attempts the columns of the trace have room for, where their number is not known."""


def arena_of(
    supply: Supply,
    server: Server,
    conditions: Conditions,
    *,
    timeline: int | None,
    also: Collection[int],
) -> Arena:
    """Return the arena before anything happens."""
    plain = variant(supply.workload, server, conditions) == "plain"
    levels = () if plain else _levels(server)
    return Arena(
        run=_run(supply, server, conditions, timeline, also),
        server=_server(supply, server, conditions.client),
        requests=Part.of(layout.REQUESTS, supply.requests),
        columns=Part.of(layout.COLUMNS, _columns(_rows(supply, conditions.client))),
        general=None if plain else _general(supply, server, conditions, levels),
        levels=levels,
    )


def same_rows(supply: Supply, client: Client) -> bool:
    """Return whether the rows of the trace are the requests, one by one."""
    return supply.users == 0 and client.retries is None


def _cpu(server: Server) -> int:
    if isinstance(server, ThreadedServer) and server.interpreter_lock:
        return turns.LOCK
    return turns.OWN_CORE if computes_alone(server) else turns.CORES


def _rows(supply: Supply, client: Client) -> int:
    """Return for how many attempts the columns have room: there is always room for one more."""
    return len(supply.pattern) + 1 if same_rows(supply, client) else _FIRST_ROWS


def _room_for_events(supply: Supply, conditions: Conditions) -> int:
    return 8 * _FIRST_TASKS + supply.users + 2 * len(conditions.outages)


def _run(
    supply: Supply,
    server: Server,
    conditions: Conditions,
    timeline: int | None,
    also: Collection[int],
) -> Part:
    end = supply.workload.end_ns
    retries = conditions.client.retries
    budget = None if retries is None else retries.budget
    return Part.of(
        layout.RUN,
        {
            "tasks": np.zeros(_FIRST_TASKS, layout.TASK),
            "jobs": np.zeros(_FIRST_TASKS, layout.JOB),
            "spent": np.zeros(_FIRST_TASKS * layout.ACTIVITIES, np.int64),
            "heap": np.zeros(_room_for_events(supply, conditions), layout.EVENT),
            "handovers": np.zeros(8 * _FIRST_TASKS, layout.HANDOVER),
            "queues": _queues(server),
            "takers": _takers(server),
            "workers": _workers(server.workers),
            "winners": _winners(server.workers),
            "stretches": np.zeros(4 * _FIRST_TASKS, layout.STRETCH),
            "also": np.array(sorted(also), np.int64),
        },
        end=layout.NEVER if end is None else end,
        expected=len(supply.requests["arrival_ns"]),
        next_arrival=layout.NEVER,
        next_timer=layout.NEVER,
        free=layout.NOBODY,
        launched=layout.NOBODY,
        stuck=layout.NOBODY,
        timeline=layout.NEVER if timeline is None else timeline,
        balance=0.0 if budget is None else budget.burst,
        takers_count=server.workers * _threads(server),
    )


def _threads(server: Server) -> int:
    return server.threads if isinstance(server, ThreadedServer) else 1


def _server(supply: Supply, server: Server, client: Client) -> Part:
    retries = client.retries
    budget = None if retries is None else retries.budget
    workload = supply.workload
    most = workload.most_requests if isinstance(workload, ClosedWorkload) else None
    return Part.of(
        layout.SERVER,
        {},
        workers=server.workers,
        discipline=queues.DISCIPLINES.index(server.discipline),
        dispatch=dispatch.POLICIES.index(server.dispatch),
        shared=server.dispatch == "shared",
        least_busy=server.dispatch == "least_busy",
        backlog=_limit(server.backlog),
        max_in_flight=_limit(server.max_in_flight),
        request=server.overhead.request,
        switch=server.overhead.switch,
        again=server.overhead.switch if _cpu(server) == turns.LOCK else 0,
        cancels=server.cancel_abandoned,
        cooperative=isinstance(server, CooperativeServer),
        sequential=server.parallel == "sequential",
        cpu=_cpu(server),
        branches=1 + _most_branches(supply.pattern),
        most_requests=_limit(most),
        same_rows=same_rows(supply, client),
        timeout=_limit(client.timeout),
        retries=0 if retries is None else retries.max,
        least_share=1.0 if retries is None else least_share(retries),
        burst=layout.NOBODY if budget is None else budget.burst,
        ratio=0.0 if budget is None else budget.ratio,
    )


def _limit(value: int | None) -> int:
    return layout.NOBODY if value is None else value


def _most_branches(pattern: Requests) -> int:
    forks = [i for i, step in enumerate(pattern.steps) if step.kind is StepKind.FORK]
    if not forks:
        return 0
    return int(pattern.duration_ns[np.isin(pattern.step_id, forks)].max(initial=0))


def _queues(server: Server) -> layout.Records:
    """The accept queues, and behind them each loop's ready queue."""
    accept = 1 if server.dispatch == "shared" else server.workers
    ready = server.workers if isinstance(server, CooperativeServer) else 0
    table = np.zeros(accept + ready, layout.QUEUE)
    table["root"] = layout.NOBODY
    table["tasks"] = table["idle"] = layout.EMPTY
    table["gated"][:accept] = True
    return table


def _takers(server: Server) -> layout.Records:
    """Workers, loops or threads; the workers' first threads are the first to be idle."""
    threads = _threads(server)
    table = np.zeros(threads * server.workers, layout.TAKER)
    table["worker"] = np.tile(np.arange(server.workers), threads)
    shared = server.dispatch == "shared"
    table["queue"] = 0 if shared else table["worker"]
    table["ready"] = layout.NOBODY
    if isinstance(server, CooperativeServer):
        table["ready"] = (1 if shared else server.workers) + table["worker"]
    table["task"] = layout.NOBODY
    return table


def _workers(count: int) -> layout.Records:
    table = np.zeros(count, layout.WORKER)
    table["jobs"] = layout.EMPTY
    table["up"] = True
    return table


def _winners(workers: int) -> Array:
    """The tournament before anybody has a request, which the first of all wins; see ``loads``."""
    size = 1 << (workers - 1).bit_length()
    places = np.full(2 * size, layout.NOBODY)
    places[size : size + workers] = np.arange(workers)
    for place in range(size - 1, 0, -1):
        places[place] = places[2 * place]
    return places


def _columns(rows: int) -> dict[str, Array]:
    types = {"worker": np.int32, "status": np.int8}
    return {name: np.empty(rows, types.get(name, np.int64)) for name in layout.COLUMNS.names}


def _general(
    supply: Supply, server: Server, conditions: Conditions, levels: Sequence[Part]
) -> Part:
    client = conditions.client
    rows = _rows(supply, client)
    late = rows if client.timeout is not None else 0
    attempts = 0 if same_rows(supply, client) else _FIRST_ROWS
    resources, slowdowns = _resources(supply.pattern, conditions.slowdowns)
    outages = [(each.worker, each.start, each.finish) for each in conditions.outages]
    return Part.of(
        layout.GENERAL,
        {
            "levels": levels[0].record.base,
            "resources": resources,
            "slowdowns": slowdowns,
            "visits": np.zeros(64, layout.VISIT),
            "timers": np.zeros(64, layout.TIMER),
            "longest_waits": longest_waits(client.retries),
            "attempts": np.zeros(attempts, layout.ATTEMPT),
            "users": np.zeros(supply.users, layout.USER),
            "up": np.array([server.workers, *range(server.workers)], np.int64),
            "outages": np.array(outages, layout.OUTAGE),
            "io_wait_ns": np.empty(rows, np.int64),
            "late_cpu_ns": np.zeros(late, np.int64),
            "late_until_ns": np.zeros(late, np.int64),
            **supply.arrays(),
        },
        drawn=supply.drawn,
        longest=supply.longest,
        users_count=supply.users,
        outages_count=len(outages),
    )


def _levels(server: Server) -> tuple[Part, Part]:
    """The cores that workers share, and their locks; who has a core has as many as are needed."""
    levels = np.zeros(2, layout.LEVEL)
    apart = _one_computes(server) and server.core_count >= server.workers
    cores = Part(
        levels[0],
        {"turns": np.zeros(_FIRST_TASKS, layout.TURN), "lines": _lines(1)},
        places=layout.NEVER if apart else server.core_count,
        quantum=server.time_slice,
    )
    locks = Part(
        levels[1],
        {"turns": np.zeros(_FIRST_TASKS, layout.TURN), "lines": _lines(server.workers)},
        places=1,
        quantum=server.switch_interval if isinstance(server, ThreadedServer) else 0,
        switch=server.overhead.switch,
    )
    return cores, locks


def _one_computes(server: Server) -> bool:
    """Return whether no more than one request of a worker computes at a time."""
    return not isinstance(server, ThreadedServer) or server.interpreter_lock


def _lines(count: int) -> layout.Records:
    table = np.zeros(count, layout.LINE)
    table["running"] = table["waiting"] = layout.EMPTY
    return table


def _resources(
    pattern: Requests, slowdowns: Sequence[Slowdown]
) -> tuple[layout.Records, layout.Records]:
    """Return the resources, and the slowdowns of each in turn."""
    table = np.zeros(len(pattern.resources), layout.RESOURCE)
    rows: list[tuple[int, int, float]] = []
    for at, resource in enumerate(pattern.resources):
        mine = [each for each in slowdowns if each.resource == resource.name]
        table[at]["capacity"] = resource.capacity
        table[at]["line"] = layout.EMPTY
        table[at]["slowdowns"] = len(rows)
        rows += [(each.start, each.finish, each.factor) for each in mine]
        table[at]["slowdowns_end"] = len(rows)
    return table, np.array(rows, layout.SLOWDOWN)
