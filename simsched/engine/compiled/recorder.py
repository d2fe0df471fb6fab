"""From the world at its end to the columns of a trace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from simsched.engine.compiled.arena import Arena, Array
from simsched.engine.compiled.layout import NOBODY, Records
from simsched.engine.compiled.supply import Supply
from simsched.engine.deadlock import Deadlock
from simsched.engine.segments import Stretch, label_segments
from simsched.engine.trace import Activity, Segments, Trace, Visits
from simsched.scenario.model.servers import Server
from simsched.workload import columns


def record(
    arena: Arena, supply: Supply, server: Server, end: int, deadlock: Deadlock | None
) -> Trace:
    """Return the trace of the run, which ended at *end*."""
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
        visits=_visits(arena),
        segments=_segments(arena, supply),
    )


def _identity(arena: Arena, supply: Supply, rows: int) -> dict[str, Any]:
    """Return what each attempt is at; most columns are known where each request has a row."""
    if arena.general is None or arena.server["same_rows"]:
        return {
            "request": np.arange(1, rows + 1),
            "class_id": supply.requests["class_id"][:rows],
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
        "user": attempts["user"].astype(np.int32),
        "attempt": attempts["attempt"].astype(np.int32),
        "arrival_ns": np.ascontiguousarray(attempts["arrival"]),
        "demand_ns": supply.demand_ns()[index],
    }


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


def _visits(arena: Arena) -> Visits:
    none = np.empty(0, np.int64)
    if arena.general is None:
        return Visits(none.astype(np.int32), none, none, none, none)
    visits = arena.general.arrays["visits"][: arena.run["visits"]]
    resource = arena.general.arrays["pools"]["resource"][visits["pool"]]
    visits, resource = visits[resource != NOBODY], resource[resource != NOBODY]
    order = np.argsort(resource, kind="stable")
    visits = visits[order]
    return Visits(
        resource=resource[order].astype(np.int32),
        row=np.ascontiguousarray(visits["row"]),
        asked_ns=np.ascontiguousarray(visits["asked"]),
        granted_ns=np.ascontiguousarray(visits["granted"]),
        released_ns=np.ascontiguousarray(visits["released"]),
    )


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
        request, activity, *others, attempt = one
        yield Stretch(request, Activity(activity), *others), requests, attempt
