"""Traces read back from tables: those of a finished run, and those in the store.

Files may be damaged, or come from anyone. So all columns and types are compared with those of
:mod:`simsched.experiment.tables`, and the values with each other: references exist, times are in
order and add up. Then no later code needs checks of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import IO, TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from simsched.engine.deadlock import Deadlock
from simsched.engine.trace import LATEST_END, MISSING, Calls, Segments, Service, Trace, Visits
from simsched.experiment import tables
from simsched.experiment.consistency import check_calls, check_segments, check_trace, rows_of
from simsched.experiment.tables import (
    CALLS,
    NULLS,
    REQUESTS,
    SEGMENTS,
    STREAMS,
    VISITS,
    WORD,
    Traced,
)
from simsched.experiment.untrusted import DamagedError, first_line, from_json, require
from simsched.workload.steps import Resource

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types

_Count = Annotated[int, Field(ge=1, lt=1 << 31)]
_Time = Annotated[int, Field(ge=0, lt=LATEST_END)]


@dataclass(frozen=True)
class RunData:
    """What a trace holds besides its rows; ``engine`` is missing in the files of a run."""

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
    services: tuple[Service, ...] = ()
    streams: tuple[str, ...] = ()
    engine: Literal["simpy", "compiled"] | None = None


def write(runs: Traced, file: IO[bytes]) -> None:
    """Write the traces of *runs* to *file*, as four tables of Arrow, one after the other.

    They are not compressed, so that reading a hostile file takes no more memory than its size.
    Requests are written in parts, so that a long run is not in memory twice.
    """
    import pyarrow as pa

    # Unlike the files of a run, these need not be the same bytes for both engines.
    requests = tables.requests_tables(runs, engines=True)
    others = (tables.segments_table, tables.resources_table, tables.calls_table)
    for parts in (requests, *([table(runs)] for table in others)):
        each = iter(parts)
        first = next(each)
        with pa.ipc.new_stream(file, first.schema) as writer:
            for table in chain([first], each):
                writer.write_table(table)


def unpack(data: bytes) -> dict[str, tuple[Trace, ...]]:
    """Return the traces that :func:`write` wrote as *data*.

    Raises:
        DamagedError: *data* is something else.
    """
    import pyarrow as pa

    try:
        source = pa.BufferReader(data)
        found = [pa.ipc.open_stream(source).read_all() for _ in range(4)]
    except (pa.ArrowException, OSError, MemoryError, ValueError) as error:
        raise DamagedError(f"it cannot be read: {first_line(error)}") from None
    return traces(*found)


def traces(
    requests: pa.Table,
    segments: pa.Table,
    visits: pa.Table | None = None,
    calls: pa.Table | None = None,
) -> dict[str, tuple[Trace, ...]]:
    """Return each server's traces, one per replication, from the tables of a run.

    Raises:
        DamagedError: a table is not as simsched writes it, or contradicts itself or another.
    """
    _check_columns("requests", requests, REQUESTS)
    _check_columns("segments", segments, SEGMENTS)
    runs = _runs(requests)
    if any(run.streams for run in runs):
        _check_columns("requests", requests, STREAMS)
    rows, stretches = _split("requests", requests, runs), _split("segments", segments, runs)
    used = _optional("resources", visits, VISITS, runs)
    called = _optional("calls", calls, CALLS, runs)
    found: dict[str, list[Trace]] = {}
    for run, own, timeline, uses, made in zip(runs, rows, stretches, used, called, strict=True):
        trace = _trace(run, own, timeline)
        check_trace(trace)
        check_segments(trace)
        if uses is not None:
            trace = replace(trace, visits=_visits(uses, trace))
        if made is not None:
            trace = replace(trace, calls=_calls(made, trace))
            check_calls(trace)
        found.setdefault(run.server, []).append(trace)
    return {server: tuple(each) for server, each in found.items()}


def _optional(
    name: Literal["resources", "calls"],
    table: pa.Table | None,
    schema: Mapping[str, str],
    runs: Sequence[RunData],
) -> Sequence[pa.Table | None]:
    """Return the rows of each run in a table that only some scenarios have."""
    described = {"resources": "resources", "calls": "services"}[name]
    is_complete = table is not None or not any(getattr(run, described) for run in runs)
    require(is_complete, "it is missing", name)
    if table is None:
        return [None] * len(runs)
    _check_columns(name, table, schema)
    return _split(name, table, runs)


def _check_columns(name: str, table: pa.Table, schema: Mapping[str, str]) -> None:
    """Check that the table *name* has the columns of *schema*, without surprising nulls."""
    import pyarrow as pa

    try:
        found = {field.name: str(field.type) for field in table.schema}
    except UnicodeDecodeError as error:
        raise DamagedError(f"the name of a column: {error}", name) from None
    for column, kind in schema.items():
        require(column in found, f"column {column} is missing", name)
        require(found[column] == kind, f"column {column} is {found[column]}, not {kind}", name)
        nulls = table[column].null_count and column not in NULLS
        require(not nulls, f"column {column} has empty cells", name)
    try:
        table.validate(full=True)
    except pa.ArrowInvalid as error:
        raise DamagedError(first_line(error), name) from None


def _runs(requests: pa.Table) -> list[RunData]:
    """Return the metadata: the same replications of every server, from 1, in order."""
    try:
        runs = from_json(
            list[RunData], (requests.schema.metadata or {}).get(tables.RUNS.encode(), b"")
        )
    except DamagedError as error:
        raise DamagedError(f"its metadata: {error}", "requests") from None
    # Servers are compared replication by replication, so every one has all of them.
    servers = dict.fromkeys(run.server for run in runs)
    count = len(runs) // len(servers) if servers else 0
    wanted = [(server, number) for server in servers for number in range(1, count + 1)]
    is_numbered = wanted == [(run.server, run.replication) for run in runs]
    require(bool(runs) and is_numbered, "its metadata name other replications than 1, 2, ...")
    for run in runs:
        names = [each.name for each in run.resources]
        is_sound = len(set(names)) == len(names) and all(
            each.capacity > 0 and (each.patience_ns is None or each.patience_ns > 0)
            for each in run.resources
        )
        require(is_sound, "its metadata describe impossible resources")
        named = {each.name for each in run.services}
        is_sound = len(named) == len(run.services) and all(
            each.workers > 0 and each.computing > 0 and (each.slots is None or each.slots > 0)
            for each in run.services
        )
        require(is_sound, "its metadata describe impossible services")
        require(len(set(run.classes)) == len(run.classes), "its metadata name a class twice")
        require(len(set(run.streams)) == len(run.streams), "its metadata name a stream twice")
    return runs


def _split(name: str, table: pa.Table, runs: Sequence[RunData]) -> list[pa.Table]:
    """Return the rows of each run, which must be consecutive, in the order of *runs*."""
    servers = tuple(dict.fromkeys(run.server for run in runs))
    codes = _codes(table["server"], servers).astype(np.int64)
    # One rising number for server and replication shows at once that rows are in order.
    places = codes * (1 << 32) + table["replication"].to_numpy()
    wanted = np.array([servers.index(run.server) * (1 << 32) + run.replication for run in runs])
    require(np.isin(places, wanted), "a row is of no replication of the run", name)
    require(np.diff(places) >= 0, "its rows are not in order", name)
    first = np.searchsorted(places, wanted)
    return [
        table.slice(start, stop - start)
        for start, stop in zip(first, [*first[1:], len(places)], strict=True)
    ]


def _columns(rows: pa.Table, schema: Mapping[str, str], known: Mapping[str, Sequence[str]]) -> Any:
    """Return the columns of *schema* without server and replication; words as positions."""
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
    """Return the position among *known* of each word of *column*; -1 for an unknown word."""
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
    if run.streams:
        columns["stream_id"] = _columns(rows, STREAMS, {"stream": run.streams})["stream"]
        require(columns["stream_id"] >= 0, "a stream is unknown")
    columns["status"] = columns["status"].astype(np.int8)
    segments = _columns(timeline, SEGMENTS, {"activity": tables.ACTIVITIES})
    segments["activity"] = segments["activity"].astype(np.int8)
    own = {k: value for k, value in vars(run).items() if k not in {"server", "replication"}}
    return Trace(**columns, **own, segments=Segments(**segments))


def _calls(rows: pa.Table, trace: Trace) -> Calls:
    names = [one.name for one in trace.services]
    columns = _columns(rows, CALLS, {"service": names, "status": tables.STATUSES})
    request, attempt = columns.pop("request"), columns.pop("attempt")
    columns["status"] = columns["status"].astype(np.int8)
    return Calls(**columns, row=rows_of(trace, request, attempt, "calls"))


def _visits(rows: pa.Table, trace: Trace) -> Visits:
    columns = _columns(rows, VISITS, {"resource": [one.name for one in trace.resources]})
    request, attempt = columns.pop("request"), columns.pop("attempt")
    found = Visits(**columns, row=rows_of(trace, request, attempt, "resources"))
    require(found.resource >= 0, "a resource is unknown", "resources")
    granted = np.where(found.granted_ns == MISSING, found.asked_ns, found.granted_ns)
    released = np.where(found.released_ns == MISSING, granted, found.released_ns)
    in_order = (found.asked_ns >= 0) & (found.asked_ns <= granted) & (granted <= released)
    require(in_order, "times are not in order", "resources")
    require(released < LATEST_END, "a time is out of range", "resources")
    return found
