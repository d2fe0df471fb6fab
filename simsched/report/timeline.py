"""The lecture's picture as data: what each of the first requests did, on one axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from simsched.engine.trace import MISSING, Activity, Status, Trace
from simsched.experiment.result import Result
from simsched.report.stretches import Stretch
from simsched.workload.columns import Int64s

FEW = 40
"""So many requests fit in one picture."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """When and how an attempt of a client ended; ``finish_ns`` is None where it never did."""

    status: Status
    finish_ns: int | None


@dataclass(frozen=True, slots=True)
class Lane:
    """One request of one server.

    Attributes:
        request: its number, in order of arrival from 1.
        kind: its request class.
        status: how it ended.
        arrival_ns: when it arrived.
        finish_ns: when it was answered, or ended otherwise; None where it never did.
        stretches: what all its attempts did, in order of time.
        attempts: how each attempt ended.
    """

    request: int
    kind: str
    status: Status
    arrival_ns: int
    finish_ns: int | None
    stretches: tuple[Stretch, ...]
    attempts: tuple[Attempt, ...] = ()

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
        server: tuple(lanes(traces[0], _rows(traces[0], most, skip)))
        for server, traces in result.traces.items()
    }
    return between(shown)


def slowest(result: Result, most: int, among: int) -> Timeline:
    """Return the *most* requests that took longest on any server, of the first *among* ones."""
    longest = longest_ns(result, among)
    rows = np.sort(np.argsort(-longest, kind="stable")[:most])
    shown = {
        server: tuple(lanes(traces[0], rows[rows < len(traces[0].requests)]))
        for server, traces in result.traces.items()
    }
    return between(shown)


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
    """Return how many of the first requests of *trace* have a timeline."""
    trace = trace.requests
    if len(trace) <= FEW or not len(trace.segments.request):
        return min(len(trace), FEW)
    return int(np.searchsorted(trace.request, trace.segments.request.max(), side="right"))


def lanes(trace: Trace, rows: Int64s) -> Iterator[Lane]:
    """Yield the requests at those *rows* of ``trace.requests`` as lanes."""
    last = trace.requests
    wanted = last.request[rows]
    stretches, attempts = _stretches(trace, wanted), _attempts(trace, wanted)
    for row in rows.tolist():
        number = int(last.request[row])
        yield Lane(
            request=number,
            kind=last.classes[int(last.class_id[row])],
            status=Status(int(last.status[row])),
            arrival_ns=int(last.arrival_ns[row]),
            finish_ns=_known(last.finish_ns[row]),
            stretches=tuple(stretches.get(number, ())),
            attempts=tuple(attempts[number]),
        )


def _known(instant_ns: np.int64) -> int | None:
    return None if instant_ns == MISSING else int(instant_ns)


def _attempts(trace: Trace, wanted: Int64s) -> dict[int, list[Attempt]]:
    """Return each wanted request's attempts in order."""
    found: dict[int, list[Attempt]] = {}
    for row in np.flatnonzero(np.isin(trace.request, wanted)).tolist():
        attempt = Attempt(Status(int(trace.status[row])), _known(trace.finish_ns[row]))
        found.setdefault(int(trace.request[row]), []).append(attempt)
    return found


def _stretches(trace: Trace, wanted: Int64s) -> dict[int, list[Stretch]]:
    """Return each wanted request's stretches in order of time."""
    found: dict[int, list[Stretch]] = {}
    for stretch in stretches_at(trace, np.flatnonzero(np.isin(trace.segments.request, wanted))):
        found.setdefault(stretch.request, []).append(stretch)
    return found


def stretches_at(trace: Trace, rows: Int64s) -> list[Stretch]:
    """Return the segments of *trace* at those *rows*, in order of time."""
    segments = trace.segments
    once = np.ones(len(segments.request), dtype=np.int32)
    attempts = once if segments.attempt is None else segments.attempt
    found = [
        Stretch(
            Activity(int(segments.activity[row])),
            int(segments.start_ns[row]),
            int(segments.finish_ns[row]),
            segments.label[row],
            int(segments.worker[row]),
            int(segments.request[row]),
            int(attempts[row]),
        )
        for row in rows.tolist()
    ]
    return sorted(found, key=lambda s: (s.start_ns, s.finish_ns))
