"""The slowest requests of a replication."""

from __future__ import annotations

import numpy as np

from simsched.engine.trace import MISSING, Status, Trace
from simsched.statistics.presence import left
from simsched.workload.columns import Int64s

SLOWEST = 50
"""How many of the slowest requests are told of one by one."""


def slowest(trace: Trace, count: int = SLOWEST) -> Int64s:
    """Return the rows of ``trace.requests`` that took longest, the longest first; at most *count*.

    A request took until it was answered, or its client gave up or was refused; one that was still
    there when the run ended took until then. Where that was in a deadlock it would take for ever,
    and comes before all others. Of requests that took equally long, the earlier one comes first.
    """
    lasted_ns = lasted(trace)
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
        least = np.partition(found, len(rows) - count)[len(rows) - count]
        rows, found = rows[found >= least], found[found >= least]
    return rows[np.argsort(-found, kind="stable")[:count]]
