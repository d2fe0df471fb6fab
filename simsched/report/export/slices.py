"""Requests as slices on tracks on which nothing overlaps: their attempts and branches."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from simsched.engine.trace import Status, Trace
from simsched.report.lanes import Attempt, Lane, Stretch, lanes
from simsched.report.timeline import stored_of
from simsched.report.tracks import Track, tracks
from simsched.statistics.time_spent import slowest
from simsched.statistics.words import captions as words
from simsched.workload.arrays import Int64s


def sample(trace: Trace) -> Iterator[Lane]:
    """Yield the requests of *trace* that are shown, in order of arrival.

    A request whose timeline is not stored is shown as a whole.
    """
    for rows in _shown(trace):
        yield from lanes(trace, rows)


def count(trace: Trace) -> int:
    """Return how many requests of *trace* are shown."""
    return sum(map(len, _shown(trace)))


def _shown(trace: Trace) -> tuple[Int64s, Int64s]:
    # The same requests as on the page, so that what is seen there is found in the other tool.
    first = stored_of(trace)
    late = slowest(trace)
    return np.arange(first, dtype=np.int64), np.sort(late[late >= first])


@dataclass(frozen=True, slots=True)
class Slice:
    """A track with one slice, and the stretches within it.

    Attributes:
        track: the track's identifier, which no other of the server has.
        name: what the slice is called.
        start_ns: where it begins.
        finish_ns: where it ends; all within ends by then.
        about: what else there is to say of it.
        stretches: what is within, in order of time, none overlapping.
        marks: instants within it, by what happened.
    """

    track: str
    name: str
    start_ns: int
    finish_ns: int
    about: dict[str, str | int]
    stretches: tuple[Stretch, ...] = ()
    marks: dict[str, int] = field(default_factory=dict)


def slices(lane: Lane) -> Iterator[Slice]:
    """Yield the stay of a request, and what does not fit in it: attempts, and branches at once."""
    name, number = f"{lane.request} {lane.kind}", f"{lane.request}"
    about: dict[str, str | int] = {"class": lane.kind, "status": _lower(lane.status)}
    found = tracks(lane.stretches)
    several = len(lane.attempts) > 1
    own = () if several else _first(found)
    yield Slice(number, name, lane.arrival_ns, lane.last_ns, about, own)
    if not several:
        yield from _branches(number, name, found)
        return
    for position, attempt in enumerate(lane.attempts, start=1):
        lines = [track for track in found if track.attempt == position]
        title = f"{name}, attempt {position}"
        yield _attempt(f"{number}.{position}", title, position, attempt, lines)
        yield from _branches(f"{number}.{position}", title, lines)


def _attempt(track: str, name: str, number: int, attempt: Attempt, lines: Sequence[Track]) -> Slice:
    """Return an attempt, to the end of what the server did for it; when it was lost is a mark."""
    status, ended = _lower(attempt.status), attempt.finish_ns
    ends = [each.finish_ns for line in lines for each in line.stretches]
    lost = ended is not None and attempt.status is not Status.COMPLETED
    return Slice(
        track,
        name,
        attempt.arrival_ns,
        max([ended or attempt.arrival_ns, *ends]),
        {"attempt": number, "status": status},
        _first(lines),
        {status: ended} if lost and ended is not None else {},
    )


def _branches(track: str, name: str, lines: Sequence[Track]) -> Iterator[Slice]:
    """Yield what runs at once with the first of *lines*."""
    for number, line in enumerate(lines[1:], start=2):
        first, last = line.stretches[0], line.stretches[-1]
        yield Slice(
            f"{track}/{number}",
            f"{name}, branch {number}",
            first.start_ns,
            last.finish_ns,
            {"branch": number},
            line.stretches,
        )


@dataclass(frozen=True, slots=True)
class ShownCall:
    """A call of a service for a request that is shown.

    Attributes:
        number: its position among all calls.
        service: the position of the service.
        request: the request for which it was called,
        attempt: and the client's attempt at it.
        caller: the call during which it was called, by position; -1 where the server called.
        status: how it ended at the service.
        arrival_ns: when it came there; what has not happened does when the run ends.
        start_ns: when a worker took it.
        finish_ns: when the service was done with it.
    """

    number: int
    service: int
    request: int
    attempt: int
    caller: int
    status: Status
    arrival_ns: int
    start_ns: int
    finish_ns: int


def shown_calls(trace: Trace, requests: Container[int]) -> Iterator[ShownCall]:
    """Yield the calls for *requests*, in order of their number."""
    calls = trace.calls
    worked = zip(*calls.stays(trace.end_ns), strict=True)
    for number, (row, times) in enumerate(zip(calls.row, worked, strict=True)):
        request = int(trace.request[row])
        if request in requests:
            yield ShownCall(
                number,
                int(calls.service[number]),
                request,
                int(trace.attempt[row]),
                int(calls.caller[number]),
                Status(int(calls.status[number])),
                *map(int, times),
            )


def _first(lines: Sequence[Track]) -> tuple[Stretch, ...]:
    return lines[0].stretches if lines else ()


def _lower(status: Status) -> str:
    return status.name.lower()


def words_of(stretch: Stretch) -> str:
    """Return what is done in *stretch*, and in how many branches alike."""
    named = words.doing(stretch.activity, stretch.label, stretch.service)
    return f"{stretch.count} x {named}" if stretch.count > 1 else named
