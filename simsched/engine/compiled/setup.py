"""The world at its beginning, for one workload, server and conditions."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from simsched.engine import off_loads
from simsched.engine.compiled import codes, general, layout, room
from simsched.engine.compiled.arena import Arena, Array, Part
from simsched.engine.compiled.supply import Supply
from simsched.engine.conditions import Conditions
from simsched.engine.variant import variant
from simsched.scenario.model.servers import Server
from simsched.workload.columns import Requests
from simsched.workload.steps import StepKind


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
    levels = () if plain else general.levels_of(supply.pattern, server)
    return Arena(
        run=_run(supply, server, conditions, timeline, also),
        server=_server(supply, server, conditions),
        requests=Part.of(layout.REQUESTS, supply.requests),
        columns=Part.of(layout.COLUMNS, _columns(room.rows(supply, conditions))),
        general=None if plain else general.part_of(supply, server, conditions, levels),
        levels=levels,
    )


def _cpu(pattern: Requests, server: Server) -> int:
    used = off_loads.used(pattern, server)
    if off_loads.lock_interval(used, server) is not None:
        return codes.LOCK
    return codes.OWN_CORE if off_loads.computes_alone(used, server) else codes.CORES


def _run(
    supply: Supply,
    server: Server,
    conditions: Conditions,
    timeline: int | None,
    also: Collection[int],
) -> Part:
    end = supply.workload.end_ns
    return Part.of(
        layout.RUN,
        {
            "tasks": np.zeros(room.FIRST_TASKS, layout.TASK),
            "jobs": np.zeros(room.FIRST_TASKS, layout.JOB),
            "spent": np.zeros(room.FIRST_TASKS * layout.ACTIVITIES, np.int64),
            "heap": np.zeros(room.for_events(supply, conditions), layout.EVENT),
            "handovers": np.zeros(8 * room.FIRST_TASKS, layout.HANDOVER),
            "queues": _queues(server, conditions),
            "takers": _takers(server, _keeps(server, conditions)),
            "workers": _workers(server),
            "winners": _winners(server.workers),
            "stretches": np.zeros(4 * room.FIRST_TASKS, layout.STRETCH),
            "also": np.array(sorted(also), np.int64),
        },
        end=layout.NEVER if end is None else end,
        expected=len(supply.requests["arrival_ns"]),
        next_arrival=layout.NEVER,
        next_timer=layout.NEVER,
        free=layout.NONE,
        launched=layout.NONE,
        stuck=layout.NONE,
        awake_at=layout.NONE,
        timeline=layout.NEVER if timeline is None else timeline,
        takers_count=server.workers * server.per_worker,
    )


def _server(supply: Supply, server: Server, conditions: Conditions) -> Part:
    timeout = conditions.of_streams[0].timeout  # of several it is known for each request
    return Part.of(
        layout.SERVER,
        {},
        workers=server.workers,
        discipline=codes.DISCIPLINES.index(server.discipline),
        dispatch=codes.DISPATCHES.index(server.dispatch),
        shared=server.has_one_queue,
        last_idle=server.dispatch == "last_idle",
        least_busy=server.dispatch == "least_busy",
        preemptive=server.discipline == "preemptive",
        backlog=_limit(server.room),
        drops=server.backlog_full == "drop",
        queue_timeout=_limit(server.queue_timeout),
        max_requests=_limit(server.max_requests),
        **_shedding(server),
        max_requests_jitter=server.max_requests_jitter,
        boot=server.boot,
        lobby=len(_queues(server, conditions)) - 1 - len(conditions.of_streams),
        kept=1 if _keeps(server, conditions) else layout.NONE,
        max_in_flight=_limit(server.most_at_once),
        limits_each=server.limits_each,
        **_batching(server),
        switch=server.overhead.switch,
        late=server.overhead.io,
        again=server.overhead.switch if server.lock_interval is not None else 0,
        cancels=server.cancel_abandoned,
        cooperative=not server.keeps,
        sequential=server.parallel == "sequential",
        cpu=_cpu(supply.pattern, server),
        off_loads=not server.keeps,
        **general.places_of_executors(supply.pattern, server),
        branches=1 + _most_branches(supply.pattern),
        same_rows=room.same_rows(supply, conditions),
        timeout=timeout if isinstance(timeout, int) else layout.NONE,
        works_late=general.works_late(supply.pattern, conditions),
        needs_draws=server.needs_draws,
    )


def _shedding(server: Server) -> dict[str, int]:
    limit = server.rate_limit
    return {
        "token_interval": layout.NONE if limit is None else limit.interval,
        "token_burst": 0 if limit is None else limit.burst,
        "tokens_each": limit is not None and limit.per == "worker",
        "waits_for_token": limit is not None and limit.when_full == "wait",
        "codel": server.codel is not None,
    }


def _batching(server: Server) -> dict[str, int]:
    request, batching = server.overhead.request, server.batching
    if batching is None:
        return {"request": request}
    return {
        "request": request + batching.duration.each,
        "batch_size": batching.max,
        "batch_wait": batching.wait,
        "batch_base": batching.duration.base,
    }


def _limit(value: int | None) -> int:
    return layout.NONE if value is None else value


def _most_branches(pattern: Requests) -> int:
    forks = [i for i, step in enumerate(pattern.steps) if step.kind is StepKind.FORK]
    if not forks:
        return 0
    return int(pattern.duration_ns[np.isin(pattern.step_id, forks)].max(initial=0))


def _keeps(server: Server, conditions: Conditions) -> bool:
    """Return whether requests may wait for a worker that has no accept queue of its own."""
    kept = any(client.connections for client in conditions.of_streams)
    return kept and server.has_one_queue and server.workers > 1


def _queues(server: Server, conditions: Conditions) -> layout.Records:
    """The accept queues and the kept ones, each loop's ready queue, the lobby, and the lines."""
    accept = 1 if server.has_one_queue else server.workers
    accept += server.workers if _keeps(server, conditions) else 0
    ready = 0 if server.keeps else server.workers
    table = np.zeros(accept + ready + 1 + len(conditions.of_streams), layout.QUEUE)
    table["root"] = layout.NONE
    table["tasks"] = table["idle"] = layout.EMPTY
    table["gated"][:accept] = True
    return table


def _takers(server: Server, kept: bool) -> layout.Records:
    """Workers, loops or threads; the workers' first threads are the first to be idle.

    Before their ready queues, there may be one *kept* for each worker.
    """
    threads = server.per_worker
    table = np.zeros(threads * server.workers, layout.TAKER)
    table["worker"] = np.tile(np.arange(server.workers), threads)
    shared = server.has_one_queue
    table["queue"] = 0 if shared else table["worker"]
    table["ready"] = layout.NONE
    if not server.keeps:
        others = (1 if shared else server.workers) + (server.workers if kept else 0)
        table["ready"] = others + table["worker"]
    table["task"] = layout.NONE
    return table


def _workers(server: Server) -> layout.Records:
    table = np.zeros(server.workers, layout.WORKER)
    table["speed"] = table["full_speed"] = server.speeds
    table["jobs"] = layout.EMPTY
    table["up"] = True
    return table


def _winners(workers: int) -> Array:
    """The tournament before anybody has a request, which the first of all wins; see ``loads``."""
    size = 1 << (workers - 1).bit_length()
    places = np.full(2 * size, layout.NONE)
    places[size : size + workers] = np.arange(workers)
    for place in range(size - 1, 0, -1):
        places[place] = places[2 * place]
    return places


def _columns(rows: int) -> dict[str, Array]:
    types = {"worker": np.int32, "status": np.int8}
    return {name: np.empty(rows, types.get(name, np.int64)) for name in layout.COLUMNS.names}
