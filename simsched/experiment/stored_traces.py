"""Traces read back from tables: those of a finished run, and those that a store keeps.

Files may be damaged, or come from anyone. What is read has the columns and types of
:mod:`simsched.experiment.tables`, and agrees with itself: what it refers to exists, times are in
order and add up. So whatever is made of it later needs no check of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from simsched.engine.deadlock import Deadlock
from simsched.engine.trace import LATEST_END, MISSING, Segments, Status, Trace, Visits
from simsched.experiment import tables
from simsched.experiment.tables import NULLS, REQUESTS, SEGMENTS, VISITS, WORD, Traced
from simsched.experiment.untrusted import DamagedError, first_line, from_json
from simsched.workload.steps import Resource

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types

_Count = Annotated[int, Field(ge=1, lt=1 << 31)]
_Time = Annotated[int, Field(ge=0, lt=LATEST_END)]


@dataclass(frozen=True)
class RunData:
    """What a trace holds besides its rows; ``engine`` is None in the files of a finished run."""

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
    engine: Literal["simpy", "compiled"] | None = None


def pack(runs: Traced) -> bytes:
    """Return the traces of *runs* as three tables of Arrow, one after the other.

    They are not compressed, so that nothing can grow beyond the size of its file.
    """
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    rows = max(1, sum(len(trace) for traces in runs.traces.values() for trace in traces))
    (requests,) = tables.requests_tables(runs, rows, engines=True)
    for table in (requests, tables.segments_table(runs), tables.resources_table(runs)):
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def unpack(data: bytes) -> dict[str, tuple[Trace, ...]]:
    """Return the traces that :func:`pack` made *data* of.

    Raises:
        DamagedError: it made something else.
    """
    import pyarrow as pa

    try:
        source = pa.BufferReader(data)
        requests, segments, visits = (pa.ipc.open_stream(source).read_all() for _ in range(3))
    except (pa.ArrowException, OSError, MemoryError, ValueError) as error:
        raise DamagedError(f"it cannot be read: {first_line(error)}") from None
    return traces(requests, segments, visits)


def traces(
    requests: pa.Table, segments: pa.Table, visits: pa.Table | None
) -> dict[str, tuple[Trace, ...]]:
    """Return each server's traces, one per replication, from the tables of a run.

    Raises:
        DamagedError: a table is not what simsched writes, or contradicts itself or another.
    """
    _check_columns("requests", requests, REQUESTS)
    _check_columns("segments", segments, SEGMENTS)
    runs = _runs(requests)
    is_complete = visits is not None or not any(run.resources for run in runs)
    _require(is_complete, "it is missing", "resources")
    rows, stretches = _split("requests", requests, runs), _split("segments", segments, runs)
    used: Sequence[pa.Table | None] = [None] * len(runs)
    if visits is not None:
        _check_columns("resources", visits, VISITS)
        used = _split("resources", visits, runs)
    found: dict[str, list[Trace]] = {}
    for run, own, timeline, uses in zip(runs, rows, stretches, used, strict=True):
        trace = _trace(run, own, timeline)
        _check_trace(trace)
        _check_segments(trace)
        if uses is not None:
            trace = replace(trace, visits=_visits(uses, trace))
        found.setdefault(run.server, []).append(trace)
    return {server: tuple(each) for server, each in found.items()}


def _check_columns(name: str, table: pa.Table, schema: Mapping[str, str]) -> None:
    """Check that the table *name* has the columns of *schema*, without surprising nulls."""
    import pyarrow as pa

    try:
        found = {field.name: str(field.type) for field in table.schema}
    except UnicodeDecodeError as error:
        raise DamagedError(f"the name of a column: {error}", name) from None
    for column, kind in schema.items():
        _require(column in found, f"column {column} is missing", name)
        _require(found[column] == kind, f"column {column} is {found[column]}, not {kind}", name)
        nulls = table[column].null_count and column not in NULLS
        _require(not nulls, f"column {column} has empty cells", name)
    try:
        table.validate(full=True)
    except pa.ArrowInvalid as error:
        raise DamagedError(first_line(error), name) from None


def _require(holds: Any, message: str, table: str = "requests") -> None:
    """Check that *holds* is true, or all of it; else *table* is damaged, as *message* says."""
    if not np.all(holds):
        raise DamagedError(message, table)


def _runs(requests: pa.Table) -> list[RunData]:
    """Return the metadata: the same replications of every server, from 1, in order."""
    try:
        runs = from_json(
            list[RunData], (requests.schema.metadata or {}).get(tables.RUNS.encode(), b"")
        )
    except DamagedError as error:
        raise DamagedError(f"its metadata: {error}", "requests") from None
    servers = dict.fromkeys(run.server for run in runs)
    count = len(runs) // len(servers) if servers else 0
    wanted = [(server, number) for server in servers for number in range(1, count + 1)]
    is_numbered = wanted == [(run.server, run.replication) for run in runs]
    _require(bool(runs) and is_numbered, "its metadata name other replications than 1, 2, ...")
    for run in runs:
        names = [each.name for each in run.resources]
        is_sound = len(set(names)) == len(names) and all(r.capacity > 0 for r in run.resources)
        _require(is_sound, "its metadata describe impossible resources")
        _require(len(set(run.classes)) == len(run.classes), "its metadata name a class twice")
    return runs


def _split(name: str, table: pa.Table, runs: Sequence[RunData]) -> list[pa.Table]:
    """Return the rows of each run, which stand together, in the order of *runs*."""
    servers = tuple(dict.fromkeys(run.server for run in runs))
    codes = _codes(table["server"], servers).astype(np.int64)
    places = codes * (1 << 32) + table["replication"].to_numpy()
    wanted = np.array([servers.index(run.server) * (1 << 32) + run.replication for run in runs])
    _require(np.isin(places, wanted), "a row is of no replication of the run", name)
    _require(np.diff(places) >= 0, "its rows are not in order", name)
    first = np.searchsorted(places, wanted)
    return [
        table.slice(start, stop - start)
        for start, stop in zip(first, [*first[1:], len(places)], strict=True)
    ]


def _columns(rows: pa.Table, schema: Mapping[str, str], known: Mapping[str, Sequence[str]]) -> Any:
    """Return the columns of *schema* but for the place, words as their positions among *known*."""
    import pyarrow.compute as pc  # type: ignore[import-untyped]  # it carries no types

    found: dict[str, Any] = {}
    for name, kind in schema.items():
        column = rows[name]
        if name in known:
            found[name] = _codes(column, known[name])
        elif kind == "string":
            found[name] = tuple(column.to_pylist())
        elif kind != WORD and name != "replication":
            filled = pc.fill_null(column, NULLS[name]) if column.null_count else column
            found[name] = filled.to_numpy()
    return found


def _codes(column: pa.ChunkedArray, known: Sequence[str]) -> NDArray[np.int32]:
    """Return where each word of *column* stands among the *known* ones; -1 for an unknown word."""
    whole = column.unify_dictionaries().combine_chunks()
    if not len(whole):
        return np.empty(0, dtype=np.int32)
    places = {word: position for position, word in enumerate(known)}
    table = [places.get(word, -1) for word in whole.dictionary.to_pylist()]
    codes = whole.indices.to_numpy(zero_copy_only=False)
    found: NDArray[np.int32] = np.array(table, dtype=np.int32)[codes]
    return found


def _trace(run: RunData, rows: pa.Table, timeline: pa.Table) -> Trace:
    columns = _columns(rows, REQUESTS, {"class": run.classes, "status": tables.STATUSES})
    columns["class_id"] = columns.pop("class")
    columns["status"] = columns["status"].astype(np.int8)
    segments = _columns(timeline, SEGMENTS, {"activity": tables.ACTIVITIES})
    segments["activity"] = segments["activity"].astype(np.int8)
    own = {k: value for k, value in vars(run).items() if k not in {"server", "replication"}}
    return Trace(**columns, **own, segments=Segments(**segments))


def _check_trace(trace: Trace) -> None:
    """Check that the rows of *trace* are attempts at requests, in order, whose times add up."""
    _require((trace.class_id >= 0) & (trace.status >= 0), "a class or a status is unknown")
    _require((trace.worker >= -1) & (trace.worker < trace.workers), "a worker is out of range")
    _require(trace.user >= -1, "a user is negative")
    _require(_are_attempts(trace), "its attempts at requests are not numbered 1, 2, ...")
    started, ended = trace.start_ns != MISSING, trace.finish_ns != MISSING
    start = np.where(started, trace.start_ns, trace.arrival_ns)
    finish = np.where(ended, trace.finish_ns, trace.end_ns)
    late_until = trace.late_until_ns
    assert late_until is not None  # noqa: S101  the schema has it
    late = np.where(late_until == MISSING, finish, late_until)
    arrival = trace.arrival_ns
    _require((arrival >= 0) & (np.diff(arrival, prepend=0) >= 0), "its arrivals are not in order")
    # A worker may begin a request whose client has given up.
    is_begun_in_time = (start <= finish) | (trace.status == Status.TIMED_OUT)
    in_order = (arrival <= np.minimum(start, finish)) & (finish <= late)
    _require(in_order & is_begun_in_time, "times are not in order")
    _require(np.maximum(start, late) < LATEST_END, "a time is out of range")
    is_open = trace.status == Status.UNFINISHED
    _require(ended != is_open, "a finish does not go with its status")
    _require(started | (trace.status != Status.COMPLETED), "a completed request was never started")
    parts = [getattr(trace, part) for part in tables.PARTS]
    for part in (*parts, trace.demand_ns, trace.late_cpu_ns):
        _require((part >= 0) & (part < LATEST_END), "a duration is out of range")
    left = finish - arrival
    for part in parts:  # a sum might overflow
        fits = trace.concurrent or part <= left  # what branches do at once counts for each
        _require(fits, "durations do not add up to the time from arrival to finish")
        left = np.maximum(left - part, 0)
    _require(left == 0, "durations do not add up to the time from arrival to finish")


def _are_attempts(trace: Trace) -> bool:
    """Return whether requests are numbered by arrival, from 1, and their attempts from 1, too."""
    order = np.lexsort((trace.attempt, trace.request))
    request, attempt = trace.request[order], trace.attempt[order]
    is_next = np.diff(request, prepend=0)
    again = np.diff(attempt, prepend=0)
    right = np.where(is_next == 0, again == 1, (is_next == 1) & (attempt == 1))
    firsts = trace.request[trace.attempt == 1]
    return bool(right.all()) and bool((np.diff(firsts) > 0).all())


def _check_segments(trace: Trace) -> None:
    found = trace.segments
    _require(found.activity >= 0, "an activity is unknown", "segments")
    is_worker = (found.worker >= -1) & (found.worker < trace.workers)
    _require(is_worker, "a worker is out of range", "segments")
    start, finish = found.start_ns, found.finish_ns
    in_order = (start >= 0) & (start <= finish) & (finish < LATEST_END)
    _require(in_order, "times are not in order", "segments")
    assert found.attempt is not None  # noqa: S101  the schema has it
    _rows_of(trace, found.request, found.attempt, "segments")


def _visits(rows: pa.Table, trace: Trace) -> Visits:
    columns = _columns(rows, VISITS, {"resource": [one.name for one in trace.resources]})
    request, attempt = columns.pop("request"), columns.pop("attempt")
    found = Visits(**columns, row=_rows_of(trace, request, attempt, "resources"))
    _require(found.resource >= 0, "a resource is unknown", "resources")
    granted = np.where(found.granted_ns == MISSING, found.asked_ns, found.granted_ns)
    released = np.where(found.released_ns == MISSING, granted, found.released_ns)
    in_order = (found.asked_ns >= 0) & (found.asked_ns <= granted) & (granted <= released)
    _require(in_order, "times are not in order", "resources")
    _require(released < LATEST_END, "a time is out of range", "resources")
    return found


def _rows_of(
    trace: Trace, request: NDArray[np.int64], attempt: NDArray[np.int32], name: str
) -> NDArray[np.int64]:
    """Return the row of *trace* that each attempt at a request is in; all must be in one."""

    def key(number: NDArray[np.int64], attempt: NDArray[np.int32]) -> NDArray[np.int64]:
        return number << 30 | attempt  # nobody tries a thousand million times

    attempts, wanted = key(trace.request, trace.attempt), key(request, attempt)
    order = np.argsort(attempts)
    at = np.searchsorted(attempts, wanted, sorter=order)
    inside = at < len(order)
    _require(inside, "a request is unknown", name)
    row: NDArray[np.int64] = order[at]
    _require(attempts[row] == wanted, "a request is unknown", name)
    return row
