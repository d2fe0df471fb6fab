"""From the world at its end to the columns of a trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simsched.engine import trace
from simsched.engine.compiled import layout
from simsched.engine.compiled.arena import Arena, Array
from simsched.engine.compiled.layout import NONE, Records
from simsched.engine.compiled.supply import Supply
from simsched.engine.deadlock import Deadlock
from simsched.engine.segments import Stretch, label_segments
from simsched.engine.trace import Activity, Calls, Segments, Trace, Visits, no_calls
from simsched.scenario.model.servers import Server
from simsched.workload import columns
from simsched.workload.arrays import Int64s


def record(
    arenas: Sequence[Arena],
    supply: Supply,
    servers: Sequence[Server],
    end: int,
    deadlock: Deadlock | None,
) -> Trace:
    """Return the trace of the run, which ended at *end*.

    The first of the *arenas* and *servers* is the server's, the others are the services'.
    """
    (arena, *_), (server, *others) = arenas, servers
    made = _made(arenas)
    rows = arena.run["rows"]
    columns: dict[str, Any] = {name: one[:rows] for name, one in arena.columns.arrays.items()}
    return Trace(
        classes=supply.pattern.classes,
        **_identity(arena, supply, rows),
        **columns,
        io_wait_ns=io_wait(arena, rows),
        **_late(arena, rows),
        workers=server.workers,
        cores=server.cores_in_all,
        end_ns=end,
        engine="compiled",
        concurrent=bool(arena.run["concurrent"]),
        cancels=server.cancel_abandoned,
        deadlock=deadlock,
        resources=supply.pattern.resources,
        visits=_visits(arenas, made),
        services=trace.services_of(supply.pattern, others),
        calls=_calls(arenas, made),
        segments=_segments(arena, supply),
    )


def _identity(arena: Arena, supply: Supply, rows: int) -> dict[str, Any]:
    """Return what each attempt is at; most columns are known where each request has a row."""
    if arena.general is None or arena.server["same_rows"]:
        return {
            "request": np.arange(1, rows + 1),
            "class_id": supply.requests["class_id"][:rows],
            **_stream(supply, slice(rows)),
            "user": np.broadcast_to(np.int32(-1), rows),
            "attempt": np.broadcast_to(np.int32(1), rows),
            "arrival_ns": supply.requests["arrival_ns"][:rows],
            "demand_ns": supply.demand_ns()[:rows],
        }
    attempts = arena.general.arrays["attempts"][:rows]
    index = attempts["index"]
    return {
        "request": np.ascontiguousarray(attempts["number"]),
        "class_id": supply.requests["class_id"][index],
        **_stream(supply, index),
        "user": attempts["user"].astype(np.int32),
        "attempt": attempts["attempt"].astype(np.int32),
        "arrival_ns": np.ascontiguousarray(attempts["arrival"]),
        "demand_ns": supply.demand_ns()[index],
    }


def _stream(supply: Supply, at: slice | Int64s) -> dict[str, Any]:
    if not supply.pattern.streams:
        return {}
    return {"streams": supply.pattern.streams, "stream_id": supply.requests["stream_id"][at]}


def io_wait(arena: Arena, rows: int) -> Array:
    """Return the time that each attempt waited for slots, of which a plain run has none."""
    if arena.general is None:
        return np.broadcast_to(np.int64(0), rows)
    return arena.general.arrays["io_wait_ns"][:rows]


def _late(arena: Arena, rows: int) -> dict[str, Any]:
    if arena.general is None or not arena.server["works_late"]:
        return {}
    return {
        "late_cpu_ns": arena.general.arrays["late_cpu_ns"][:rows],
        "late_until_ns": arena.general.arrays["late_until_ns"][:rows],
    }


@dataclass(frozen=True, eq=False)
class _Made:
    """Of each call, service by service: which call and which attempt made it.

    ``first`` is where the calls of each server begin, of whom the first one has none.
    """

    first: Int64s
    caller: Int64s
    row: Int64s


def _made(arenas: Sequence[Arena]) -> _Made:
    tables = [
        arena.place.arrays["calls"][: arena.run["rows"]]
        for arena in arenas[1:]
        if arena.place is not None
    ]
    first = np.cumsum([0, 0, *map(len, tables)])[: len(arenas)]
    calls = np.concatenate([np.empty(0, layout.CALL), *tables])
    by_server = calls["caller"] == 0
    caller = np.where(by_server, -1, first[calls["caller"]] + calls["row"])
    row = np.where(by_server, calls["row"], -1)
    while (inner := row < 0).any():  # as often as calls are within calls
        row[inner] = row[caller[inner]]
    return _Made(first, caller, row)


def _calls(arenas: Sequence[Arena], made: _Made) -> Calls:
    if len(arenas) == 1:
        return no_calls()
    parts = [_calls_of(arena, position) for position, arena in enumerate(arenas[1:])]
    columns: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts]) for name in parts[0]
    }
    return Calls(**columns, row=made.row, caller=made.caller)


def _calls_of(arena: Arena, position: int) -> dict[str, Array]:
    if arena.general is None or arena.place is None:
        raise NotImplementedError("calls in a plain run")
    rows = arena.run["rows"]
    calls = arena.place.arrays["calls"][:rows]
    return {
        "service": np.full(rows, position, np.int32),
        "sent_ns": calls["sent"],
        "answered_ns": calls["answered"],
        "arrival_ns": arena.general.arrays["attempts"]["arrival"][:rows],
        "io_wait_ns": io_wait(arena, rows),
        **{name: one[:rows] for name, one in arena.columns.arrays.items()},
    }


def _visits(arenas: Sequence[Arena], made: _Made) -> Visits:
    tables = [_visits_of(*each, made) for each in zip(arenas, made.first, strict=True)]
    resource, row, visits = (np.concatenate(each) for each in zip(*tables, strict=True))
    order = np.argsort(resource, kind="stable")
    visits = visits[order]
    return Visits(
        resource=resource[order].astype(np.int32),
        row=row[order],
        asked_ns=np.ascontiguousarray(visits["asked"]),
        granted_ns=np.ascontiguousarray(visits["granted"]),
        released_ns=np.ascontiguousarray(visits["released"]),
    )


def _visits_of(arena: Arena, first: int, made: _Made) -> tuple[Int64s, Int64s, layout.Records]:
    """Return the resources, the attempts and all else of the visits in one server."""
    if arena.general is None:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, layout.VISIT)
    visits = arena.general.arrays["visits"][: arena.run["visits"]]
    resource = arena.general.arrays["pools"]["resource"][visits["pool"]]
    visits, resource = visits[resource != NONE], resource[resource != NONE]
    row = np.ascontiguousarray(visits["row"])
    return resource, made.row[first + row] if arena.run["place"] else row, visits


def _segments(arena: Arena, supply: Supply) -> Segments:
    drawn: dict[str, Any] = {
        name: supply.requests[name] for name in ("first_row", "step_id", "duration_ns")
    }
    requests = replace(supply.pattern, **drawn)
    stretches = arena.run.arrays["stretches"][: arena.run["stretches_count"]]
    return label_segments(_stretches(stretches, requests))


def _stretches(
    stretches: Records, requests: columns.Requests
) -> Iterator[tuple[Stretch, columns.Requests, int]]:
    for one in stretches.tolist():
        request, activity, *others, attempt, speed = one
        yield Stretch(request, Activity(activity), *(*others, speed)), requests, attempt
