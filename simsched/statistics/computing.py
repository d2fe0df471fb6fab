"""How busy the CPU was over time, by whatever it computed: for clients that had given up, too.

A trace tells how long an attempt computed while it was served, and for how long after its client
had given up, but not when. Its CPU time is spread evenly over each of the two, as it is where a
warm-up ends within a service (:meth:`simsched.statistics.window.Window.cpu_s`). Where that comes to
more than the cores can do in an interval, the rest is done as soon as there is room.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simsched.engine.trace import Activity, Trace
from simsched.statistics.presence import Stays, served, up_to
from simsched.workload.arrays import Floats, Int64s, total


def share(trace: Trace, edges_ns: Floats) -> Floats:
    """Return (b,) the share of the cores' time computed in each of the intervals of equal length.

    They begin and end at *edges_ns*, (b + 1,), from 0 to the end of the run.
    """
    none = np.zeros(len(edges_ns))
    spent = sum((_spent_up_to(block, edges_ns) for block in trace.blocks()), start=none)
    room = trace.cores * (edges_ns - edges_ns[0])
    shares: Floats = np.clip(np.diff(_within(spent, room)) / np.diff(room), 0.0, 1.0)
    return shares


def spread(trace: Trace) -> Iterator[tuple[Int64s, Int64s, Int64s]]:
    """Yield (n,) CPU times of each attempt, each with when what it is spread over begins and ends.

    They are what was computed while it was served, and after its client had given up, if anybody
    may.
    """
    start, finish = served(trace)
    yield trace.cpu_ns, start, finish
    if trace.late_cpu_ns is not None and trace.late_until_ns is not None:
        yield trace.late_cpu_ns, np.maximum(start, finish), trace.late_until_ns


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
    return sum((_up_to(*each, edges_ns) for each in spread(trace)), start=none)


def _up_to(spent_ns: Int64s, since_ns: Int64s, until_ns: Int64s, edges_ns: Floats) -> Floats:
    some = spent_ns > 0
    since, until = since_ns[some], until_ns[some]
    density = spent_ns[some] / np.maximum(until - since, 1)
    return up_to(since, edges_ns, density) - up_to(until, edges_ns, density)


def _within(spent: Floats, room: Floats) -> Floats:
    """Return *spent*, a sum over time, held to a growth of no more than that of *room*.

    What is too much is spent later, and what would then be left over at the end, earlier.
    """
    later = np.minimum.accumulate(spent - room) + room
    held: Floats = np.maximum(later, spent[-1] - (room[-1] - room))
    return held
