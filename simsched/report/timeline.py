"""The requests of a timeline as data, and its time axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np

from simsched.engine.deadlock import Wait
from simsched.engine.trace import MISSING, Activity, Status, Trace
from simsched.experiment.result import Result
from simsched.report.lanes import Lane, Stretch, lanes
from simsched.statistics.moments import Moment, around, span
from simsched.statistics.presence import Work, in_service, left
from simsched.statistics.time_spent import lasted, slowest
from simsched.workload.arrays import Bools
from simsched.workload.columns import Int64s

_UNITS = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"), (1, "ns"))


@dataclass(frozen=True, slots=True)
class Axis:
    """Ticks ``step_ns`` apart, labelled in ``unit``, from ``start_ns`` to ``finish_ns``."""

    start_ns: int
    finish_ns: int
    step_ns: int
    unit_ns: int
    unit: str

    def ticks(self) -> tuple[int, ...]:
        """Return the instants of the ticks."""
        first = -(-self.start_ns // self.step_ns) * self.step_ns
        return tuple(range(first, self.finish_ns + 1, self.step_ns))

    def label(self, instant_ns: int) -> str:
        """Return what stands at a tick."""
        step = f"{Decimal(self.step_ns) / self.unit_ns:.9f}".rstrip("0")
        return f"{Decimal(instant_ns) / self.unit_ns:.{len(step.partition('.')[2])}f}"


def axis(start_ns: int, finish_ns: int, most_ticks: int) -> Axis:
    """Return an axis of at most *most_ticks* steps, each 1, 2 or 5 times a power of ten."""
    span = max(finish_ns - start_ns, 1)
    least = max(span / max(most_ticks, 1), 1)
    power = 10 ** (len(str(int(least))) - 1)
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)
    unit_ns, unit = next(
        ((size, name) for size, name in _UNITS if finish_ns >= 2 * size), _UNITS[-1]
    )
    return Axis(start_ns, finish_ns, step, unit_ns, unit)


Waits = Mapping[tuple[str, int], Wait]
"""What requests wait for without end, by server and request."""

_WIDTH_OF_WAITS = 5
"""Such a wait is drawn as long as one part in so many of what comes before."""

FEW = 40
"""So many requests fit in one picture."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Every server's lanes, and the instants at which the picture begins and ends.

    ``at_ns`` is the moment that it is of, if it is of one; ``waits`` are what its requests wait for
    that are in a deadlock.
    """

    lanes: Mapping[str, tuple[Lane, ...]]
    start_ns: int
    finish_ns: int
    at_ns: int | None = None
    waits: Waits = field(default_factory=dict)

    @property
    def until_ns(self) -> int:
        """Where it ends with room for the waits that do not."""
        return lengthened(self.finish_ns, self.start_ns, self.waits)

    def stretches(self, server: str, lane: Lane) -> tuple[Stretch, ...]:
        """Return the stretches of a lane of *server*, with the last wait of one in a deadlock."""
        if (server, lane.request) not in self.waits or lane.last_ns >= self.until_ns:
            return lane.stretches
        attempt = max(len(lane.attempts), 1)
        last = Stretch(Activity.IO_WAIT, lane.last_ns, self.until_ns, attempt=attempt)
        return (*lane.stretches, last)


def timeline(result: Result, most: int, skip: int = 0) -> Timeline:
    """Return *most* requests of the first replication on every server, after *skip* of them."""
    shown = {
        server: tuple(lanes(traces[0], _rows(traces[0], most, skip)))
        for server, traces in result.traces.items()
    }
    return _with_waits(result, between(shown))


def slow(result: Result, rows: Mapping[str, Int64s]) -> Timeline:
    """Return the requests in those *rows* of every server.

    Their times count from their arrivals, which may be far apart.
    """
    shown = {
        server: tuple(lane.since_arrival() for lane in lanes(result.traces[server][0], chosen))
        for server, chosen in rows.items()
    }
    return _with_waits(result, between(shown))


def of_moment(result: Result, moment: Moment, most: int) -> Timeline | None:
    """Return *most* requests of every server around a moment; None if not all are stored."""
    rows = {name: around(traces[0], moment.at_ns, most) for name, traces in result.traces.items()}
    shown = {name: result.traces[name][0] for name in rows}
    if not all(_are_stored(trace, rows[name]).all() for name, trace in shown.items()):
        return None
    start_ns, finish_ns = span(shown, moment.at_ns)
    found = {name: tuple(lanes(trace, rows[name])) for name, trace in shown.items()}
    end_ns = max(finish_ns, moment.until_ns, start_ns + 1)
    return _with_waits(result, Timeline(found, start_ns, end_ns, moment.at_ns))


def _with_waits(result: Result, shown: Timeline) -> Timeline:
    """Return *shown* with what its requests wait for that never end, being in a deadlock."""
    is_open = {
        (server, lane.request)
        for server, found in shown.lanes.items()
        for lane in found
        if lane.status is Status.UNFINISHED
    }
    waits = {
        (server, wait.request): wait
        for server, (trace, *_) in result.traces.items()
        if trace.deadlock is not None
        for wait in trace.deadlock.waits
        if (server, wait.request) in is_open
    }
    return replace(shown, waits=waits)


def lengthened(until_ns: int, start_ns: int, waits: Waits) -> int:
    """Return where a view that ends at *until_ns* ends with room for *waits*, if there are any."""
    return until_ns + (until_ns - start_ns) // _WIDTH_OF_WAITS if waits else until_ns


def slow_rows(trace: Trace) -> Int64s:
    """Return the rows of the slowest requests whose timelines are stored, the slowest first.

    A request that arrived as the run ended, or was refused on arrival, has an empty timeline.
    """
    rows = slowest(trace)
    return rows[_are_stored(trace, rows)]


def _are_stored(trace: Trace, rows: Int64s) -> Bools:
    is_stored = np.isin(trace.requests.request[rows], trace.segments.request)
    found: Bools = is_stored | (lasted(trace)[rows] == 0)
    return found


def _rows(trace: Trace, most: int, skip: int) -> Int64s:
    return np.arange(skip, min(skip + most, len(trace.requests)))


def between(shown: Mapping[str, tuple[Lane, ...]]) -> Timeline:
    """Return the timeline of those lanes."""
    every = [lane for found in shown.values() for lane in found]
    start = min((lane.arrival_ns for lane in every), default=0)
    finish = max((lane.last_ns for lane in every), default=0)
    # An axis of no length would divide by zero.
    return Timeline(shown, start, max(finish, start + 1))


def stored(result: Result) -> int:
    """Return how many of the first requests have a timeline, on the server with most.

    A request that was refused has no segments; in a run of :data:`FEW` it is counted all the same.
    """
    return max((stored_of(traces[0]) for traces in result.traces.values()), default=0)


def stored_of(trace: Trace) -> int:
    """Return how many requests of *trace* have a timeline before the first one without.

    A request that was refused on arrival has nothing to show.
    """
    requests = trace.requests
    if len(requests) <= FEW or not len(trace.segments.request):
        return min(len(requests), FEW)
    has_segments = np.zeros(int(trace.request.max()) + 1, dtype=np.bool_)
    has_segments[trace.segments.request] = True
    missing = trace.request[~has_segments[trace.request] & (left(trace) > trace.arrival_ns)]
    first = missing.min(initial=int(trace.request.max()) + 1)
    return int(np.searchsorted(requests.request, first))


def complete_until(
    traces: Iterable[Trace], since_ns: int = 0, work: Work | None = None
) -> int | None:
    """Return until when the stretches of all requests are stored; None where that is to the end.

    All that are there from *since_ns* on count. Of a later time than 0, *work* is what requests may
    ask for: what may last for longer than any column says is taken to be there.
    """
    ends = [end for each in traces if (end := _first_without(each, since_ns, work)) is not None]
    return min(ends, default=None)


def _first_without(trace: Trace, since_ns: int, work: Work | None) -> int | None:
    """Return when the first attempt is there whose stretches are not stored."""
    stored = np.isin(trace.request, trace.segments.request)
    lasts = (trace.finish_ns == MISSING) | (trace.finish_ns > trace.arrival_ns)
    if trace.late_until_ns is not None:
        lasts |= trace.late_until_ns > trace.arrival_ns
    if work is not None and work.responds:  # what is answered at once may go on
        lasts |= trace.status == Status.COMPLETED
    missing = ~stored & lasts & (trace.arrival_ns < trace.end_ns)
    if work is not None and not work.outlasts(trace):
        missing &= in_service(trace, since_ns, trace.end_ns)
    arrivals = trace.arrival_ns[missing]
    return max(int(arrivals.min()), since_ns) if len(arrivals) else None
