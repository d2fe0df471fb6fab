"""What a run looked like over time, from the trace and not from samples.

A trace says how long an attempt computed while it was served, and for how long after its client had
given up, but not when. Its CPU time is spread evenly over each of the two, as it is where a warm-up
ends within a service (:meth:`simsched.statistics.window.Window.cpu_s`). Where that comes to more
than the cores can do in an interval, the rest is done as soon as there is room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from simsched.engine.trace import Activity, Status, Trace
from simsched.statistics.presence import (
    Stays,
    holders,
    in_queue,
    in_system,
    interval_of,
    left,
    mean_count,
    spread_cpu,
    up_to,
    waiters,
)
from simsched.statistics.window import taken
from simsched.units import SECOND
from simsched.workload.arrays import Floats, Int64s, total

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
        cpu_share: (b,) the share of the cores' time that was computed (see above).
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
    # Equal lengths let the interval of an instant be computed, without a search.
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
            cpu_share=busy_share(trace, edges),
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


def busy_share(trace: Trace, edges_ns: Floats) -> Floats:
    """Return (b,) the share of the cores' time computed in each of the intervals of equal length.

    They begin and end at *edges_ns*, (b + 1,), from 0 to the end of the run.
    """
    none = np.zeros(len(edges_ns))
    spent = sum((_spent_up_to(block, edges_ns) for block in trace.blocks()), start=none)
    room = trace.cores * (edges_ns - edges_ns[0])
    shares: Floats = np.clip(np.diff(_within(spent, room)) / np.diff(room), 0.0, 1.0)
    return shares


def stretches(trace: Trace) -> Stays | None:
    """Return when each stretch of computing began and ended; None where not all are stored."""
    segments = trace.segments
    computed = segments.activity == Activity.CPU
    since, until = segments.start_ns[computed], segments.finish_ns[computed]
    late = 0 if trace.late_cpu_ns is None else total(trace.late_cpu_ns)
    return (since, until) if total(until - since) == total(trace.cpu_ns) + late else None


def _spent_up_to(trace: Trace, edges_ns: Floats) -> Floats:
    """Return (b + 1,) the CPU time of the rows of *trace* up to each of *edges_ns*."""
    none = np.zeros(len(edges_ns))
    return sum((_up_to(*each, edges_ns) for each in spread_cpu(trace)), start=none)


def _up_to(spent_ns: Int64s, since_ns: Int64s, until_ns: Int64s, edges_ns: Floats) -> Floats:
    some = spent_ns > 0
    spent, since, until = (taken(each, some) for each in (spent_ns, since_ns, until_ns))
    density = spent / np.maximum(until - since, 1)
    return up_to(since, edges_ns, density) - up_to(until, edges_ns, density)


def _within(spent: Floats, room: Floats) -> Floats:
    """Return *spent*, a sum over time, held to a growth of no more than that of *room*.

    What is too much is spent later, and what would then be left over at the end, earlier.
    """
    # Spread evenly, work may exceed what the cores can do in an interval; the excess waits.
    later = np.minimum.accumulate(spent - room) + room
    held: Floats = np.maximum(later, spent[-1] - (room[-1] - room))
    return held
