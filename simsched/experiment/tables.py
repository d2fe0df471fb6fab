"""The tables of a run: requests, segments of timelines, uses of resources, calls of services."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from simsched.engine.trace import MISSING, Activity, Status, Trace
from simsched.experiment.arrow import numbers, texts, words

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types

RUNS = "simsched"
"""The key of the requests' metadata: JSON with what traces hold besides their rows.

A list with an object for each server and replication, whose fields are those of
:class:`~simsched.experiment.stored_traces.RunData`.
"""

ROWS = 1 << 18
"""How many requests are converted at a time, and written before the next."""

WORD = "dictionary<values=string, indices=int32, ordered=0>"
PARTS = ("queue_ns", "cpu_ns", "cpu_wait_ns", "io_ns", "io_wait_ns")
"""The columns that add up to a response time."""

_PLACE = {"server": WORD, "replication": "int32"}

REQUESTS = {
    **_PLACE,
    "request": "int64",
    "class": WORD,
    "user": "int32",
    "attempt": "int32",
    "worker": "int32",
    **dict.fromkeys(("arrival_ns", "start_ns", "finish_ns", *PARTS), "int64"),
    "status": WORD,
    **dict.fromkeys(("late_cpu_ns", "late_until_ns", "demand_ns"), "int64"),
}
"""The columns of ``requests.parquet`` and their types, as Arrow writes them."""

SEGMENTS = {
    **_PLACE,
    "request": "int64",
    "attempt": "int32",
    "activity": WORD,
    "start_ns": "int64",
    "finish_ns": "int64",
    "worker": "int32",
    "label": "string",
    "service": "string",
}
"""The columns of ``segments.parquet`` and their types."""

STREAMS = {"stream": WORD}
"""One more of its columns, where a workload has streams."""

VISITS = {
    **_PLACE,
    "resource": WORD,
    "request": "int64",
    "attempt": "int32",
    **dict.fromkeys(("asked_ns", "granted_ns", "released_ns"), "int64"),
}
"""The columns of ``resources.parquet`` and their types."""

CALLS = {
    **_PLACE,
    "service": WORD,
    "request": "int64",
    "attempt": "int32",
    "caller": "int64",
    "worker": "int32",
    **dict.fromkeys(
        ("sent_ns", "arrival_ns", "start_ns", "finish_ns", "answered_ns", *PARTS), "int64"
    ),
    "status": WORD,
}
"""The columns of ``calls.parquet`` and their types."""

NULLS = {
    **dict.fromkeys(("user", "worker", "caller"), -1),
    **dict.fromkeys(
        ("start_ns", "finish_ns", "late_until_ns", "granted_ns", "released_ns", "answered_ns"),
        MISSING,
    ),
}
"""The columns that may be null, with the value that stands for null in a trace."""

STATUSES = tuple(status.name.lower() for status in Status)
ACTIVITIES = tuple(activity.name.lower() for activity in Activity)


class Traced(Protocol):
    """Anything with traces: a result, or replications."""

    @property
    def traces(self) -> Mapping[str, Sequence[Trace]]:
        """Each server's traces, one per replication."""


def requests_table(result: Traced) -> pa.Table:
    """Return one row per attempt of a request, server by server, replication by replication.

    The columns are :data:`REQUESTS`, and :data:`STREAMS` where a workload has streams. Replications
    count from 1. A missing time, user or worker is null. The metadata :data:`RUNS` hold the rest of
    the traces.
    """
    (table,) = requests_tables(result, max(1, sum(len(trace) for *_, trace in _placed(result))))
    return table


def requests_tables(
    result: Traced, rows: int = ROWS, *, engines: bool = False
) -> Iterator[pa.Table]:
    """Yield the table of :func:`requests_table` in parts of *rows* rows, the last of fewer.

    The metadata name the *engines* only on demand: the files of a run do not depend on them.
    """
    import pyarrow as pa

    metadata = {RUNS: json.dumps(_runs(result, engines=engines))}
    classes = tuple(dict.fromkeys(c for *_, trace in _placed(result) for c in trace.classes))
    streams = tuple(dict.fromkeys(s for *_, trace in _placed(result) for s in trace.streams))
    waiting: list[pa.Table] = []
    count, is_first = 0, True
    for place, trace in _placed(result):
        for start in range(0, len(trace) or 1, rows):
            piece = trace.rows(slice(start, start + rows))
            waiting.append(_request_rows(piece, classes, streams, place))
            count += len(piece)
            if count >= rows:
                whole = pa.concat_tables(waiting)
                yield whole.slice(0, rows).replace_schema_metadata(metadata)
                waiting, count, is_first = [whole.slice(rows)], count - rows, False
    if count or is_first:
        yield pa.concat_tables(waiting).replace_schema_metadata(metadata)


def segments_table(result: Traced) -> pa.Table:
    """Return the stored timelines: a row for each stretch of one activity of one request.

    The columns are :data:`SEGMENTS`; ``worker`` is null in the queue, ``label`` is empty if the
    phase has none, and ``service`` unless a service is called.
    """
    import pyarrow as pa

    tables = []
    for place, trace in _placed(result):
        found = trace.segments
        columns = {**vars(found), "attempt": found.attempts()}
        tables.append(_table(SEGMENTS, columns, {"activity": ACTIVITIES}, place))
    return pa.concat_tables(tables)


def resources_table(result: Traced) -> pa.Table:
    """Return a row for each slot of a resource that an attempt requested.

    The columns are :data:`VISITS`; a time is null if that did not happen.
    """
    import pyarrow as pa

    names = tuple(dict.fromkeys(one.name for *_, t in _placed(result) for one in t.resources))
    tables = []
    for place, trace in _placed(result):
        codes = np.array([names.index(one.name) for one in trace.resources], dtype=np.int32)
        columns = vars(trace.visits) | {
            "resource": codes[trace.visits.resource],
            "request": trace.request[trace.visits.row],
            "attempt": trace.attempt[trace.visits.row],
        }
        tables.append(_table(VISITS, columns, {"resource": names}, place))
    return pa.concat_tables(tables)


def calls_table(result: Traced) -> pa.Table:
    """Return a row for each call of a service, by service and in order of arrival there.

    The columns are :data:`CALLS`; ``caller`` counts the calls of a server and replication from 0.
    """
    import pyarrow as pa

    names = tuple(dict.fromkeys(one.name for *_, t in _placed(result) for one in t.services))
    tables = []
    for place, trace in _placed(result):
        codes = np.array([names.index(one.name) for one in trace.services], dtype=np.int32)
        columns = vars(trace.calls) | {
            "service": codes[trace.calls.service],
            "request": trace.request[trace.calls.row],
            "attempt": trace.attempt[trace.calls.row],
        }
        tables.append(_table(CALLS, columns, {"service": names, "status": STATUSES}, place))
    return pa.concat_tables(tables)


def _request_rows(
    trace: Trace, classes: tuple[str, ...], streams: tuple[str, ...], place: _Place
) -> pa.Table:
    # Scenarios that are compared may have different classes; the table has one list of them all.
    codes = np.array([classes.index(name) for name in trace.classes], dtype=np.int32)
    columns = {**vars(trace), "class": codes[trace.class_id]}
    schema, known = REQUESTS, {"class": classes, "status": STATUSES}
    if streams:
        schema, known = REQUESTS | STREAMS, known | {"stream": streams}
        columns["stream"] = _stream(trace, streams)
    for name, value in (("late_cpu_ns", 0), ("late_until_ns", MISSING)):
        if columns[name] is None:
            columns[name] = np.full(len(trace), value)
    return _table(schema, columns, known, place)


def _stream(trace: Trace, streams: tuple[str, ...]) -> NDArray[np.int32]:
    """Return each request's stream by position in *streams*; the first's where it has none."""
    if trace.stream_id is None:
        return np.zeros(len(trace), np.int32)
    codes = np.array([streams.index(name) for name in trace.streams], dtype=np.int32)
    return codes[trace.stream_id]


def _runs(result: Traced, *, engines: bool) -> list[dict[str, Any]]:
    return [
        {
            "server": place.servers[place.position],
            "replication": place.replication,
            "classes": trace.classes,
            "workers": trace.workers,
            "cores": trace.cores,
            "end_ns": trace.end_ns,
            "concurrent": trace.concurrent,
            "cancels": trace.cancels,
            "deadlock": None if trace.deadlock is None else asdict(trace.deadlock),
            "resources": [asdict(one) for one in trace.resources],
            **({"streams": trace.streams} if trace.streams else {}),
            "services": [asdict(one) for one in trace.services],
            **({"engine": trace.engine} if engines else {}),
        }
        for place, trace in _placed(result)
    ]


class _Place(NamedTuple):
    """Where a trace comes from: a server, by position among all of them, and a replication."""

    servers: tuple[str, ...]
    position: int
    replication: int


def _placed(result: Traced) -> Iterator[tuple[_Place, Trace]]:
    servers = tuple(result.traces)
    for position, server in enumerate(servers):
        for replication, trace in enumerate(result.traces[server], start=1):
            yield _Place(servers, position, replication), trace


def _table(
    schema: Mapping[str, str],
    columns: Mapping[str, Any],
    known: Mapping[str, Sequence[str]],
    place: _Place,
) -> pa.Table:
    """Return the *columns* in *schema* as a table; codes are positions of *known* words."""
    import pyarrow as pa

    rows = len(columns["request"])
    known = {**known, "server": place.servers}
    columns = {
        **columns,
        "server": np.full(rows, place.position, dtype=np.int32),
        "replication": np.full(rows, place.replication, dtype=np.int32),
    }
    return pa.table({name: _array(name, columns[name], known.get(name)) for name in schema})


def _array(name: str, column: Any, known: Sequence[str] | None) -> pa.Array:
    if known is not None:
        return words(column, known)
    return texts(column) if isinstance(column, tuple) else numbers(column, NULLS.get(name))
