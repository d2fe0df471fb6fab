"""The panels of the first replication over time: a figure each, a line of steps a server."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simsched.engine.trace import Trace
from simsched.report.text import clean
from simsched.scenario.number_format import Kind, show_value
from simsched.statistics.over_time import INTERVALS, over_time, stretches
from simsched.statistics.presence import Stays, count_steps, holders, in_queue, in_system, waiters
from simsched.units import SECOND

Steps = tuple[Sequence[float], Sequence[float]]
"""Instants in seconds, and the value from each on."""

_PER_INTERVAL = 20
_FEWEST_INTERVALS = 10


@dataclass(frozen=True, slots=True)
class Subject:
    """What a panel is about.

    ``slots_of`` is the resource whose slots in use it shows; ``cores`` means that it shows the
    number of busy cores.
    """

    title: str
    kind: Kind = "count"
    slots_of: str | None = None
    cores: bool = False

    def limit(self, trace: Trace) -> int | None:
        """Return what cannot be passed; None where there is no such thing."""
        if self.cores:
            return trace.cores
        capacities = {one.name: one.slots(trace.workers) for one in trace.resources}
        return capacities.get(self.slots_of or "")


@dataclass(frozen=True, slots=True)
class Series:
    """Steps of one figure of one server: instants in seconds, and the value from each on.

    No value passes the ``limit``, where there is one. ``over_s`` is the time that each is the mean
    over; None where they are exact.
    """

    server: str
    position: int
    times_s: Sequence[float]
    values: Sequence[float]
    limit: int | None = None
    over_s: float | None = None

    @property
    def highest(self) -> float:
        """The highest of the values that there are."""
        return max((value for value in self.values if not math.isnan(value)), default=0.0)

    def shown(self, value: float | None, kind: Kind) -> str:
        """Return one of the values in words, with its limit if it has one."""
        text = show_value(value, kind)
        if self.limit is None or value is None:
            return text
        return f"{text} of {self.limit} ({show_value(value / self.limit, 'share')})"


@dataclass(frozen=True, slots=True)
class Panel:
    """One figure over time, with every server's steps."""

    subject: Subject
    series: tuple[Series, ...]

    @property
    def highest(self) -> float:
        """The highest value of any server."""
        return max(series.highest for series in self.series)

    @property
    def limit(self) -> int | None:
        """What no server can pass; None where there is no such thing, or each has its own."""
        limits = {series.limit for series in self.series}
        return limits.pop() if len(limits) == 1 else None

    @property
    def title(self) -> str:
        """What it shows."""
        return self.subject.title + (f" (of {self.limit})" if self.limit else "")


def panels_of(traces: Mapping[str, Trace]) -> tuple[Panel, ...]:
    """Return the panels of one trace of each server.

    Of runs with few requests they show every change; of others, means over equal intervals.
    """
    fitting = min(min(map(len, traces.values())) // _PER_INTERVAL, INTERVALS)
    intervals = fitting if fitting >= _FEWEST_INTERVALS else None
    again = any(len(trace) > len(trace.requests) for trace in traces.values())
    found = {
        server: dict(
            _changes(trace, again=again)
            if intervals is None
            else _means(trace, intervals, again=again)
        )
        for server, trace in traces.items()
    }
    subjects = dict.fromkeys(subject for steps in found.values() for subject in steps)
    return tuple(
        Panel(
            subject,
            tuple(
                Series(
                    server,
                    position,
                    *steps[subject],
                    limit=subject.limit(traces[server]),
                    over_s=intervals and traces[server].end_ns / SECOND / intervals,
                )
                for position, (server, steps) in enumerate(found.items())
                if subject in steps
            ),
        )
        for subject in subjects
    )


_IN_SYSTEM = Subject("requests in the system")
_SENT = Subject("attempts sent per second", "rate")
_COMPUTING = Subject("cores computing", cores=True)


def _in_queue(*, again: bool) -> Subject:
    """Return what waits for a worker: attempts, where clients try *again*."""
    return Subject(f"{'attempts' if again else 'requests'} in the server's queue")


def _in_use(resource: str) -> Subject:
    return Subject(f"{clean(resource)}: slots in use", slots_of=resource)


def _in_line(resource: str) -> Subject:
    return Subject(f"{clean(resource)}: waiting for a slot")


def _changes(trace: Trace, *, again: bool) -> Iterator[tuple[Subject, Steps]]:
    """Yield every change in the numbers of requests, of cores that compute and of slots."""
    after = trace.end_ns + 1  # whatever is there at the end leaves after it
    yield _IN_SYSTEM, _counted(trace, in_system(trace, after))
    yield _in_queue(again=again), _counted(trace, in_queue(trace, after))
    computed = stretches(trace)
    if computed is not None:
        yield _COMPUTING, _counted(trace, computed)
    for position, one in enumerate(trace.resources):
        yield _in_use(one.name), _counted(trace, holders(trace, position, after))
        yield _in_line(one.name), _counted(trace, waiters(trace, position, after))


def _counted(trace: Trace, stays: Stays) -> Steps:
    """Return the number of *stays* that last, from 0 to the end of the run."""
    times_s, counts = count_steps(*stays)
    end_s = trace.end_ns / SECOND
    times, numbers = times_s[times_s <= end_s].tolist(), counts[times_s <= end_s].tolist()
    if times[-1] < end_s:
        return [*times, end_s], [*numbers, numbers[-1]]
    return times, numbers


def _means(trace: Trace, intervals: int, *, again: bool) -> Iterator[tuple[Subject, Steps]]:
    """Yield what there was on average in each of the *intervals*."""
    run = over_time(trace, intervals)
    if run is None:
        return
    found = [
        (_IN_SYSTEM, run.in_system),
        (_in_queue(again=again), run.queue_length),
        *([(_SENT, run.attempts_per_s)] if again else []),
        (Subject("requests answered per second", "rate"), run.throughput_per_s),
        (Subject("requests not answered per second", "rate"), run.failures_per_s),
        (Subject("CPU utilisation", "share"), run.cpu_share),
        (Subject("mean wait for the CPU", "duration"), run.cpu_wait_s),
    ]
    for name, use in run.resources.items():
        found += [(_in_use(name), use.in_use), (_in_line(name), use.waiting)]
    times_s = run.edges_s.tolist()
    for subject, values in found:
        yield subject, (times_s, [*values.tolist(), float(values[-1])])
