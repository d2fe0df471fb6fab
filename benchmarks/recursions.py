"""Queues by recursion: requests of one CPU phase on a serial server, and their traces."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

import numpy as np

from simsched.engine.trace import Segments, Status, Trace
from simsched.statistics.contender import Contender
from simsched.workload import Workload, draw
from simsched.workload.columns import Int64s


def lindley(
    contender: Contender, replications: Sequence[int], _phases: float | None = None
) -> Iterator[Trace]:
    """Yield the traces of a serial server with one worker, first come first served."""
    for workload in _drawn(contender, replications):
        work = np.cumsum(workload.duration_ns)
        idle = np.maximum.accumulate(workload.arrival_ns - (work - workload.duration_ns))
        yield _trace_of(workload, work + idle - workload.duration_ns, 1)


def kiefer_wolfowitz(
    contender: Contender, replications: Sequence[int], _phases: float | None = None
) -> Iterator[Trace]:
    """Yield the traces of a serial server with one queue, first come first served."""
    workers = contender.server.workers
    for workload in _drawn(contender, replications):
        yield _trace_of(workload, _starts(workload, workers), workers)


def _drawn(contender: Contender, replications: Sequence[int]) -> Iterator[Workload]:
    for each in replications:
        workload = draw(contender.scenario, each)
        if not isinstance(workload, Workload):
            raise TypeError("the recursion is for requests that arrive by themselves")
        yield workload


def _starts(workload: Workload, workers: int) -> Int64s:
    """Return when each request is taken: when a worker is free, the first of them to be so."""
    free = [0] * workers
    found = np.empty(len(workload), np.int64)
    demands = zip(workload.arrival_ns.tolist(), workload.duration_ns.tolist(), strict=True)
    for n, (came, takes) in enumerate(demands):
        start = max(came, free[0])
        heapq.heapreplace(free, start + takes)
        found[n] = start
    return found


def _trace_of(workload: Workload, start: Int64s, workers: int) -> Trace:
    """Return what happens to requests of one phase each, which begins at *start* (ns)."""
    arrival, service = workload.arrival_ns, workload.duration_ns
    n, empty = len(arrival), np.empty(0, np.int64)
    none, ids = np.zeros(n, np.int64), np.zeros(n, np.int32)
    return Trace(
        classes=workload.classes,
        request=np.arange(1, n + 1),
        class_id=workload.class_id,
        user=ids - 1,
        attempt=ids + 1,
        worker=ids,
        arrival_ns=arrival,
        start_ns=start,
        finish_ns=start + service,
        queue_ns=start - arrival,
        cpu_ns=service,
        cpu_wait_ns=none,
        io_ns=none,
        io_wait_ns=none,
        status=np.full(n, Status.COMPLETED, np.int8),
        demand_ns=service,
        workers=workers,
        cores=workers,
        end_ns=int((start + service).max()),
        segments=Segments(
            empty, empty.astype(np.int8), empty, empty, empty.astype(np.int32), (), ()
        ),
    )
