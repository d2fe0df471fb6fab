"""A result as tables: requests, segments of the timeline, uses of resources, and the figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from simsched.engine.trace import MISSING, Activity, Segments, Status, Trace, Visits
from simsched.experiment.arrow import numbers, texts, words
from simsched.experiment.result import Result
from simsched.workload.columns import Int64s

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types

    from simsched.statistics.estimate import Estimate
    from simsched.statistics.summary import ServerSummary

RUNS = "simsched"
"""The key of the file's metadata: JSON with what a trace holds besides its requests.

A list with an object for each server and replication: ``server``, ``replication``, ``classes``,
``workers``, ``cores``, ``end_ns``, ``concurrent``, ``cancels``, ``deadlock``, ``resources``.
"""

ROWS = 1 << 18
"""How many requests are made into a table at a time, to be written before the next."""

_NANOSECONDS = (
    "arrival_ns",
    "start_ns",
    "finish_ns",
    "queue_ns",
    "cpu_ns",
    "cpu_wait_ns",
    "io_ns",
    "io_wait_ns",
)


class Traced(Protocol):
    """What has traces: a result, or runs."""

    @property
    def traces(self) -> Mapping[str, Sequence[Trace]]:
        """Each server's traces, one per replication."""


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One figure of one server, as a row of ``summary.csv``; what is not known is None."""

    server: str
    metric: str
    value: float | None
    low: float | None
    high: float | None


def summary_rows(result: Result) -> tuple[SummaryRow, ...]:
    """Return a row for each server and metric, the counts of requests first."""
    return tuple(_summary_rows(result))


def _summary_rows(result: Result) -> Iterator[SummaryRow]:
    for name, server in result.servers.items():
        for status, count in server.requests.items():
            yield SummaryRow(name, f"requests.{status}", count, None, None)
        if server.attempts is not None:
            yield SummaryRow(name, "attempts", server.attempts, None, None)
        for metric, estimate in _estimates(server):
            yield SummaryRow(name, metric, estimate.value, estimate.low, estimate.high)


def _estimates(server: ServerSummary) -> Iterator[tuple[str, Estimate]]:
    """Yield the figures of *server* by dotted name: its metrics, where time went, its classes."""
    yield from server.figures().items()
    for name, one in server.classes.items():
        for metric, estimate in one.figures().items():
            yield f"classes.{name}.{metric}", estimate


def requests_table(result: Traced) -> pa.Table:
    """Return one row per attempt of a request, server by server, replication by replication.

    The columns are ``server, replication, request, class, user, attempt, worker, arrival_ns,
    start_ns, finish_ns, queue_ns, cpu_ns, cpu_wait_ns, io_ns, io_wait_ns, status,
    late_cpu_ns, late_until_ns, demand_ns``. Replications count from 1. A time, user or worker that
    there is none of is null; ``server``, ``class`` and ``status`` are dictionary-encoded. The
    metadata :data:`RUNS` hold the rest of the traces.
    """
    (table,) = requests_tables(result, max(1, sum(map(len, _traces(result)))))
    return table


def requests_tables(result: Traced, rows: int = ROWS) -> Iterator[pa.Table]:
    """Yield the table of :func:`requests_table` in parts of *rows* rows, the last of fewer."""
    import pyarrow as pa

    classes = tuple(dict.fromkeys(c for trace in _traces(result) for c in trace.classes))
    statuses = tuple(status.name.lower() for status in Status)
    metadata = {RUNS: json.dumps(_runs(result))}
    for part in _parts(result, rows):
        tables = [
            _placed(_request_columns(trace, classes, statuses), tuple(result.traces), *place)
            for trace, *place in part
        ]
        yield pa.concat_tables(tables).replace_schema_metadata(metadata)


def _parts(result: Traced, rows: int) -> Iterator[list[tuple[Trace, int, int]]]:
    """Yield *rows* rows after the other: pieces of traces, with their server and replication."""
    runs = [
        (trace, position, replication)
        for position, traces in enumerate(result.traces.values())
        for replication, trace in enumerate(traces, start=1)
    ]
    ends = np.cumsum([len(trace) for trace, *_ in runs])
    if not ends[-1]:
        yield runs
    for start in range(0, int(ends[-1]), rows):
        first, last = np.searchsorted(ends, [start, start + rows - 1], side="right")
        yield [
            (trace.rows(_overlap(len(trace), int(end), start, start + rows)), position, replication)
            for (trace, position, replication), end in zip(
                runs[first : last + 1], ends[first : last + 1], strict=True
            )
        ]


def _overlap(count: int, end: int, start: int, stop: int) -> slice:
    """Return which of *count* rows, the last of them before row *end* of all, are in a part."""
    before = end - count
    return slice(max(0, start - before), stop - before)


def segments_table(result: Traced) -> pa.Table:
    """Return the stored timelines: a row for each stretch of one activity of one request.

    The columns are ``server, replication, request, attempt, activity, start_ns, finish_ns, worker,
    label``; ``worker`` is null in the queue, ``label`` is empty where the phase has none.
    """
    return _stacked(result, lambda trace: _segment_columns(trace.segments))


def resources_table(result: Traced) -> pa.Table:
    """Return a row for each slot of a resource that an attempt asked for.

    The columns are ``server, replication, resource, request, attempt, asked_ns, granted_ns,
    released_ns``; what did not happen is null.
    """
    names = tuple(dict.fromkeys(one.name for trace in _traces(result) for one in trace.resources))
    return _stacked(result, lambda trace: _visit_columns(trace, trace.visits, names))


def _runs(result: Traced) -> list[dict[str, Any]]:
    return [
        {
            "server": server,
            "replication": replication,
            "classes": trace.classes,
            "workers": trace.workers,
            "cores": trace.cores,
            "end_ns": trace.end_ns,
            "concurrent": trace.concurrent,
            "cancels": trace.cancels,
            "deadlock": None if trace.deadlock is None else asdict(trace.deadlock),
            "resources": [asdict(one) for one in trace.resources],
        }
        for server, traces in result.traces.items()
        for replication, trace in enumerate(traces, start=1)
    ]


def _traces(result: Traced) -> Iterator[Trace]:
    return (trace for traces in result.traces.values() for trace in traces)


def _stacked(result: Traced, columns: Callable[[Trace], dict[str, pa.Array]]) -> pa.Table:
    """Return the *columns* of every trace under each other, with its server and replication."""
    import pyarrow as pa

    servers = tuple(result.traces)
    tables = [
        _placed(columns(trace), servers, position, replication)
        for position, traces in enumerate(result.traces.values())
        for replication, trace in enumerate(traces, start=1)
    ]
    return pa.concat_tables(tables)


def _placed(
    columns: dict[str, pa.Array], servers: tuple[str, ...], position: int, replication: int
) -> pa.Table:
    """Return *columns* as a table, behind the server and the replication that they come from."""
    import pyarrow as pa

    rows = len(next(iter(columns.values())))
    place = {
        "server": words(np.full(rows, position, dtype=np.int32), servers),
        "replication": numbers(np.full(rows, replication, dtype=np.int32)),
    }
    return pa.table(place | columns)


def _request_columns(
    trace: Trace, classes: tuple[str, ...], statuses: tuple[str, ...]
) -> dict[str, pa.Array]:

    codes = np.array([classes.index(name) for name in trace.classes], dtype=np.int32)
    return {
        "request": numbers(trace.request),
        "class": words(codes[trace.class_id], classes),
        "user": numbers(trace.user, -1),
        "attempt": numbers(trace.attempt),
        "worker": numbers(trace.worker, -1),
        **{name: numbers(getattr(trace, name), MISSING) for name in _NANOSECONDS},
        "status": words(trace.status, statuses),
        "late_cpu_ns": numbers(_or_all(trace.late_cpu_ns, 0, trace)),
        "late_until_ns": numbers(_or_all(trace.late_until_ns, MISSING, trace), MISSING),
        "demand_ns": numbers(trace.demand_ns),
    }


def _or_all(column: Int64s | None, value: int, trace: Trace) -> Int64s:
    """Return *column*, or *value* for every row of *trace* where it has none."""
    return np.full(len(trace), value) if column is None else column


def _segment_columns(segments: Segments) -> dict[str, pa.Array]:

    activities = tuple(activity.name.lower() for activity in Activity)
    once = np.ones(len(segments.request), dtype=np.int32)
    return {
        "request": numbers(segments.request),
        "attempt": numbers(once if segments.attempt is None else segments.attempt),
        "activity": words(segments.activity, activities),
        "start_ns": numbers(segments.start_ns),
        "finish_ns": numbers(segments.finish_ns),
        "worker": numbers(segments.worker, -1),
        "label": texts(segments.label),
    }


def _visit_columns(trace: Trace, visits: Visits, names: tuple[str, ...]) -> dict[str, pa.Array]:
    codes = np.array([names.index(one.name) for one in trace.resources], dtype=np.int32)
    return {
        "resource": words(codes[visits.resource], names),
        "request": numbers(trace.request[visits.row]),
        "attempt": numbers(trace.attempt[visits.row]),
        "asked_ns": numbers(visits.asked_ns),
        "granted_ns": numbers(visits.granted_ns, MISSING),
        "released_ns": numbers(visits.released_ns, MISSING),
    }
