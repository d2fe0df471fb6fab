"""The lecture's picture as data: what each of the first requests did, on one axis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from simsched.engine.trace import MISSING, Activity, Status, Trace
from simsched.experiment.result import Result
from simsched.workload.columns import Int64s

_PRECEDENCE = (
    Activity.CPU,
    Activity.IO,
    Activity.IO_WAIT,
    Activity.CPU_WAIT,
    Activity.QUEUE,
)


FEW = 40
"""So many requests fit in one picture."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One activity of one request between two instants; ``worker`` is -1 in the queue."""

    activity: Activity
    start_ns: int
    finish_ns: int
    label: str = ""
    worker: int = -1

    @property
    def length_ns(self) -> int:
        """How long it took."""
        return self.finish_ns - self.start_ns


@dataclass(frozen=True, slots=True)
class Lane:
    """One request of one server.

    Attributes:
        request: its number, in order of arrival from 1.
        kind: its request class.
        status: how it ended.
        arrival_ns: when it arrived.
        finish_ns: when it was answered, or ended otherwise; None where it never did.
        stretches: what it did, in order of time, and all its attempts did.
    """

    request: int
    kind: str
    status: Status
    arrival_ns: int
    finish_ns: int | None
    stretches: tuple[Stretch, ...]

    @property
    def response_ns(self) -> int | None:
        """Finish minus arrival; None where it never ended."""
        return None if self.finish_ns is None else self.finish_ns - self.arrival_ns

    @property
    def last_ns(self) -> int:
        """The last instant that the lane has something to show for."""
        ends = [stretch.finish_ns for stretch in self.stretches]
        return max([self.finish_ns or self.arrival_ns, *ends])


@dataclass(frozen=True, slots=True)
class Timeline:
    """Every server's lanes between two instants that hold them all."""

    lanes: Mapping[str, tuple[Lane, ...]]
    start_ns: int
    finish_ns: int


def timeline(result: Result, most: int, skip: int = 0) -> Timeline:
    """Return *most* requests of the first replication on every server, after *skip* of them."""
    shown = {
        server: tuple(lanes(shown, np.arange(skip, min(skip + most, len(shown)))))
        for server, traces in result.traces.items()
        for shown in (traces[0].requests,)
    }
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
    """Return how many of the first requests of *trace* have a timeline."""
    trace = trace.requests
    if len(trace) <= FEW or not len(trace.segments.request):
        return min(len(trace), FEW)
    return int(np.searchsorted(trace.request, trace.segments.request.max(), side="right"))


def flatten(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return *stretches* without overlaps: of branches that run at once, the one that computes."""
    given = tuple(stretches)
    if all(a.finish_ns <= b.start_ns for a, b in pairwise(given)):
        return given
    edges = sorted({edge for s in given for edge in (s.start_ns, s.finish_ns)})
    pieces = (_foremost(given, *pair) for pair in pairwise(edges))
    return tuple(piece for piece in pieces if piece is not None)


def _foremost(given: tuple[Stretch, ...], start: int, finish: int) -> Stretch | None:
    """Return the piece of the most telling stretch that covers *start* to *finish*."""
    there = [s for s in given if s.start_ns <= start and finish <= s.finish_ns]
    if not there:
        return None
    best = min(there, key=lambda s: _PRECEDENCE.index(s.activity))
    return Stretch(best.activity, start, finish, best.label, best.worker)


def lanes(trace: Trace, rows: Int64s) -> Iterator[Lane]:
    """Yield those *rows* of *trace* as lanes."""
    stretches = _stretches(trace, trace.request[rows])
    for row in rows.tolist():
        number = int(trace.request[row])
        finish = int(trace.finish_ns[row])
        yield Lane(
            request=number,
            kind=trace.classes[int(trace.class_id[row])],
            status=Status(int(trace.status[row])),
            arrival_ns=int(trace.arrival_ns[row]),
            finish_ns=None if finish == MISSING else finish,
            stretches=tuple(stretches.get(number, ())),
        )


def _stretches(trace: Trace, wanted: Int64s) -> dict[int, list[Stretch]]:
    """Return each wanted request's stretches in order of time."""
    segments = trace.segments
    found: dict[int, list[Stretch]] = {}
    for row in np.flatnonzero(np.isin(segments.request, wanted)).tolist():
        stretch = Stretch(
            Activity(int(segments.activity[row])),
            int(segments.start_ns[row]),
            int(segments.finish_ns[row]),
            segments.label[row],
            int(segments.worker[row]),
        )
        found.setdefault(int(segments.request[row]), []).append(stretch)
    for told in found.values():
        told.sort(key=lambda s: (s.start_ns, s.finish_ns))
    return found
