"""The slowest requests of a run, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simsched.engine.trace import Status, Trace
from simsched.statistics.time_spent import components
from simsched.units import SECOND


@dataclass(frozen=True)
class SlowRequest:
    """One request and what it spent its time on.

    Attributes:
        replication: from 1.
        request: its number, from 1.
        kind: its class.
        response_s: its response time.
        spent_s: seconds by activity, as in :func:`simsched.statistics.time_spent.components`.
    """

    replication: int
    request: int
    kind: str
    response_s: float
    spent_s: dict[str, float]


def slowest(traces: Sequence[Trace], count: int) -> tuple[SlowRequest, ...]:
    """Return the *count* completed requests with the longest response times, the longest first."""
    found = [
        one
        for replication, trace in enumerate(traces, start=1)
        for one in _of_trace(trace.requests, replication, count)
    ]
    return tuple(sorted(found, key=lambda one: one.response_s, reverse=True)[:count])


def _of_trace(trace: Trace, replication: int, count: int) -> list[SlowRequest]:
    done = np.flatnonzero(trace.status == Status.COMPLETED)
    response = trace.finish_ns[done] - trace.arrival_ns[done]
    first = max(len(done) - count, 0)
    rows = done[np.argpartition(response, first)[first:]] if first else done
    return [_row(trace, replication, int(row)) for row in rows]


def _row(trace: Trace, replication: int, row: int) -> SlowRequest:
    return SlowRequest(
        replication=replication,
        request=int(trace.request[row]),
        kind=trace.classes[int(trace.class_id[row])],
        response_s=int(trace.finish_ns[row] - trace.arrival_ns[row]) / SECOND,
        spent_s={name: int(c[row]) / SECOND for name, c in components(trace).items()},
    )
