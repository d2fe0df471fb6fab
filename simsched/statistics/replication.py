"""One replication of one server, reduced to what its summary is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from simsched.engine.deadlock import Deadlock
from simsched.engine.trace import Status, Trace
from simsched.errors import SimschedError
from simsched.statistics import completion_order
from simsched.statistics.observation import Asked, Observation, observe
from simsched.statistics.presence import left
from simsched.statistics.warmup import Cut
from simsched.statistics.window import Span, Window
from simsched.workload.arrays import Int64s, total

LONGEST_ORDER = 100
"""The order of completion is reported for at most this many requests."""


@dataclass(frozen=True, eq=False)
class Replication:
    """What happened in one replication, without its requests.

    Attributes:
        cut: where its warm-up ends.
        end_ns: when it ended.
        attempts: how many attempts at requests there were.
        statuses: how many requests ended in each status, the last attempt deciding.
        every: what all requests after the warm-up show.
        classes: what those of each class show, by name; empty where there is one class.
        streams: what those of each stream show, by name; empty where there is one stream.
        completion_order: the numbers of the requests as they were answered, where they are few.
        deadlock: who waited for each other at its end.
        engine: what simulated it; None where it was read from files.
    """

    cut: Cut
    end_ns: int
    attempts: int
    statuses: Mapping[Status, int]
    every: Observation
    classes: Mapping[str, Observation]
    completion_order: tuple[int, ...] | None
    deadlock: Deadlock | None
    engine: str | None
    streams: Mapping[str, Observation] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """How many requests there were."""
        return sum(self.statuses.values())

    @property
    def points(self) -> int:
        """How many response times are held."""
        return 0 if self.every.responses.points is None else self.every.responses.count

    def without_points(self) -> Replication:
        """Return the same with quantiles in place of the response times they are of."""
        classes, streams = (
            {name: one.without_points() for name, one in each.items()}
            for each in (self.classes, self.streams)
        )
        every = self.every.without_points()
        return replace(self, every=every, classes=classes, streams=streams)


def reduce(
    trace: Trace, cut: Cut, asked: Asked, *, in_batches: bool = False, span: Span = "run"
) -> Replication:
    """Return *trace*, observed from the end of its warm-up on, without its requests.

    Throughput counts the completions after the *cut*, over the *span* that is given; response times
    are of completed requests that arrived after it. Where one run stands for many it is observed
    *in_batches*, too.

    Raises:
        LittlesLawError: the trace contradicts itself.
    """
    # First of all: no figure of a trace that contradicts itself is worth anything.
    check_littles_law(trace)
    window = Window(trace, cut.time_ns, span=span)
    # A single class has the figures of all requests.
    names = trace.classes if len(trace.classes) > 1 else ()
    streams = trace.streams if len(trace.streams) > 1 else ()
    return Replication(
        cut=replace(cut, requests=int(np.searchsorted(trace.arrival_ns, cut.time_ns))),
        end_ns=trace.end_ns,
        attempts=len(trace),
        statuses=_statuses(trace),
        every=observe(window, asked, in_batches=in_batches),
        classes={
            name: observe(window.of_class(position), asked, in_batches=in_batches)
            for position, name in enumerate(names)
        },
        streams={
            name: observe(window.of_stream(position), asked, in_batches=in_batches)
            for position, name in enumerate(streams)
        },
        completion_order=_completion_order(trace),
        deadlock=trace.deadlock,
        engine=trace.engine,
    )


def _statuses(trace: Trace) -> dict[Status, int]:
    counts = np.bincount(trace.requests.status, minlength=len(Status))
    return {status: int(counts[status]) for status in Status}


def _completion_order(trace: Trace) -> tuple[int, ...] | None:
    requests = trace.requests
    if len(requests) > LONGEST_ORDER:
        return None
    completed = requests.status == Status.COMPLETED
    answered = completion_order.completion_order(requests.finish_ns[completed])
    return tuple(requests.request[completed][answered].tolist())


class LittlesLawError(SimschedError):
    """A trace breaks Little's law: an internal error."""


def check_littles_law(trace: Trace) -> None:
    """Check, in whole nanoseconds, that the number in the system integrates to the times in it.

    On a finished sample path that is an identity, not a statistic (Stidham, Operations Research 22,
    1974): a trace that breaks it has lost or invented time, and no figure of it can be trusted.

    What branches do side by side adds up to more than the time in the system; it is never less.

    Raises:
        LittlesLawError: the two sides differ; the message gives both.
    """
    area, total = area_ns(trace), time_in_system_ns(trace)
    if total < area or (total > area and not trace.concurrent):
        raise LittlesLawError(
            "internal error: a trace breaks Little's law: the number in the system integrates to "
            f"{area} ns, but requests spent {total} ns in it; "
            "please report it with the scenario and its seed"
        )


def area_ns(trace: Trace) -> int:
    """Return the integral of the number in the system, from arrival and finish times alone.

    Each request adds the time from its arrival to its end.
    """
    return sum(total(left(block) - block.arrival_ns) for block in trace.blocks())


def time_in_system_ns(trace: Trace) -> int:
    """Return the sum over requests of what they spent their time on."""
    return sum(total(column) for block in trace.blocks() for column in _spent(block))


def _spent(trace: Trace) -> tuple[Int64s, ...]:
    return trace.queue_ns, trace.cpu_ns, trace.cpu_wait_ns, trace.io_ns, trace.io_wait_ns
