"""What plain runs do without, at the beginning of one that needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simsched.engine import off_loads
from simsched.engine.compiled import codes, layout, room
from simsched.engine.compiled.arena import Part
from simsched.engine.compiled.supply import Supply
from simsched.engine.conditions import Conditions, Slowdown
from simsched.scenario.model.client import Client
from simsched.scenario.model.servers import Server
from simsched.workload.arrays import Floats
from simsched.workload.columns import Requests
from simsched.workload.steps import Resource, StepKind, Where, pools_of


def part_of(supply: Supply, server: Server, conditions: Conditions, levels: Sequence[Part]) -> Part:
    """Return what general runs have besides."""
    rows = room.rows(supply, conditions)
    late = rows if works_late(supply.pattern, conditions) else 0
    attempts = 0 if room.same_rows(supply, conditions) else room.FIRST_ROWS
    waits = [_longest_waits(client) for client in conditions.of_streams]
    streams = _streams(conditions, waits)
    pools, slowdowns = _pools(supply.pattern, server, conditions.slowdowns)
    outages = [
        (each.worker, each.start, each.finish, each.slower or 0.0, each.drain)
        for each in conditions.outages
    ]
    return Part.of(
        layout.GENERAL,
        {
            "levels": levels[0].record.base,
            "pools": pools,
            "slowdowns": slowdowns,
            "visits": np.zeros(64, layout.VISIT),
            "timers": np.zeros(64, layout.TIMER),
            "longest_waits": np.concatenate(waits),
            "streams": streams,
            "connections": np.zeros(int(streams["most"].clip(0).sum()), layout.CONNECTION),
            "populations": _populations(supply),
            "attempts": np.zeros(attempts, layout.ATTEMPT),
            "users": _users(supply),
            "full_again": np.zeros(server.workers, np.int64),
            "codels": _codels(server),
            "batches": _batches(server),
            "up": np.array([server.workers, *range(server.workers)], np.int64),
            "outages": np.array(outages, layout.OUTAGE),
            "io_wait_ns": np.empty(rows, np.int64),
            "late_cpu_ns": np.zeros(late, np.int64),
            "late_until_ns": np.zeros(late, np.int64),
            **supply.arrays(),
        },
        drawn=supply.drawn,
        drawn_rows=supply.drawn_rows,
        longest=supply.longest,
        users_count=supply.users,
        waits=supply.pattern.waits is not None and not supply.is_called,
        outages_count=len(outages),
    )


def _streams(conditions: Conditions, waits: Sequence[Floats]) -> layout.Records:
    """Return how the clients of each stream try again, whose longest *waits* follow each other.

    And how they keep connections.
    """
    table = np.zeros(len(waits), layout.STREAM)
    table["longest_waits"] = np.cumsum([0, *map(len, waits[:-1])])
    for row, client in zip(table, conditions.of_streams, strict=True):
        retries = client.retries
        budget = None if retries is None else retries.budget
        row["retries"] = 0 if retries is None else retries.max
        row["least_share"] = 1.0 if retries is None else retries.least_share
        row["burst"] = row["balance"] = layout.NONE if budget is None else budget.burst
        row["ratio"] = 0.0 if budget is None else budget.ratio
        kept = client.connections
        row["most"] = layout.NONE if kept is None else kept.max
        row["longest_idle"] = layout.NEVER if kept is None or kept.idle is None else kept.idle
        row["fifo"] = kept is not None and kept.reuse == "fifo"
    table["first"] = table["fresh"] = np.cumsum([0, *table["most"][:-1].clip(0)])
    table["free"] = layout.NONE
    table["idle"] = layout.EMPTY
    return table


def _populations(supply: Supply) -> layout.Records:
    table = np.zeros(len(supply.populations), layout.POPULATION)
    for row, users in zip(table, supply.populations, strict=True):
        row["iterations"] = users.iterations or layout.NEVER
        row["most_requests"] = users.most_requests or layout.NEVER
        row["paced"] = users.paced
    return table


def _codels(server: Server) -> layout.Records:
    codel = server.codel
    if codel is None:
        return np.zeros(0, layout.CODEL)
    table = np.zeros(1 + server.workers, layout.CODEL)  # of accept queues, and of kept ones
    table["above"] = layout.NONE
    table["target"], table["interval"] = codel.target, codel.interval
    return table


def _batches(server: Server) -> layout.Records:
    table = np.zeros(0 if server.batching is None else server.workers, layout.BATCH)
    table["left"] = table["done"] = layout.EMPTY
    return table


def _users(supply: Supply) -> layout.Records:
    table = np.zeros(supply.users, layout.USER)
    counts = [each.users for each in supply.populations]
    table["population"] = np.repeat(np.arange(len(counts)), counts)
    return table


def _longest_waits(client: Client) -> Floats:
    return np.array(client.retries.longest_waits if client.retries else (), np.float64)


def works_late(pattern: Requests, conditions: Conditions) -> bool:
    """Return whether a server may compute for requests that are over for their clients."""
    fails = any(resource.patience_ns is not None for resource in pattern.resources) or any(
        step.may_fail or step.kind in (StepKind.RESPOND, StepKind.CALL) for step in pattern.steps
    )
    impatient = any(client.timeout is not None for client in conditions.of_streams)
    return impatient or pattern.waits is not None or fails


def levels_of(pattern: Requests, server: Server) -> tuple[Part, Part]:
    """The cores that workers share, and their locks; who has a core has as many as are needed."""
    levels = np.zeros(2, layout.LEVEL)
    used = off_loads.used(pattern, server)
    apart = off_loads.one_computes(used, server) and server.core_count >= server.workers
    cores = Part(
        levels[0],
        {"turns": np.zeros(room.FIRST_TASKS, layout.TURN), "lines": _lines(1)},
        places=layout.NEVER if apart else server.core_count,
        quantum=server.time_slice,
    )
    locks = Part(
        levels[1],
        {"turns": np.zeros(room.FIRST_TASKS, layout.TURN), "lines": _lines(server.workers)},
        places=1,
        quantum=off_loads.lock_interval(used, server) or 0,
        switch=server.overhead.switch if server.lock_interval is not None else 0,
    )
    return cores, locks


def _lines(count: int) -> layout.Records:
    table = np.zeros(count, layout.LINE)
    table["running"] = table["waiting"] = layout.EMPTY
    return table


def pools_of_all(pattern: Requests, server: Server) -> tuple[Resource, ...]:
    """Return what each pool is of, with the threads and processes of the workers."""
    resources = (*pattern.resources, *_executors(pattern, server).values())
    return pools_of(resources, server.workers)


def places_of_executors(pattern: Requests, server: Server) -> dict[str, int]:
    """Return where the pools of threads begin, and those of processes."""
    first = len(pools_of(pattern.resources, server.workers))
    return {
        f"{where}_pools": first + position * server.workers
        for position, where in enumerate(_executors(pattern, server))
    }


def _executors(pattern: Requests, server: Server) -> Mapping[Where, Resource]:
    return off_loads.executors(off_loads.used(pattern, server), server)


def _pools(
    pattern: Requests, server: Server, slowdowns: Sequence[Slowdown]
) -> tuple[layout.Records, layout.Records]:
    """Return the pools of each resource in turn, and the slowdowns of each resource in turn.

    Behind those are the workers' threads and processes, which are of no resource.
    """
    workers = server.workers
    table = np.zeros(len(pools_of_all(pattern, server)), layout.POOL)
    table["resource"] = table["patience"] = table["token_interval"] = layout.NONE
    table["line"] = layout.EMPTY
    rows: list[tuple[int, int, float]] = []
    at = 0
    for position, resource in enumerate(pattern.resources):
        pools = table[at : at + resource.pools(workers)]
        pools["resource"] = position
        pools["capacity"] = resource.capacity
        pools["patience"] = layout.NONE if resource.patience_ns is None else resource.patience_ns
        pools["discipline"] = codes.POOL_DISCIPLINES.index(resource.discipline)
        pools["line"] = layout.EMPTY
        if resource.tokens is not None:
            pools["token_interval"] = resource.tokens.interval_ns
            pools["token_burst"] = resource.tokens.burst
            pools["refuses"] = resource.tokens.refuses
        pools["slowdowns"] = len(rows)
        mine = [each for each in slowdowns if each.resource == resource.name]
        rows += [(each.start, each.finish, each.factor) for each in mine]
        pools["slowdowns_end"] = len(rows)
        at += len(pools)
    for executor in _executors(pattern, server).values():
        table["capacity"][at : at + workers] = executor.capacity
        at += workers
    return table, np.array(rows, layout.SLOWDOWN)
