"""Who is there, from when to when: requests in the system, and attempts in the server's queue.

A request is in the system for its client: from its first attempt until it is answered or given up
for good, the pauses between attempts with it. In the queue are attempts, as the server sees them: a
client that gives up leaves its attempt behind, unless the server is told to drop it.
"""

from __future__ import annotations

import numpy as np

from simsched.engine.trace import MISSING, Status, Trace
from simsched.statistics.resource_use import Stays
from simsched.workload.columns import Int64s


def in_system(trace: Trace, end_ns: int | None = None) -> Stays:
    """Return the stays of the requests of *trace*, a row each.

    Who has no answer at the end of the run is there until *end_ns*, that end unless given.
    """
    requests = trace.requests
    return requests.arrival_ns, left(requests, end_ns)


def in_queue(trace: Trace, end_ns: int | None = None) -> Stays:
    """Return the stays in the queue of the attempts of *trace*, until a worker first takes them up.

    What is never taken up is there until *end_ns*, the end of the run unless given.
    """
    gone = left(trace, end_ns)
    if goes_on(trace):
        gone = np.where(trace.status == Status.TIMED_OUT, _end(trace, end_ns), gone)
    return trace.arrival_ns, np.where(trace.start_ns == MISSING, gone, trace.start_ns)


def served(trace: Trace) -> Stays:
    """Return when each attempt was taken, or else came, and when it was over for its client."""
    return np.where(trace.start_ns == MISSING, trace.arrival_ns, trace.start_ns), left(trace)


def goes_on(trace: Trace) -> bool:
    """Say whether attempts were served, or kept in the queue, whose clients had given up."""
    return not trace.cancels and bool(np.any(trace.status == Status.TIMED_OUT))


def left(trace: Trace, end_ns: int | None = None) -> Int64s:
    """Return (n,) when each row ended for its client; *end_ns*, or the run's end, if it did not."""
    if not np.any(trace.finish_ns == MISSING):
        return trace.finish_ns
    return np.where(trace.finish_ns == MISSING, _end(trace, end_ns), trace.finish_ns)


def _end(trace: Trace, end_ns: int | None) -> int:
    return trace.end_ns if end_ns is None else end_ns
