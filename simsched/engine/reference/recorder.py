"""From the attempts at requests to the columns of a trace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from simsched.engine import trace
from simsched.engine.deadlock import Deadlock
from simsched.engine.reference.calls import Service
from simsched.engine.reference.jobs import Job
from simsched.engine.reference.model import Model
from simsched.engine.segments import label_segments
from simsched.engine.trace import Activity, Calls, Trace, Visits
from simsched.workload.arrays import Int64s
from simsched.workload.columns import Requests


def record(
    jobs: Sequence[Job],
    pattern: Requests,
    models: Sequence[Model[Any]],
    end: int,
    deadlock: Deadlock | None,
) -> Trace:
    """Return the trace of a run, which ended at *end*: that of the first of *models*.

    The others are its services. *jobs* are all attempts, as they arrived; *pattern* names their
    classes and resources.
    """
    spent = np.array([job.spent for job in jobs], np.int64).reshape(-1, len(Activity))
    class_id, demand, stream_id = _drawn(jobs)
    server, services = models[0].server, models[0].services
    return Trace(
        classes=pattern.classes,
        request=_int64s(job.number for job in jobs),
        class_id=class_id.astype(np.int32),
        streams=pattern.streams,
        stream_id=stream_id.astype(np.int32) if pattern.streams else None,
        user=_int64s(job.user for job in jobs).astype(np.int32),
        attempt=_int64s(job.attempt for job in jobs).astype(np.int32),
        worker=_int64s(job.worker for job in jobs).astype(np.int32),
        arrival_ns=_int64s(job.arrival for job in jobs),
        start_ns=_int64s(job.start for job in jobs),
        finish_ns=_int64s(job.finish for job in jobs),
        queue_ns=spent[:, Activity.QUEUE],
        cpu_ns=spent[:, Activity.CPU],
        cpu_wait_ns=spent[:, Activity.CPU_WAIT],
        io_ns=spent[:, Activity.IO],
        io_wait_ns=spent[:, Activity.IO_WAIT],
        status=_int64s(job.status for job in jobs).astype(np.int8),
        demand_ns=demand,
        workers=server.workers,
        cores=server.cores_in_all,
        end_ns=end,
        engine="simpy",
        concurrent=any(task.parent is not None for job in jobs for task in job.tasks),
        late_cpu_ns=_int64s(job.late_cpu for job in jobs),
        late_until_ns=_int64s(job.late_until for job in jobs),
        cancels=server.cancel_abandoned,
        deadlock=deadlock,
        resources=pattern.resources,
        visits=_visits(jobs, models),
        services=trace.services_of(pattern, [each.server for each in models[1:]]),
        calls=_calls(jobs, services),
        segments=label_segments(
            (stretch, job.requests, job.attempt) for job in jobs for stretch in job.stretches or ()
        ),
    )


def _drawn(jobs: Sequence[Job]) -> tuple[Int64s, Int64s, Int64s]:
    """Return each attempt's class, demand and stream, from the columns that hold its request."""
    class_id, stream_id = np.zeros((2, len(jobs)), np.int64)
    demand = np.zeros(len(jobs), np.int64)
    for requests in _sources(jobs):
        rows = np.array([row for row, job in enumerate(jobs) if job.requests is requests], np.int64)
        index = _int64s(jobs[row].index for row in rows)
        class_id[rows] = requests.class_id[index]
        demand[rows] = requests.demand_ns()[index]
        if requests.streams:
            stream_id[rows] = requests.stream_id[index]
    return class_id, demand, stream_id


def _visits(jobs: Sequence[Job], models: Sequence[Model[Any]]) -> Visits:
    rows = {id(job): row for row, job in enumerate(jobs)}
    visits = [
        [visit for resource in those for visit in resource.visits]
        for those in zip(*(model.resources for model in models), strict=True)
    ]
    counts = [len(those) for those in visits]
    every = list(chain.from_iterable(visits))
    return Visits(
        resource=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        row=_int64s(rows[id(visit.job.sent_by)] for visit in every),
        asked_ns=_int64s(visit.asked for visit in every),
        granted_ns=_int64s(visit.granted for visit in every),
        released_ns=_int64s(visit.released for visit in every),
    )


def _calls(jobs: Sequence[Job], services: Sequence[Service]) -> Calls:
    rows = {id(job): row for row, job in enumerate(jobs)}
    calls = [call for service in services for call in service.calls]
    served = [call.job for call in calls if call.job is not None]
    position = {id(job): i for i, job in enumerate(served)}
    spent = np.array([job.spent for job in served], np.int64).reshape(-1, len(Activity))
    counts = [len(service.calls) for service in services]
    return Calls(
        service=np.repeat(np.arange(len(services), dtype=np.int32), counts),
        row=_int64s(rows[id(job.sent_by)] for job in served),
        caller=_int64s(position.get(id(call.exchange.caller), -1) for call in calls),
        sent_ns=_int64s(call.sent for call in calls),
        answered_ns=_int64s(call.answered for call in calls),
        worker=_int64s(job.worker for job in served).astype(np.int32),
        arrival_ns=_int64s(job.arrival for job in served),
        start_ns=_int64s(job.start for job in served),
        finish_ns=_int64s(job.finish for job in served),
        queue_ns=spent[:, Activity.QUEUE],
        cpu_ns=spent[:, Activity.CPU],
        cpu_wait_ns=spent[:, Activity.CPU_WAIT],
        io_ns=spent[:, Activity.IO],
        io_wait_ns=spent[:, Activity.IO_WAIT],
        status=_int64s(job.status for job in served).astype(np.int8),
    )


def _sources(jobs: Sequence[Job]) -> list[Requests]:
    return list({id(job.requests): job.requests for job in jobs}.values())


def _int64s(values: Iterable[int]) -> Int64s:
    return np.fromiter(values, np.int64)
