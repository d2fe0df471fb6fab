"""Where time went: what requests, and the slowest of them, spent their time on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simsched.engine.trace import MISSING, Status, Trace
from simsched.scenario.metrics import PARTS
from simsched.statistics.estimate import Estimate
from simsched.statistics.presence import left
from simsched.workload.columns import Int64s

TimeSpent = Mapping[str, Mapping[str, Estimate]]
"""Seconds by group and by part: means of ``all`` and of the slowest requests, and quantiles."""

Part = tuple[str, float]
"""A part of requests' time, and a probability: a quantile that is asked for."""


def components(trace: Trace) -> dict[str, Int64s]:
    """Return what a request's time divides into, in the order in which it is first met.

    ``queue`` is the wait for a first worker, ``cpu_wait`` the wait for the loop, lock or core by a
    request that is ready (loop lag), ``io_wait`` the wait for a slot of a resource (a pool).
    """
    retried = trace.retry_ns is not None
    return {name: spent(trace, name) for name in PARTS if name != "retries" or retried}


def spent(trace: Trace, part: str) -> Int64s:
    """Return (n,) the time that each request spent on *part*; 0 on retries where there are none.

    *trace* has one row per request.
    """
    if part == "retries" and trace.retry_ns is None:
        return np.zeros(len(trace), dtype=np.int64)
    column: Int64s = getattr(trace, "retry_ns" if part == "retries" else f"{part}_ns")
    return column


def grouped(estimates: Mapping[str, Estimate]) -> TimeSpent:
    """Return those of *estimates* that are of time spent, by group and by part."""
    groups: dict[str, dict[str, Estimate]] = {}
    for name, estimate in estimates.items():
        family, _, rest = name.partition(".")
        if family == "time_spent_s":
            group, _, part = rest.rpartition(".")
            groups.setdefault(group, {})[part] = estimate
    return groups


SLOWEST = 50
"""How many of the slowest requests are listed one by one."""


def slowest(trace: Trace, count: int = SLOWEST) -> Int64s:
    """Return the rows of ``trace.requests`` that took longest, the longest first; at most *count*.

    A request took until it was answered, or its client gave up or was refused; one that was still
    there when the run ended took until then. One that is stuck in a deadlock never ends, and
    comes before all others. Of requests that took equally long, the earlier one comes first.
    """
    lasted_ns = lasted(trace)
    # Without a deadlock a request that is still there would have ended soon after.
    there = (trace.requests.finish_ns == MISSING) & (trace.deadlock is not None)
    first = _longest(np.flatnonzero(there), lasted_ns, count)
    return np.concatenate([first, _longest(np.flatnonzero(~there), lasted_ns, count - len(first))])


def lasted(trace: Trace) -> Int64s:
    """Return (requests,) how long each took, or had taken at the end of the run, in nanoseconds."""
    requests = trace.requests
    return left(requests) - requests.arrival_ns


def never_answered(trace: Trace, rows: Int64s) -> int:
    """Return how many of the requests in those *rows* were never answered."""
    return int(np.count_nonzero(trace.requests.status[rows] != Status.COMPLETED))


def _longest(rows: Int64s, lasted_ns: Int64s, count: int) -> Int64s:
    """Return the *count* of *rows* that lasted longest, the longest first."""
    found = lasted_ns[rows]
    if 0 < count < len(rows):
        # A partial sort: of a hundred million requests fifty are wanted.
        least = np.partition(found, len(rows) - count)[len(rows) - count]
        rows, found = rows[found >= least], found[found >= least]
    return rows[np.argsort(-found, kind="stable")[:count]]
