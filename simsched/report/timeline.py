"""The lecture's picture as data: what each request did of those whose timelines are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simsched.engine.trace import MISSING, Trace
from simsched.experiment.result import Result
from simsched.report.lanes import Lane, lanes
from simsched.statistics.presence import left
from simsched.statistics.slowest import slowest
from simsched.workload.columns import Int64s

FEW = 40
"""So many requests fit in one picture."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Every server's lanes between two instants that hold them all."""

    lanes: Mapping[str, tuple[Lane, ...]]
    start_ns: int
    finish_ns: int


def timeline(result: Result, most: int, skip: int = 0) -> Timeline:
    """Return *most* requests of the first replication on every server, after *skip* of them."""
    shown = {
        server: tuple(lanes(traces[0], _rows(traces[0], most, skip)))
        for server, traces in result.traces.items()
    }
    return between(shown)


def slow(result: Result, rows: Mapping[str, Int64s]) -> Timeline:
    """Return the requests in those *rows* of every server.

    Their times count from their arrivals, which may be far apart.
    """
    shown = {
        server: tuple(lane.since_arrival() for lane in lanes(result.traces[server][0], chosen))
        for server, chosen in rows.items()
    }
    return between(shown)


def slow_rows(trace: Trace) -> Int64s:
    """Return the rows of the slowest requests whose timelines are stored, the slowest first."""
    rows = slowest(trace)
    return rows[np.isin(trace.requests.request[rows], trace.segments.request)]


def longest_ns(result: Result, count: int) -> Int64s:
    """Return (count,) how long each of the first requests took on the server that took longest."""
    longest = np.zeros(count, dtype=np.int64)
    for traces in result.traces.values():
        last = traces[0].requests
        ended = np.where(last.finish_ns == MISSING, last.end_ns, last.finish_ns)
        found = (ended - last.arrival_ns)[:count]
        longest[: len(found)] = np.maximum(longest[: len(found)], found)
    return longest


def _rows(trace: Trace, most: int, skip: int) -> Int64s:
    return np.arange(skip, min(skip + most, len(trace.requests)))


def between(shown: Mapping[str, tuple[Lane, ...]]) -> Timeline:
    """Return the timeline of those lanes."""
    every = [lane for found in shown.values() for lane in found]
    start = min((lane.arrival_ns for lane in every), default=0)
    finish = max((lane.last_ns for lane in every), default=0)
    return Timeline(shown, start, max(finish, start + 1))


def stored(result: Result) -> int:
    """Return how many of the first requests have a timeline, on the server that has most.

    A request that was refused has no segments; in a run of :data:`FEW` it is counted all the same.
    """
    return max((stored_of(traces[0]) for traces in result.traces.values()), default=0)


def stored_of(trace: Trace) -> int:
    """Return how many of the first requests of *trace* have a timeline: all up to one that has not.

    Who was refused on arrival has nothing to tell.
    """
    requests = trace.requests
    if len(requests) <= FEW or not len(trace.segments.request):
        return min(len(requests), FEW)
    told = np.zeros(int(trace.request.max()) + 1, dtype=np.bool_)
    told[trace.segments.request] = True
    missing = trace.request[~told[trace.request] & (left(trace) > trace.arrival_ns)]
    first = missing.min(initial=int(trace.request.max()) + 1)
    return int(np.searchsorted(requests.request, first))
