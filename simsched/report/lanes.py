"""A request as a lane of a timeline: what its attempts did, stretch by stretch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from simsched.engine.deadlock import Deadlock
from simsched.engine.trace import MISSING, Activity, Status, Trace
from simsched.report.stretches import Stretch
from simsched.workload.columns import Int64s


@dataclass(frozen=True, slots=True)
class Attempt:
    """When an attempt of a client began, how it ended, and when; None where it never did."""

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
        finish_ns: when it was answered, or ended otherwise; None where it never did.
        stretches: what all its attempts did, in order of time.
        attempts: how each attempt ended.
        origin_ns: the instant from which all of these count; 0 is the beginning of the run.
        stuck_ns: when the run ended in a deadlock that the request is part of; else None.
    """

    request: int
    kind: str
    status: Status
    arrival_ns: int
    finish_ns: int | None
    stretches: tuple[Stretch, ...]
    attempts: tuple[Attempt, ...] = ()
    origin_ns: int = 0
    stuck_ns: int | None = None

    def since_arrival(self) -> Lane:
        """Return the same lane with times that count from the arrival."""
        by = self.arrival_ns
        return replace(
            self,
            arrival_ns=0,
            finish_ns=_sooner(self.finish_ns, by),
            stretches=tuple(
                replace(each, start_ns=each.start_ns - by, finish_ns=each.finish_ns - by)
                for each in self.stretches
            ),
            attempts=tuple(
                replace(
                    each, arrival_ns=each.arrival_ns - by, finish_ns=_sooner(each.finish_ns, by)
                )
                for each in self.attempts
            ),
            origin_ns=self.origin_ns + by,
            stuck_ns=_sooner(self.stuck_ns, by),
        )

    def until(self, end_ns: int) -> Lane:
        """Return the lane with what it waits for in a deadlock drawn as far as *end_ns*.

        Nothing happens after a deadlock, so a run ends where one begins: the wait that matters most
        has no length of its own.
        """
        if self.stuck_ns is None:
            return self
        waits = [each for each in self.stretches if self._is_stuck_in(each)]
        rest = [each for each in self.stretches if not self._is_stuck_in(each)]
        for_ever = [
            replace(each, finish_ns=end_ns, endless=True) for each in waits or [self._last_wait()]
        ]
        return replace(self, stretches=(*rest, *for_ever))

    def _is_stuck_in(self, stretch: Stretch) -> bool:
        is_wait = stretch.activity in {Activity.QUEUE, Activity.IO_WAIT}
        return is_wait and stretch.finish_ns == self.stuck_ns

    def _last_wait(self) -> Stretch:
        """Return the wait that began as the run ended."""
        began = self.stuck_ns or 0
        activity = Activity.IO_WAIT if self.stretches else Activity.QUEUE
        attempt = max(len(self.attempts), 1)
        return Stretch(activity, began, began, request=self.request, attempt=attempt)

    @property
    def response_ns(self) -> int | None:
        """Finish minus arrival; None where it never ended."""
        return None if self.finish_ns is None else self.finish_ns - self.arrival_ns

    @property
    def last_ns(self) -> int:
        """The last instant that the lane has something to show for."""
        ends = [stretch.finish_ns for stretch in self.stretches]
        return max([self.finish_ns or self.arrival_ns, *ends])


def _sooner(instant_ns: int | None, by_ns: int) -> int | None:
    return None if instant_ns is None else instant_ns - by_ns


def lanes(trace: Trace, rows: Int64s) -> Iterator[Lane]:
    """Yield the requests at those *rows* of ``trace.requests`` as lanes."""
    last = trace.requests
    wanted = last.request[rows]
    stretches, attempts = _stretches(trace, wanted), _attempts(trace, wanted)
    for row in rows.tolist():
        number = int(last.request[row])
        finish_ns = _known(last.finish_ns[row])
        yield Lane(
            request=number,
            kind=last.classes[int(last.class_id[row])],
            status=Status(int(last.status[row])),
            arrival_ns=int(last.arrival_ns[row]),
            finish_ns=finish_ns,
            stretches=tuple(stretches.get(number, ())),
            attempts=tuple(attempts[number]),
            stuck_ns=trace.end_ns if _is_stuck(trace.deadlock, number, finish_ns) else None,
        )


def _is_stuck(deadlock: Deadlock | None, request: int, finish_ns: int | None) -> bool:
    if deadlock is None:
        return False
    if any(wait.request == request for wait in deadlock.waits):
        return True
    # Of many that are stuck only the first are known by their numbers.
    return finish_ns is None and deadlock.stuck > len(deadlock.waits)


def _known(instant_ns: np.int64) -> int | None:
    return None if instant_ns == MISSING else int(instant_ns)


def _attempts(trace: Trace, wanted: Int64s) -> dict[int, list[Attempt]]:
    """Return each wanted request's attempts in order."""
    found: dict[int, list[Attempt]] = {}
    for row in np.flatnonzero(np.isin(trace.request, wanted)).tolist():
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
