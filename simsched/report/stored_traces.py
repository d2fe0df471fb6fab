"""The traces of a finished run, read back from its Parquet files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simsched.engine.deadlock import Deadlock, Wait
from simsched.engine.trace import MISSING, Activity, Segments, Status, Trace, Visits
from simsched.errors import InputError
from simsched.experiment.tables import RUNS
from simsched.report.datafiles import RESOURCES
from simsched.workload.steps import Resource

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types

_STATUSES = {status.name.lower(): int(status) for status in Status}
_ACTIVITIES = {activity.name.lower(): int(activity) for activity in Activity}


def read_traces(folder: Path) -> dict[str, tuple[Trace, ...]]:
    """Return each server's traces, one per replication; their demand is not stored and is 0.

    Raises:
        InputError: a file is missing or damaged.
    """
    if not (folder / "requests.parquet").exists():
        raise InputError(
            f"{folder / 'requests.parquet'}: cannot be read: it is missing, as it is after a run "
            "with more requests than can be held together"
        )
    requests, segments = _table(folder / "requests.parquet"), _table(folder / "segments.parquet")
    try:
        runs = json.loads(requests.schema.metadata[RUNS.encode()])
        used = any(run["resources"] for run in runs)
        visits = _table(folder / RESOURCES) if used else None
        found: dict[str, list[Trace]] = {}
        for run in runs:
            trace = _trace(run, requests, segments)
            if visits is not None:
                trace = replace(trace, visits=_visits(_of_run(visits, run), trace))
            found.setdefault(run["server"], []).append(trace)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{folder}: requests.parquet is not as simsched wrote it: {error}"
        ) from None
    return {server: tuple(traces) for server, traces in found.items()}


def _table(path: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it carries no types

    try:
        return pq.read_table(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    except pa.ArrowInvalid as error:
        raise InputError(f"{path}: damaged: {error}") from None


def _trace(run: dict[str, Any], requests: pa.Table, segments: pa.Table) -> Trace:
    rows = _of_run(requests, run)
    count = len(rows)
    classes = tuple(run["classes"])
    columns: dict[str, Any] = {
        name: _numbers(rows, name, np.int64, MISSING)
        for name in requests.column_names
        if name.endswith("_ns")
    }
    return Trace(
        classes=classes,
        request=_numbers(rows, "request", np.int64),
        class_id=_codes(rows, "class", {name: n for n, name in enumerate(classes)}, np.int32),
        user=_numbers(rows, "user", np.int32, -1),
        attempt=_numbers(rows, "attempt", np.int32),
        worker=_numbers(rows, "worker", np.int32, -1),
        status=_codes(rows, "status", _STATUSES, np.int8),
        demand_ns=np.zeros(count, dtype=np.int64),
        workers=int(run["workers"]),
        cores=int(run["cores"]),
        end_ns=int(run["end_ns"]),
        segments=_segments(_of_run(segments, run)),
        concurrent=bool(run["concurrent"]),
        cancels=bool(run["cancels"]),
        deadlock=_deadlock(run["deadlock"]),
        resources=tuple(Resource(**one) for one in run["resources"]),
        **columns,
    )


def _deadlock(told: dict[str, Any] | None) -> Deadlock | None:
    if told is None:
        return None
    waits = (
        Wait(each["request"], tuple(each["holds"]), each["waits_for"]) for each in told["waits"]
    )
    return Deadlock(told["stuck"], tuple(waits))


def _segments(rows: pa.Table) -> Segments:
    return Segments(
        request=_numbers(rows, "request", np.int64),
        activity=_codes(rows, "activity", _ACTIVITIES, np.int8),
        start_ns=_numbers(rows, "start_ns", np.int64),
        finish_ns=_numbers(rows, "finish_ns", np.int64),
        worker=_numbers(rows, "worker", np.int32, -1),
        label=tuple(rows["label"].to_pylist()),
        attempt=_numbers(rows, "attempt", np.int32),
    )


def _visits(rows: pa.Table, trace: Trace) -> Visits:
    resources = {one.name: position for position, one in enumerate(trace.resources)}
    keys = _key(_numbers(rows, "request", np.int64), _numbers(rows, "attempt", np.int64))
    attempts = _key(trace.request, trace.attempt.astype(np.int64))
    order = np.argsort(attempts)
    return Visits(
        resource=_codes(rows, "resource", resources, np.int32),
        row=order[np.searchsorted(attempts, keys, sorter=order)],
        asked_ns=_numbers(rows, "asked_ns", np.int64),
        granted_ns=_numbers(rows, "granted_ns", np.int64, MISSING),
        released_ns=_numbers(rows, "released_ns", np.int64, MISSING),
    )


def _key(request: NDArray[np.int64], attempt: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return one number for each attempt at a request; nobody tries a thousand million times."""
    return request << 30 | attempt


def _of_run(table: pa.Table, run: dict[str, Any]) -> pa.Table:
    import pyarrow.compute as pc  # type: ignore[import-untyped]  # it carries no types

    ours = pc.and_(
        pc.equal(table["server"], run["server"]), pc.equal(table["replication"], run["replication"])
    )
    return table.filter(ours)


def _numbers(rows: pa.Table, name: str, kind: Any, missing: int = 0) -> NDArray[Any]:
    """Return a column of numbers, with *missing* for null."""
    import pyarrow.compute as pc

    column = rows[name]
    filled = pc.fill_null(column, missing) if column.null_count else column
    return np.asarray(filled.to_numpy()).astype(kind)


def _codes(rows: pa.Table, name: str, codes: dict[str, int], kind: Any) -> NDArray[Any]:
    """Return a column of words as the numbers that stand for them."""
    column = rows[name].unify_dictionaries().combine_chunks()
    if not len(column):
        return np.empty(0, dtype=kind)
    words = column.dictionary.to_pylist()
    table = np.array([codes.get(word, -1) for word in words], dtype=kind)
    return np.asarray(table[column.indices.to_numpy(zero_copy_only=False)])
