"""How fast the compiled engine is, beside a loop written by hand for one workload.

The workload: requests arrive as a Poisson process and compute, wait for I/O and compute again, all
for exponential times, on one event loop that is busy for a part of the time. The loop by hand
knows nothing else, no other phase or server. It is measured twice: where it leaves no more columns
than those three of which the others follow (when a request starts, how long it waits for the loop
again, and when it ends), and where it leaves all nine columns of a trace that a simulation fills.
All times are CPU time of this process, which other processes disturb least.

    python benchmarks/engine_speed.py [--requests 2e6] [--runs 5]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numba
import numpy as np

from simsched.engine.compiled import simulate
from simsched.engine.trace import Trace
from simsched.scenario.model.servers import CooperativeServer, SerialServer
from simsched.workload.columns import Workload
from simsched.workload.steps import Step, StepKind

MEAN_NS = 3_000_000
LOADS = (0.5, 0.65, 0.8)
COOPERATIVE = CooperativeServer(model="cooperative")
SERIAL = SerialServer(model="serial")
IO_PER_CPU = 10
"""How much longer the mean I/O is than both mean CPU phases together."""


def feedback(requests: int, load: float, generator: np.random.Generator) -> Workload:
    """Return requests that compute, wait, and compute again."""
    means = MEAN_NS * np.array([1, 2 * IO_PER_CPU, 1])
    durations = np.rint(generator.exponential(means, (requests, 3)))
    kinds = (StepKind.CPU, StepKind.IO, StepKind.CPU)
    return _workload(durations, kinds, 2 * MEAN_NS / load, generator)


def single(requests: int, load: float, generator: np.random.Generator) -> Workload:
    """Return the requests of an M/M/1 queue."""
    durations = np.rint(generator.exponential(MEAN_NS, (requests, 1)))
    return _workload(durations, (StepKind.CPU,), MEAN_NS / load, generator)


def _workload(
    durations: np.ndarray[Any, Any],
    kinds: tuple[StepKind, ...],
    between: float,
    generator: np.random.Generator,
) -> Workload:
    requests, phases = durations.shape
    return Workload(
        classes=("page",),
        priorities=(0,),
        steps=tuple(Step(kind) for kind in kinds),
        class_id=np.zeros(requests, np.int32),
        first_row=np.arange(requests + 1) * phases,
        step_id=np.tile(np.arange(phases, dtype=np.int32), requests),
        duration_ns=durations.astype(np.int64).ravel(),
        dispatch=np.zeros(requests),
        arrival_ns=np.cumsum(generator.exponential(between, requests)).astype(np.int64),
    )


_compiled: Any = numba.njit(nogil=True)


@_compiled
def _push(times: Any, owners: Any, size: int, time: int, owner: int) -> None:
    at = size
    while at and times[(at - 1) >> 1] > time:
        times[at], owners[at] = times[(at - 1) >> 1], owners[(at - 1) >> 1]
        at = (at - 1) >> 1
    times[at], owners[at] = time, owner


@_compiled
def _pop(times: Any, owners: Any, size: int) -> int:
    first, time, owner, at = owners[0], times[size - 1], owners[size - 1], 0
    while 2 * at + 1 < size - 1:
        below = 2 * at + 1
        if below + 1 < size - 1 and times[below + 1] < times[below]:
            below += 1
        if times[below] >= time:
            break
        times[at], owners[at] = times[below], owners[below]
        at = below
    times[at], owners[at] = time, owner
    return int(first)


@_compiled
def _fill(columns: Any, request: int, times: Any, duration_ns: Any) -> None:
    """Write what became of a request: all that a trace tells."""
    if columns is not None:
        times_ns, worker, status = columns
        arrival, start, again, finish = times
        worker[request], status[request] = 0, 0
        times_ns[0, request], times_ns[1, request] = start, finish
        times_ns[2, request], times_ns[3, request] = start - arrival, again
        times_ns[4, request] = duration_ns[3 * request] + duration_ns[3 * request + 2]
        times_ns[5, request], times_ns[6, request] = duration_ns[3 * request + 1], 0


def all_columns(requests: int) -> Any:
    """Return room for the columns of a trace: seven of times, the worker and the status."""
    times_ns = np.empty((7, requests), np.int64)
    return times_ns, np.empty(requests, np.int32), np.empty(requests, np.int8)


@_compiled
def by_hand(arrival_ns: Any, duration_ns: Any, columns: Any) -> Any:
    """Return when each request of the feedback workload starts, waits again, and ends.

    Where there are ``columns``, they are filled besides.
    """
    requests, never = len(arrival_ns), np.iinfo(np.int64).max
    start_ns, again_ns, finish_ns = np.empty((3, requests), np.int64)
    ready = np.empty(1 << 16, np.int64)  # a ring of requests, and whether their I/O is over
    first = last = arrived = size = 0
    times, owners = np.empty((2, 1 << 16), np.int64)
    running, ends = -1, never
    while True:
        io = times[0] if size else never
        arrival = arrival_ns[arrived] if arrived < requests else never
        now = min(ends, io, arrival)
        if now == never:
            return start_ns, again_ns, finish_ns
        if now == ends:
            if running & 1:
                done = running >> 1
                finish_ns[done] = now
                times_of = (arrival_ns[done], start_ns[done], again_ns[done], now)
                _fill(columns, done, times_of, duration_ns)
            else:
                _push(times, owners, size, now + duration_ns[3 * (running >> 1) + 1], running >> 1)
                size += 1
            running, ends = -1, never
        elif now == io:
            ready[last & 0xFFFF] = _pop(times, owners, size) << 1 | 1
            size -= 1
            again_ns[ready[last & 0xFFFF] >> 1] = now
            last += 1
        else:
            ready[last & 0xFFFF] = arrived << 1
            last += 1
            arrived += 1
        if running < 0 and first < last:
            running, first = ready[first & 0xFFFF], first + 1
            request = running >> 1
            if running & 1:
                again_ns[request] = now - again_ns[request]
            else:
                start_ns[request] = now
            ends = now + duration_ns[3 * request + 2 * (running & 1)]


def seconds(work: Callable[[], Any], runs: int) -> float:
    """Return the median CPU time of *work*, which is compiled first."""
    work()
    times = []
    for _ in range(runs):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return statistics.median(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=float, default=2e6)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    requests, generator = int(options.requests), np.random.default_rng(1)
    print(
        "million requests a second   compiled engine   loop by hand   ratio   all columns   ratio"
    )
    for load in LOADS:
        print(_feedback(feedback(requests, load, generator), load, options.runs))
    for load in LOADS:
        workload = single(requests, load, generator)
        ours = seconds(partial(simulate, workload, SERIAL, timeline=0), options.runs)
        print(f"M/M/1, load {load:4.2f}        {requests / ours / 1e6:15.2f}")


def _feedback(workload: Workload, load: float, runs: int) -> str:
    """Return the line that compares both on *workload*, whose load is *load*."""
    trace = simulate(workload, COOPERATIVE, timeline=0)
    columns = workload.arrival_ns, workload.duration_ns
    told = (trace.start_ns, trace.cpu_wait_ns, trace.finish_ns)
    for one, other in zip(told, by_hand(*columns, None), strict=True):
        np.testing.assert_array_equal(one, other)
    _check_all(trace, columns)
    ours = seconds(partial(simulate, workload, COOPERATIVE, timeline=0), runs)
    few = seconds(partial(by_hand, *columns, None), runs)
    every = seconds(lambda: by_hand(*columns, all_columns(len(workload))), runs)
    speeds = [len(workload) / each / 1e6 for each in (ours, few, every)]
    return (
        f"feedback, load {load:4.2f}     {speeds[0]:15.2f} {speeds[1]:14.2f} {ours / few:7.2f}"
        f" {speeds[2]:13.2f} {ours / every:7.2f}"
    )


def _check_all(trace: Trace, columns: tuple[Any, Any]) -> None:
    times_ns, worker, status = filled = all_columns(len(trace))
    by_hand(*columns, filled)
    told = (
        *(trace.start_ns, trace.finish_ns, trace.queue_ns, trace.cpu_wait_ns),
        *(trace.cpu_ns, trace.io_ns, trace.io_wait_ns, trace.worker, trace.status),
    )
    for one, other in zip(told, (*times_ns, worker, status), strict=True):
        np.testing.assert_array_equal(one, other)


if __name__ == "__main__":
    main()
