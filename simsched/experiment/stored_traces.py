"""Traces read back from tables: those of a finished run, and those that a store keeps.

Files may be damaged, or come from anyone. What is read has the columns and types of
:mod:`simsched.experiment.tables`, and agrees with itself: what it refers to exists, times are in
order and add up. So whatever is made of it later needs no check of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from simsched.engine.deadlock import Deadlock
from simsched.engine.trace import LATEST_END, MISSING, Activity, Segments, Status, Trace, Visits
from simsched.experiment.table_schema import (
    PARTS,
    REQUESTS,
    SEGMENTS,
    VISITS,
    check,
    codes_of,
    numbers_of,
    require,
)
from simsched.experiment.tables import RUNS
from simsched.experiment.untrusted import DamagedError, from_json
from simsched.workload.steps import Resource

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types

_STATUSES = {status.name.lower(): int(status) for status in Status}
_ACTIVITIES = {activity.name.lower(): int(activity) for activity in Activity}


_Count = Annotated[int, Field(ge=1, lt=1 << 31)]
_Time = Annotated[int, Field(ge=0, lt=LATEST_END)]


@dataclass(frozen=True)
class RunData:
    """What a trace holds besides its rows, as :data:`~simsched.experiment.tables.RUNS` has it."""

    server: str
    replication: _Count
    classes: tuple[str, ...]
    workers: _Count
    cores: _Count
    end_ns: _Time
    concurrent: bool
    cancels: bool
    deadlock: Deadlock | None
    resources: tuple[Resource, ...]


def traces(
    requests: pa.Table, segments: pa.Table, visits: pa.Table | None
) -> dict[str, tuple[Trace, ...]]:
    """Return each server's traces, one per replication, from the tables of a run.

    Raises:
        DamagedError: a table is not what simsched writes, or contradicts itself or another.
    """
    check("requests", requests, REQUESTS)
    check("segments", segments, SEGMENTS)
    runs = _runs(requests)
    needs_visits = any(run.resources for run in runs)
    require(visits is not None or not needs_visits, "it is missing", "resources")
    rows, stretches = _split("requests", requests, runs), _split("segments", segments, runs)
    used: Sequence[pa.Table | None] = [None] * len(runs)
    if visits is not None:
        check("resources", visits, VISITS)
        used = _split("resources", visits, runs)
    found: dict[str, list[Trace]] = {}
    for run, own, timeline, uses in zip(runs, rows, stretches, used, strict=True):
        trace = _trace(run, own)
        trace = replace(trace, segments=_segments(timeline, trace))
        if uses is not None:
            trace = replace(trace, visits=_visits(uses, trace))
        found.setdefault(run.server, []).append(trace)
    return {server: tuple(each) for server, each in found.items()}


def _runs(requests: pa.Table) -> list[RunData]:
    """Return what the metadata say: the same replications of every server, from 1, in order."""
    try:
        runs = from_json(list[RunData], (requests.schema.metadata or {}).get(RUNS.encode(), b""))
    except DamagedError as error:
        raise DamagedError(f"its metadata: {error}", "requests") from None
    servers = dict.fromkeys(run.server for run in runs)
    count = len(runs) // len(servers) if servers else 0
    wanted = [(server, number) for server in servers for number in range(1, count + 1)]
    is_numbered = wanted == [(run.server, run.replication) for run in runs]
    require(bool(runs) and is_numbered, "its metadata name other replications than 1, 2, ...")
    for run in runs:
        names = [each.name for each in run.resources]
        is_sound = len(set(names)) == len(names) and all(r.capacity > 0 for r in run.resources)
        require(is_sound, "its metadata describe impossible resources")
        require(len(set(run.classes)) == len(run.classes), "its metadata name a class twice")
    return runs


def _split(name: str, table: pa.Table, runs: Sequence[RunData]) -> list[pa.Table]:
    """Return the rows of each run, which stand together, in the order of *runs*."""
    servers = {server: n for n, server in enumerate(dict.fromkeys(run.server for run in runs))}
    codes = codes_of(table, "server", servers, np.int64)
    places = codes * (1 << 32) + numbers_of(table, "replication", np.int64)
    wanted = np.array([servers[run.server] * (1 << 32) + run.replication for run in runs])
    require(np.isin(places, wanted), "a row is of no replication of the run", name)
    require(np.diff(places) >= 0, "its rows are not in order", name)
    first = np.searchsorted(places, wanted)
    return [
        table.slice(start, stop - start)
        for start, stop in zip(first, [*first[1:], len(places)], strict=True)
    ]


def _trace(run: RunData, rows: pa.Table) -> Trace:
    columns: dict[str, Any] = {
        name: numbers_of(rows, name, np.int64, MISSING)
        for name in rows.column_names
        if name.endswith("_ns")
    }
    trace = Trace(
        classes=run.classes,
        request=numbers_of(rows, "request", np.int64),
        class_id=codes_of(rows, "class", {n: at for at, n in enumerate(run.classes)}, np.int32),
        user=numbers_of(rows, "user", np.int32, -1),
        attempt=numbers_of(rows, "attempt", np.int32),
        worker=numbers_of(rows, "worker", np.int32, -1),
        status=codes_of(rows, "status", _STATUSES, np.int8),
        workers=run.workers,
        cores=run.cores,
        end_ns=run.end_ns,
        segments=_NO_SEGMENTS,
        concurrent=run.concurrent,
        cancels=run.cancels,
        deadlock=run.deadlock,
        resources=run.resources,
        **columns,
    )
    _check_trace(trace)
    return trace


_NONE = np.empty(0, dtype=np.int64)
_NO_SEGMENTS = Segments(
    _NONE, _NONE.astype(np.int8), _NONE, _NONE, _NONE.astype(np.int32), (), _NONE.astype(np.int32)
)


def _check_trace(trace: Trace) -> None:
    """Check that the rows of *trace* are attempts at requests, in order, whose times add up.

    Raises:
        DamagedError: they are not.
    """
    require((trace.class_id >= 0) & (trace.status >= 0), "a class or a status is unknown")
    require((trace.worker >= -1) & (trace.worker < trace.workers), "a worker is out of range")
    require(trace.user >= -1, "a user is negative")
    require(_are_attempts(trace), "its attempts at requests are not numbered 1, 2, ...")
    started, ended = trace.start_ns != MISSING, trace.finish_ns != MISSING
    start = np.where(started, trace.start_ns, trace.arrival_ns)
    finish = np.where(ended, trace.finish_ns, trace.end_ns)
    late_until = trace.late_until_ns
    assert late_until is not None  # noqa: S101  the schema has it
    late = np.where(late_until == MISSING, finish, late_until)
    require(
        (trace.arrival_ns >= 0) & (np.diff(trace.arrival_ns, prepend=0) >= 0),
        "its arrivals are not in order",
    )
    # A worker may begin a request whose client has given up.
    is_begun_in_time = (start <= finish) | (trace.status == Status.TIMED_OUT)
    require(
        (trace.arrival_ns <= np.minimum(start, finish)) & is_begun_in_time & (finish <= late),
        "times are not in order",
    )
    require(np.maximum(start, late) < LATEST_END, "a time is out of range")
    is_open = trace.status == Status.UNFINISHED
    require(ended != is_open, "a finish does not go with its status")
    require(started | (trace.status != Status.COMPLETED), "a completed request was never started")
    parts = [getattr(trace, part) for part in PARTS]
    for part in (*parts, trace.demand_ns, trace.late_cpu_ns):
        require((part >= 0) & (part < LATEST_END), "a duration is out of range")
    left = finish - trace.arrival_ns
    for part in parts:  # a sum might overflow
        fits = trace.concurrent or part <= left  # what branches do at once counts for each
        require(fits, "durations do not add up to the time from arrival to finish")
        left = np.maximum(left - part, 0)
    require(left == 0, "durations do not add up to the time from arrival to finish")


def _are_attempts(trace: Trace) -> bool:
    """Return whether requests are numbered by arrival, from 1, and their attempts from 1, too."""
    order = np.lexsort((trace.attempt, trace.request))
    request, attempt = trace.request[order], trace.attempt[order]
    is_next = np.diff(request, prepend=0)
    again = np.diff(attempt, prepend=0)
    right = np.where(is_next == 0, again == 1, (is_next == 1) & (attempt == 1))
    firsts = trace.request[trace.attempt == 1]
    return bool(right.all()) and bool((np.diff(firsts) > 0).all())


def _segments(rows: pa.Table, trace: Trace) -> Segments:
    found = Segments(
        request=numbers_of(rows, "request", np.int64),
        activity=codes_of(rows, "activity", _ACTIVITIES, np.int8),
        start_ns=numbers_of(rows, "start_ns", np.int64),
        finish_ns=numbers_of(rows, "finish_ns", np.int64),
        worker=numbers_of(rows, "worker", np.int32, -1),
        label=tuple(rows["label"].to_pylist()),
        attempt=numbers_of(rows, "attempt", np.int32),
    )

    require(found.activity >= 0, "an activity is unknown", "segments")
    require(
        (found.worker >= -1) & (found.worker < trace.workers),
        "a worker is out of range",
        "segments",
    )
    require(
        (found.start_ns >= 0)
        & (found.start_ns <= found.finish_ns)
        & (found.finish_ns < LATEST_END),
        "times are not in order",
        "segments",
    )
    assert found.attempt is not None  # noqa: S101  it was just read
    _rows_of(trace, found.request, found.attempt, "segments")
    return found


def _visits(rows: pa.Table, trace: Trace) -> Visits:
    resources = {one.name: position for position, one in enumerate(trace.resources)}
    request, attempt = numbers_of(rows, "request", np.int64), numbers_of(rows, "attempt", np.int32)
    found = Visits(
        resource=codes_of(rows, "resource", resources, np.int32),
        row=_rows_of(trace, request, attempt, "resources"),
        asked_ns=numbers_of(rows, "asked_ns", np.int64),
        granted_ns=numbers_of(rows, "granted_ns", np.int64, MISSING),
        released_ns=numbers_of(rows, "released_ns", np.int64, MISSING),
    )

    require(found.resource >= 0, "a resource is unknown", "resources")
    granted = np.where(found.granted_ns == MISSING, found.asked_ns, found.granted_ns)
    released = np.where(found.released_ns == MISSING, granted, found.released_ns)
    require(
        (found.asked_ns >= 0) & (found.asked_ns <= granted) & (granted <= released),
        "times are not in order",
        "resources",
    )
    require(released < LATEST_END, "a time is out of range", "resources")
    return found


def _rows_of(
    trace: Trace, request: NDArray[np.int64], attempt: NDArray[np.int32], name: str
) -> NDArray[np.int64]:
    """Return the row of *trace* that each attempt at a request is in.

    Raises:
        DamagedError: one of them is in none.
    """

    def key(number: NDArray[np.int64], attempt: NDArray[np.int32]) -> NDArray[np.int64]:
        return number << 30 | attempt  # nobody tries a thousand million times

    attempts, wanted = key(trace.request, trace.attempt), key(request, attempt)
    order = np.argsort(attempts)
    at = np.searchsorted(attempts, wanted, sorter=order)
    inside = at < len(order)
    require(inside, "a request is unknown", name)
    row: NDArray[np.int64] = order[at]
    require(attempts[row] == wanted, "a request is unknown", name)
    return row
