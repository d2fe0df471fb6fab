"""Traces built by hand, and by Lindley's recursion, for the statistics tests."""

from __future__ import annotations

import numpy as np

from simsched.engine.trace import MISSING, Segments, Status, Trace

MS = 1_000_000


def no_segments() -> Segments:
    none = np.empty(0, np.int64)
    return Segments(none, none.astype(np.int8), none, none, none.astype(np.int32), (), ())


def trace(arrival, finish, end=None, **given) -> Trace:
    """Return a trace of requests, all times in nanoseconds; time that is not given is I/O.

    *given* may hold ``queue``, ``cpu``, ``cpu_wait``, ``io_wait`` and ``demand`` in nanoseconds,
    and ``status``, ``class_id``, ``classes`` and ``cores``.
    """
    arrival, finish = np.asarray(arrival, np.int64), np.asarray(finish, np.int64)
    n = len(arrival)
    end = int(max(finish.max(initial=0), arrival.max(initial=0)) if end is None else end)
    stay = np.where(finish == MISSING, end, finish) - arrival

    def column(name, default=0, dtype=np.int64):
        return np.array(np.broadcast_to(given.get(name, default), n), dtype)

    waits = {name: column(name) for name in ("queue", "cpu", "cpu_wait", "io_wait")}
    return Trace(
        classes=tuple(given.get("classes", ("page",))),
        request=np.arange(1, n + 1),
        class_id=column("class_id", 0, np.int32),
        user=column("user", -1, np.int32),
        attempt=column("attempt", 1, np.int32),
        worker=column("worker", 0, np.int32),
        arrival_ns=arrival,
        start_ns=arrival + waits["queue"],
        finish_ns=finish,
        queue_ns=waits["queue"],
        cpu_ns=waits["cpu"],
        cpu_wait_ns=waits["cpu_wait"],
        io_ns=stay - sum(waits.values()),
        io_wait_ns=waits["io_wait"],
        status=column("status", Status.COMPLETED, np.int8),
        demand_ns=column("demand", stay),
        workers=1,
        cores=given.get("cores", 1),
        end_ns=end,
        segments=no_segments(),
    )


def lindley(arrival, service) -> Trace:
    """Return one first-come first-served server's trace: Lindley's recursion, without a loop."""
    arrival, service = np.asarray(arrival, np.int64), np.asarray(service, np.int64)
    work = np.cumsum(service)
    finish = work + np.maximum.accumulate(arrival - (work - service))
    return trace(arrival, finish, cpu=service, queue=finish - service - arrival, demand=service)


def mm1(seed, requests, load, service_s=0.01, speed=1.0) -> Trace:
    """Return an M/M/1 trace; the same seed gives the same requests, served *speed* times faster."""
    rng = np.random.default_rng(seed)
    arrival = np.cumsum(rng.exponential(service_s / load, requests)) * 1e9
    service = rng.exponential(service_s, requests) / speed * 1e9
    return lindley(arrival.astype(np.int64), service.astype(np.int64))
