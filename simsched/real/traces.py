"""From what the client and the workers noted to the trace of a run, as a simulation leaves one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simsched.engine.trace import MISSING, Activity, Segments, Status, Trace, Visits
from simsched.real.client import Sent
from simsched.real.jobs import Record, Stretch
from simsched.scenario.model.servers import Server
from simsched.workload.arrays import Int64s
from simsched.workload.columns import Requests

_NEVER_SERVED = Record(0, -1, None, (0,) * len(Activity), 0, None, 0, False, (), ())

MOMENT_NS = 300_000
"""A shorter wait for the worker, its loop or a core has no place in a timeline."""

_WAITS = frozenset({Activity.QUEUE, Activity.CPU_WAIT})


class Run(NamedTuple):
    """A run of a server. Moments are those of ``time.monotonic_ns``.

    Attributes:
        server: what was measured.
        pattern: the requests' classes, steps and resources.
        start: when it began,
        end: and ended; what happened later is left out.
        sent: what the client sent.
        records: what the workers served.
    """

    server: Server
    pattern: Requests
    start: int
    end: int
    sent: Sequence[Sent]
    records: Sequence[Record]


class _Row(NamedTuple):
    """A request as a row of a trace: what was sent, what the worker noted, and when it ended."""

    sent: Sent
    record: Record
    finish: int | None


def trace_of(run: Run) -> Trace:
    """Return the trace of *run*: its requests in order of arrival, with times from its start on."""
    rows = list(_rows(run))
    sent, records = [row.sent for row in rows], [row.record for row in rows]
    spent = np.array([_spent(row, run.end) for row in rows], np.int64).reshape(-1, len(Activity))
    ended = (row.sent.status if row.finish is not None else Status.UNFINISHED for row in rows)
    class_id, demand = _drawn(sent)
    return Trace(
        classes=run.pattern.classes,
        request=np.arange(1, len(rows) + 1, dtype=np.int64),
        class_id=class_id.astype(np.int32),
        user=_int64s(each.user for each in sent).astype(np.int32),
        attempt=np.ones(len(rows), np.int32),
        worker=_int64s(each.worker for each in records).astype(np.int32),
        arrival_ns=_moments((each.arrival for each in sent), run),
        start_ns=_moments((each.start for each in records), run),
        finish_ns=_moments((row.finish for row in rows), run),
        queue_ns=spent[:, Activity.QUEUE],
        cpu_ns=spent[:, Activity.CPU],
        cpu_wait_ns=spent[:, Activity.CPU_WAIT],
        io_ns=spent[:, Activity.IO],
        io_wait_ns=spent[:, Activity.IO_WAIT],
        status=_int64s(ended).astype(np.int8),
        demand_ns=demand,
        workers=run.server.workers,
        cores=run.server.core_count,
        end_ns=run.end - run.start,
        concurrent=any(each.concurrent for each in records),
        late_cpu_ns=_int64s(each.late_cpu for each in records),
        late_until_ns=_moments((each.late_until for each in records), run),
        resources=run.pattern.resources,
        visits=_visits(rows, run),
        segments=_segments(rows, run),
    )


def _rows(run: Run) -> Iterator[_Row]:
    """Yield the requests in order of arrival; what came after the end of the run did not happen."""
    served = {record.number: record for record in run.records}
    arrived = (each for each in run.sent if each.arrival <= run.end)
    for each in sorted(arrived, key=lambda sent: sent.arrival):
        record = served.get(each.number, _NEVER_SERVED)
        if record.start is not None and record.start > run.end:
            record = _NEVER_SERVED
        finish = None if each.finish is None or each.finish > run.end else each.finish
        if finish is None or record.late_until is None:
            record = record._replace(late_cpu=0, late_until=None)
        else:
            until = max(finish, min(record.late_until, run.end))
            record = record._replace(late_until=until)
        yield _Row(each, record, finish)


def _spent(row: _Row, end: int) -> list[int]:
    """Return the time of each activity, which add up to the time from arrival to answer.

    What no activity accounts for was waiting: for the worker, or for the client to have the answer.
    """
    finish = end if row.finish is None else row.finish
    start = finish if row.record.start is None else row.record.start
    found, left = list(row.record.spent), finish - start
    found[Activity.QUEUE] = start - row.sent.arrival
    parts = (Activity.CPU, Activity.IO, Activity.IO_WAIT)
    if row.record.concurrent:
        known = sum(found[part] for part in parts)
        found[Activity.CPU_WAIT] = max(found[Activity.CPU_WAIT], left - known)
        return found
    for part in parts:
        found[part] = min(found[part], left)
        left -= found[part]
    found[Activity.CPU_WAIT] = left
    return found


def _drawn(sent: Sequence[Sent]) -> tuple[Int64s, Int64s]:
    """Return each request's class and service demand, from the columns that hold it."""
    class_id, demand = np.zeros(len(sent), np.int64), np.zeros(len(sent), np.int64)
    for requests in {id(each.requests): each.requests for each in sent}.values():
        rows = _int64s(row for row, each in enumerate(sent) if each.requests is requests)
        index = _int64s(sent[row].index for row in rows)
        class_id[rows] = requests.class_id[index]
        demand[rows] = requests.demand_ns()[index]
    return class_id, demand


def _visits(rows: Sequence[_Row], run: Run) -> Visits:
    found = sorted(
        (visit.resource, visit.asked, row, visit)
        for row, each in enumerate(rows)
        for visit in each.record.visits
        if visit.asked <= run.end
    )
    visits = [visit for *_, visit in found]
    return Visits(
        resource=_int64s(visit.resource for visit in visits).astype(np.int32),
        row=_int64s(row for _, _, row, _ in found),
        asked_ns=_moments((visit.asked for visit in visits), run),
        granted_ns=_moments((visit.granted for visit in visits), run),
        released_ns=_moments((visit.released for visit in visits), run),
    )


def _segments(rows: Sequence[_Row], run: Run) -> Segments:
    found = [
        (number, stretch, worker)
        for number, row in enumerate(rows, start=1)
        for stretch, worker in _timeline(row, run.end)
    ]
    steps = run.pattern.steps
    return Segments(
        request=_int64s(number for number, _, _ in found),
        activity=_int64s(stretch.activity for _, stretch, _ in found).astype(np.int8),
        start_ns=_moments((stretch.start for _, stretch, _ in found), run),
        finish_ns=_moments((stretch.finish for _, stretch, _ in found), run),
        worker=_int64s(worker for _, _, worker in found).astype(np.int32),
        label=tuple(
            "" if stretch.step < 0 else steps[stretch.step].label or "" for _, stretch, _ in found
        ),
        service=("",) * len(found),  # no scenario with services is measured
        attempt=np.ones(len(found), np.int32),
    )


def _timeline(row: _Row, end: int) -> Iterator[tuple[Stretch, int]]:
    """Yield the stretches of a request, if they were kept, each with its worker."""
    start = row.record.start
    if not row.record.stretches or start is None:
        return
    queued = Stretch(Activity.QUEUE, row.sent.arrival, start)
    kept = sorted(row.record.stretches, key=lambda each: each.start)
    for each in _without_moments([queued, *kept]):
        if each.start < end:
            worker = -1 if each.activity is Activity.QUEUE else row.record.worker
            yield each._replace(finish=min(each.finish, end)), worker


def _without_moments(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Return *stretches* without waits of a moment, which a timeline would show too large.

    Their time goes to the stretch before, or to the one that follows the first.
    """
    found: list[Stretch] = []
    since = None
    for each in stretches:
        is_moment = each.activity in _WAITS and each.finish - each.start < MOMENT_NS
        if is_moment and not found:
            since = each.start if since is None else since
        elif is_moment and found[-1].finish == each.start:
            found[-1] = found[-1]._replace(finish=each.finish)
        else:
            found.append(each if since is None else each._replace(start=since))
            since = None
    return found


def _moments(moments: Iterable[int | None], run: Run) -> Int64s:
    """Return *moments* as times from the start of *run*; those that did not come are missing."""
    return _int64s(
        MISSING if moment is None or moment > run.end else moment - run.start for moment in moments
    )


def _int64s(values: Iterable[int]) -> Int64s:
    return np.fromiter(values, np.int64)
