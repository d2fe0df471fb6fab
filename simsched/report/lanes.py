"""Requests as lanes of a timeline: stretches of activity, attempts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simsched.engine.trace import MISSING, Activity, Status, Trace
from simsched.report.calls import Call, Key, answering, calls_of, in_queue
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
        in_queue: when it is in the queue of the service, from one instant to another.
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
    in_queue: tuple[tuple[int, int], ...] = ()

    @property
    def length_ns(self) -> int:
        """How long it took."""
        return self.finish_ns - self.start_ns

    def earlier(self, by_ns: int) -> Stretch:
        """Return it with times that count from *by_ns* on."""
        return replace(
            self,
            start_ns=self.start_ns - by_ns,
            finish_ns=self.finish_ns - by_ns,
            in_queue=tuple((start - by_ns, finish - by_ns) for start, finish in self.in_queue),
        )

    def parts(self) -> Iterator[Stretch]:
        """Yield it in parts, of which those in the queue of a service are so in their activity."""
        start = self.start_ns
        for queued_ns, taken_ns in self.in_queue:
            if start < queued_ns:
                yield replace(self, start_ns=start, finish_ns=queued_ns, in_queue=())
            start = taken_ns
            yield replace(
                self,
                activity=Activity.QUEUE,
                start_ns=queued_ns,
                finish_ns=taken_ns,
                in_queue=(),
            )
        if start < self.finish_ns or not self.in_queue:
            yield replace(self, start_ns=start, in_queue=())


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
            stretches=tuple(each.earlier(by) for each in self.stretches),
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
    calls = calls_of(trace, segments.request[rows])
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
    if calls:
        found = [_with_calls(each, calls) for each in found]
    return sorted(found, key=lambda s: (s.start_ns, s.finish_ns))


def _with_calls(stretch: Stretch, calls: Mapping[Key, Sequence[Call]]) -> Stretch:
    """Return *stretch* with what happens at the service that it calls, if it does."""
    mine = calls.get((stretch.request, stretch.attempt, stretch.service), ())
    if not mine:
        return stretch
    answer = answering(mine, stretch.finish_ns)
    return replace(
        stretch,
        stay_ns=None if answer is None else answer.stay_ns,
        in_queue=in_queue(mine, stretch.start_ns, stretch.finish_ns),
    )


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
        what = replace(stretch, start_ns=0, finish_ns=0, stay_ns=None, in_queue=())
        if stretch.activity is Activity.QUEUE:  # which worker it will be is known at its end alone
            what = replace(what, worker=-1)
        if cut_ns == stretch.finish_ns:
            firsts[what].append(stretch)
        elif cut_ns == stretch.start_ns and firsts[what]:
            first = firsts[what].pop()
            queued = first.in_queue + stretch.in_queue
            found.append(replace(stretch, start_ns=first.start_ns, in_queue=queued))
        else:
            found.append(stretch)
    found += (stretch for rest in firsts.values() for stretch in rest)
    return sorted(found, key=lambda each: (each.start_ns, each.finish_ns))
