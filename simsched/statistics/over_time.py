"""What a run looked like over time, from the trace and not from samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from simsched.engine.trace import Status, Trace
from simsched.statistics import computing
from simsched.statistics.presence import (
    holders,
    in_queue,
    in_system,
    interval_of,
    left,
    mean_count,
    waiters,
)
from simsched.units import SECOND
from simsched.workload.columns import Floats, Int64s

INTERVALS = 120
"""Into how many intervals a run is divided."""


@dataclass(frozen=True, eq=False)
class Use:
    """How much of a resource is in use in consecutive intervals.

    Attributes:
        capacity: how many slots it has.
        in_use: (b,) mean number of slots in use.
        waiting: (b,) mean number of those who wait for one.
    """

    capacity: int
    in_use: Floats
    waiting: Floats


@dataclass(frozen=True, eq=False)
class OverTime:
    """Figures of one replication in consecutive intervals of equal length.

    Attributes:
        edges_s: (b + 1,) where the intervals begin and end, in seconds.
        in_system: (b,) mean number of requests in the system.
        queue_length: (b,) mean number of attempts that wait for a first worker.
        throughput_per_s: (b,) requests per second that were answered.
        failures_per_s: (b,) requests per second that ended without an answer.
        attempts_per_s: (b,) attempts per second that were sent.
        cpu_share: (b,) the share of the cores' time that was computed (see
            :mod:`simsched.statistics.computing`).
        cpu_wait_s: (b,) mean wait for the CPU of the requests answered in the interval (loop lag);
            NaN where none was.
        resources: the use of each resource, by its name.
    """

    edges_s: Floats
    in_system: Floats
    queue_length: Floats
    throughput_per_s: Floats
    failures_per_s: Floats
    attempts_per_s: Floats
    cpu_share: Floats
    cpu_wait_s: Floats
    resources: Mapping[str, Use] = field(default_factory=dict)


def over_time(trace: Trace, intervals: int = INTERVALS) -> OverTime | None:
    """Return *trace* in that many intervals from 0 to its end; None for a run of no length."""
    if trace.end_ns <= 0:
        return None
    edges = np.linspace(0, trace.end_ns, intervals + 1)
    length_s = trace.end_ns / intervals / SECOND
    done = trace.status == Status.COMPLETED
    answered = interval_of(trace.finish_ns[done], edges)
    completions = np.bincount(answered, minlength=intervals)
    waited = np.bincount(answered, weights=trace.cpu_wait_ns[done], minlength=intervals) / SECOND
    with np.errstate(invalid="ignore", divide="ignore"):
        return OverTime(
            edges_s=edges / SECOND,
            in_system=mean_count(*in_system(trace), edges),
            queue_length=mean_count(*in_queue(trace), edges),
            throughput_per_s=completions / length_s,
            failures_per_s=_count(_lost_ns(trace.requests), edges) / length_s,
            attempts_per_s=_count(trace.arrival_ns, edges) / length_s,
            cpu_share=computing.share(trace, edges),
            cpu_wait_s=waited / completions,
            resources=_uses(trace, edges),
        )


def _lost_ns(requests: Trace) -> Int64s:
    """Return when each of the *requests* ended that did so without an answer."""
    return left(requests)[~np.isin(requests.status, (Status.COMPLETED, Status.UNFINISHED))]


def _count(instants_ns: Int64s, edges_ns: Floats) -> Int64s:
    """Return (b,) how many of the instants are in each interval."""
    return np.bincount(interval_of(instants_ns, edges_ns), minlength=len(edges_ns) - 1)


def _uses(trace: Trace, edges_ns: Floats) -> dict[str, Use]:
    return {
        one.name: Use(
            one.slots(trace.workers),
            in_use=mean_count(*holders(trace, position), edges_ns),
            waiting=mean_count(*waiters(trace, position), edges_ns),
        )
        for position, one in enumerate(trace.resources)
    }
