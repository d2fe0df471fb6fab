"""The slowest requests of a replication."""

from __future__ import annotations

import numpy as np

from simsched.engine.trace import Status, Trace
from simsched.workload.columns import Int64s

SLOWEST = 50
"""How many of the slowest requests are told of one by one."""


def slowest(trace: Trace, count: int = SLOWEST) -> Int64s:
    """Return the rows of ``trace.requests`` that took longest, the longest first.

    They are at most *count*, among those that were completed. Of requests that took equally long,
    the earlier one comes first.
    """
    requests = trace.requests
    done = np.flatnonzero(requests.status == Status.COMPLETED)
    response = requests.finish_ns[done] - requests.arrival_ns[done]
    if 0 < count < len(done):
        least = np.partition(response, len(done) - count)[len(done) - count]
        done, response = done[response >= least], response[response >= least]
    return done[np.argsort(-response, kind="stable")[:count]]
