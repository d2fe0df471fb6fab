"""Requests as lanes of a timeline: stretches of activity, attempts, branches at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np

from simsched.engine.trace import MISSING, Activity, Status, Trace
from simsched.workload.columns import Int64s


@dataclass(frozen=True, slots=True)
class Stretch:
    """One activity of one request between two instants.

    Attributes:
        activity: what the request does.
        start_ns: when it begins.
        finish_ns: when it ends.
        label: the label of its phase; "" without one.
        worker: the number of the worker, from 0; -1 in the queue.
        request: the number of the request, from 1.
        attempt: the number of the client's attempt, from 1.
        count: how many branches of the request do the same at the same time.
        service: the service that is called; "" if none is.
        stay_ns: how long the call whose answer ends it was in the queue of the service, and how
            long it was served; none if there is no answer.
    """

    activity: Activity
    start_ns: int
    finish_ns: int
    label: str = ""
    worker: int = -1
    request: int = 0
    attempt: int = 1
    count: int = 1
    service: str = ""
    stay_ns: tuple[int, int] | None = None

    @property
    def length_ns(self) -> int:
        """How long it took."""
        return self.finish_ns - self.start_ns


@dataclass(frozen=True, slots=True)
class Attempt:
    """When an attempt of a client began, how it ended, and when; None if it never did."""

    arrival_ns: int
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
        finish_ns: when it was answered, or ended otherwise; None if it never ended.
        stretches: the activities of all its attempts, in order of time.
        attempts: how each attempt ended.
        origin_ns: the instant from which all these times count; 0 is the start of the run.
    """

    request: int
    kind: str
    status: Status
    arrival_ns: int
    finish_ns: int | None
    stretches: tuple[Stretch, ...]
    attempts: tuple[Attempt, ...] = ()
    origin_ns: int = 0

    def since_arrival(self) -> Lane:
        """Return the same lane with times that count from the arrival."""
        by = self.arrival_ns
        return replace(
            self,
            arrival_ns=0,
            finish_ns=_earlier(self.finish_ns, by),
            stretches=tuple(
                replace(each, start_ns=each.start_ns - by, finish_ns=each.finish_ns - by)
                for each in self.stretches
            ),
            attempts=tuple(
                replace(
                    each, arrival_ns=each.arrival_ns - by, finish_ns=_earlier(each.finish_ns, by)
                )
                for each in self.attempts
            ),
            origin_ns=self.origin_ns + by,
        )

    @property
    def response_ns(self) -> int | None:
        """Finish minus arrival; None where it never ended."""
        return None if self.finish_ns is None else self.finish_ns - self.arrival_ns

    @property
    def last_ns(self) -> int:
        """The end of its last stretch, or of the request."""
        ends = [stretch.finish_ns for stretch in self.stretches]
        return max([self.finish_ns or self.arrival_ns, *ends])


def _earlier(instant_ns: int | None, by_ns: int) -> int | None:
    return None if instant_ns is None else instant_ns - by_ns


def lanes(trace: Trace, rows: Int64s) -> Iterator[Lane]:
    """Yield the requests at those *rows* of ``trace.requests`` as lanes."""
    last = trace.requests
    wanted = last.request[rows]
    # Where each request has one attempt, that has its row.
    all_rows = rows if last is trace else np.flatnonzero(np.isin(trace.request, wanted))
    stretches, attempts = _stretches(trace, wanted), _attempts(trace, all_rows)
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


def _attempts(trace: Trace, rows: Int64s) -> dict[int, list[Attempt]]:
    """Return the attempts at those *rows*, which are in order, by request."""
    found: dict[int, list[Attempt]] = {}
    for row in rows.tolist():
        attempt = Attempt(
            int(trace.arrival_ns[row]), Status(int(trace.status[row])), _known(trace.finish_ns[row])
        )
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
    attempts = segments.attempts()
    stays = _stays(trace, segments.request[rows])
    found = [
        Stretch(
            Activity(int(segments.activity[row])),
            int(segments.start_ns[row]),
            int(segments.finish_ns[row]),
            segments.label[row],
            int(segments.worker[row]),
            int(segments.request[row]),
            int(attempts[row]),
            service=segments.service[row],
        )
        for row in rows.tolist()
    ]
    if stays:
        found = [replace(each, stay_ns=stays.get(_key(each))) for each in found]
    return sorted(found, key=lambda s: (s.start_ns, s.finish_ns))


_Key = tuple[int, int, str, int]
"""A request, an attempt, the service that it calls, and when it has the answer."""


def _key(stretch: Stretch) -> _Key:
    return stretch.request, stretch.attempt, stretch.service, stretch.finish_ns


def _stays(trace: Trace, requests: Int64s) -> dict[_Key, tuple[int, int]]:
    """Return how long calls that *requests* made were in a queue, and served, by their answers."""
    calls = trace.calls
    # Of the attempts until an instant there are all calls, also those of later attempts.
    known = (calls.row < len(trace)) & (calls.caller < 0) & (calls.answered_ns != MISSING)
    those = np.flatnonzero(known)
    those = those[np.isin(trace.request[calls.row[those]], requests)]
    row, service = calls.row[those], calls.service[those].tolist()
    columns = (
        trace.request[row],
        trace.attempt[row],
        calls.answered_ns[those],
        calls.queue_ns[those],
        (calls.finish_ns - calls.start_ns)[those],
    )
    found: dict[_Key, tuple[int, int]] = {}
    for name, *values in zip(service, *(each.tolist() for each in columns), strict=True):
        request, attempt, instant, queued, served = values
        found.setdefault((request, attempt, trace.services[name].name, instant), (queued, served))
    return found


def whole(
    stretches: Iterable[Stretch],
    over: Mapping[tuple[int, int], int],
    asking: Collection[tuple[int, int]],
) -> list[Stretch]:
    """Return *stretches* in one piece that a trace has in two, as their attempt ended meanwhile.

    ``over`` has when an attempt ended without an answer, by request and attempt. Those that are
    *asking* for a slot just then begin another wait.
    """
    found: list[Stretch] = []
    firsts: dict[Stretch, list[Stretch]] = defaultdict(list)
    for stretch in stretches:
        which = stretch.request, stretch.attempt
        is_other = stretch.activity is Activity.IO_WAIT and which in asking
        cut_ns = None if is_other else over.get(which)
        what = replace(stretch, start_ns=0, finish_ns=0, stay_ns=None)
        if stretch.activity is Activity.QUEUE:  # which worker it will be is known at its end alone
            what = replace(what, worker=-1)
        if cut_ns == stretch.finish_ns:
            firsts[what].append(stretch)
        elif cut_ns == stretch.start_ns and firsts[what]:
            found.append(replace(stretch, start_ns=firsts[what].pop().start_ns))
        else:
            found.append(stretch)
    found += (stretch for rest in firsts.values() for stretch in rest)
    return sorted(found, key=lambda each: (each.start_ns, each.finish_ns))


@dataclass(frozen=True, slots=True)
class Track:
    """Stretches of one attempt that do not overlap, in order of time."""

    attempt: int
    stretches: tuple[Stretch, ...]

    @property
    def count(self) -> int:
        """How many branches that do the same it stands for."""
        return max((stretch.count for stretch in self.stretches), default=1)


def tracks(stretches: Iterable[Stretch]) -> tuple[Track, ...]:
    """Return *stretches* on as many lines as it takes, the attempts in order.

    Branches that do the same at the same time are one stretch that counts them.
    """
    ordered = sorted(stretches, key=lambda s: (s.attempt, s.start_ns, s.finish_ns))
    return tuple(
        Track(attempt, tuple(line))
        for attempt, found in groupby(ordered, key=lambda s: s.attempt)
        for line in packed(tuple(found))
    )


def packed(ordered: Sequence[Stretch]) -> list[list[Stretch]]:
    """Return stretches in order of time on lines on which none overlap, alike ones as one."""
    if not overlap(ordered):
        return [list(ordered)]
    lines: list[list[Stretch]] = []
    for stretch in _alike(ordered):
        line = _place(lines, stretch)
        if line is None:
            lines.append([stretch])
        else:
            line.append(stretch)
    return lines


def overlap(ordered: Sequence[Stretch]) -> bool:
    """Return whether any of the stretches, which are in order of time, overlaps the next."""
    return any(a.finish_ns > b.start_ns for a, b in pairwise(ordered))


def _alike(ordered: Sequence[Stretch]) -> list[Stretch]:
    counts = Counter(ordered)
    return [replace(stretch, count=count) for stretch, count in counts.items()]


def _place(lines: Sequence[list[Stretch]], stretch: Stretch) -> list[Stretch] | None:
    """Return the line that *stretch* goes on, or else the first that it fits on."""
    free = [line for line in lines if line[-1].finish_ns <= stretch.start_ns]
    going_on = (line for line in free if line[-1].finish_ns == stretch.start_ns)
    return next(going_on, free[0] if free else None)
