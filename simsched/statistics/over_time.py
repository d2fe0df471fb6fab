"""What a run looked like over time, exactly, from the trace.

How many requests are somewhere is a step function: it rises when one comes and falls when one goes.
Its mean over an interval is its integral over the interval's length, and that is computed from the
steps themselves, never from samples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from simsched.engine.trace import MISSING, Status, Trace
from simsched.statistics.resource_use import holders, waiters
from simsched.units import SECOND
from simsched.workload.columns import Floats, Int64s

INTERVALS = 120
"""Into how many intervals a run is divided."""

_BLOCK = 1 << 15
"""How many instants are looked at together."""


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
        in_flight: (b,) mean number of requests in the system.
        queue_length: (b,) mean number waiting for a first worker.
        throughput_per_s: (b,) completions per second.
        failures_per_s: (b,) attempts per second that ended without an answer.
        cpu_share: (b,) CPU time of the requests completed in the interval, over what the cores
            have; it lags behind utilisation by the time that requests take.
        cpu_wait_s: (b,) mean wait for the CPU of the requests completed in the interval (loop lag);
            NaN where none was completed.
        resources: the use of each resource, by its name.
    """

    edges_s: Floats
    in_flight: Floats
    queue_length: Floats
    throughput_per_s: Floats
    failures_per_s: Floats
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
    at = _interval_of(trace.finish_ns[done], edges)
    completions = np.bincount(at, minlength=intervals)
    computed, waited = (
        np.bincount(at, weights=column[done], minlength=intervals) / SECOND
        for column in (trace.cpu_ns, trace.cpu_wait_ns)
    )
    gone = left(trace)
    failed = ~done & (trace.status != Status.UNFINISHED)
    failures = np.bincount(_interval_of(gone[failed], edges), minlength=intervals)
    with np.errstate(invalid="ignore", divide="ignore"):
        return OverTime(
            edges_s=edges / SECOND,
            in_flight=mean_count(trace.arrival_ns, gone, edges),
            queue_length=mean_count(trace.arrival_ns, trace.arrival_ns + trace.queue_ns, edges),
            throughput_per_s=completions / length_s,
            failures_per_s=failures / length_s,
            cpu_share=computed / (length_s * trace.cores),
            cpu_wait_s=waited / completions,
            resources=_uses(trace, edges),
        )


def _uses(trace: Trace, edges_ns: Floats) -> dict[str, Use]:
    return {
        one.name: Use(
            one.capacity,
            in_use=mean_count(*holders(trace, position), edges_ns),
            waiting=mean_count(*waiters(trace, position), edges_ns),
        )
        for position, one in enumerate(trace.resources)
    }


def count_steps(came_ns: Int64s, went_ns: Int64s) -> tuple[Floats, Int64s]:
    """Return when the number of those there changes, in seconds, and to what, from 0 on.

    Both arrays have a place for each instant at which any comes or goes, and one for time 0.
    """
    instants, place = np.unique(np.concatenate([[0], came_ns, went_ns]), return_inverse=True)
    signs = np.repeat([0, 1, -1], [1, len(came_ns), len(went_ns)])
    changes = np.bincount(place, weights=signs, minlength=len(instants))
    return instants / SECOND, np.cumsum(changes).astype(np.int64)


def left(trace: Trace) -> Int64s:
    """Return (n,) when each request left the system, answered or not.

    What a request did adds up to its stay, so a request without a finish has left when that is
    over.
    """
    if not np.any(trace.finish_ns == MISSING):
        return trace.finish_ns
    stay = trace.queue_ns + trace.cpu_ns + trace.cpu_wait_ns + trace.io_ns + trace.io_wait_ns
    return np.where(trace.finish_ns == MISSING, trace.arrival_ns + stay, trace.finish_ns)


def mean_count(came_ns: Int64s, went_ns: Int64s, edges_ns: Floats) -> Floats:
    """Return (b,) how many are there on average in each of the intervals between *edges_ns*.

    These are of equal length.

    Up to a time t they have been there for the sum of min(went, t) - min(came, t); the mean over an
    interval is the difference of these sums at its ends, over its length.
    """
    spent = _up_to(came_ns, edges_ns) - _up_to(went_ns, edges_ns)
    return np.maximum(np.diff(spent), 0.0) / np.diff(edges_ns)


def _up_to(instants_ns: Int64s, edges_ns: Floats) -> Floats:
    """Return (b + 1,) for each edge t the sum over instants of max(0, t - instant)."""
    places = len(edges_ns) + 1  # the last one is beyond the edges
    counts, sums = np.zeros(places), np.zeros(places)
    for start in range(0, len(instants_ns), _BLOCK):
        block = instants_ns[start : start + _BLOCK]
        reached = np.clip(_floor(block, edges_ns) + 1, 0, places - 1)  # the first edge after each
        counts += np.bincount(reached, minlength=places)
        sums += np.bincount(reached, weights=block, minlength=places)
    passed: Floats = np.cumsum(counts)[:-1] * edges_ns - np.cumsum(sums)[:-1]
    return passed


def _interval_of(instants_ns: Int64s, edges_ns: Floats) -> Int64s:
    """Return (n,) the interval of each instant; the last interval holds its end."""
    last = len(edges_ns) - 2
    found = np.clip(_floor(instants_ns, edges_ns), 0, last)
    found -= (edges_ns[found] > instants_ns) & (found > 0)  # where the division rounded
    found += (edges_ns[found + 1] <= instants_ns) & (found < last)
    return found


def _floor(instants_ns: Int64s, edges_ns: Floats) -> Int64s:
    """Return (n,) how many whole intervals of equal length lie before each; negative before all."""
    per_ns = (len(edges_ns) - 1) / (edges_ns[-1] - edges_ns[0])
    whole: Int64s = np.floor((instants_ns - edges_ns[0]) * per_ns).astype(np.int64)
    return whole
