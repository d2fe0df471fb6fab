"""What happened in one simulation: flat typed columns, one row per attempt at a request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsched.engine.deadlock import Deadlock
from simsched.errors import RunError
from simsched.scenario.model.servers import Server
from simsched.workload.columns import Int32s, Int64s, Requests
from simsched.workload.steps import Resource

MISSING = np.iinfo(np.int64).min
"""A missing time in a column; files have null."""


LATEST_END = np.iinfo(np.int64).max - 1
"""The latest end of a run, in nanoseconds: 292 years, the most that a column can hold."""

_BLOCK = 1 << 15
"""Rows per block: a few columns of a block fit into the processor's cache."""


def check_end(end_ns: int) -> int:
    """Return *end_ns*, the end of a run, if a trace can hold it.

    Raises:
        RunError: it is :data:`LATEST_END` or later.
    """
    if end_ns >= LATEST_END:
        raise RunError(
            "the run takes more than 292 years of simulated time; have fewer or shorter requests, "
            "less overhead, or a duration"
        )
    return end_ns


class Status(IntEnum):
    """How a request ended."""

    COMPLETED = 0
    TIMED_OUT = 1
    REFUSED = 2
    CANCELLED = 3
    UNFINISHED = 4
    FAILED = 5


class Activity(IntEnum):
    """What a request is doing at a moment; a trace has a column with the time spent on each."""

    QUEUE = 0
    """waiting in the queue until a worker takes it"""
    CPU = 1
    CPU_WAIT = 2
    """ready to compute, waiting for its loop, lock or core"""
    IO = 3
    IO_WAIT = 4
    """waiting for a slot of the resource that the I/O needs"""


@dataclass(frozen=True, eq=False)
class Segments:
    """The timeline of some requests: one row for each stretch of one activity.

    Stretches of no length are left out. ``request`` counts from 1; ``worker`` counts from 0 and is
    -1 in the queue; ``label`` is the phase's label, ``overhead`` for the server's own CPU time, and
    "" otherwise. ``attempt`` counts from 1; None if each request was sent once. ``service`` is the
    service that is called meanwhile, or "".
    """

    request: Int64s
    activity: NDArray[np.int8]
    start_ns: Int64s
    finish_ns: Int64s
    worker: Int32s
    label: tuple[str, ...]
    service: tuple[str, ...]
    attempt: Int32s | None = None

    def attempts(self) -> Int32s:
        """Return each row's attempt."""
        return np.ones(len(self.request), np.int32) if self.attempt is None else self.attempt


@dataclass(frozen=True, eq=False)
class Visits:
    """One row for each request for a slot: by resource, and in the order of asking.

    The slots in use, and the queue for them, follow from it for any moment.

    Attributes:
        resource: the resource, by position in the trace's ``resources``.
        row: the attempt that asked, by position in the trace of all attempts.
        asked_ns: when it asked.
        granted_ns: when it got the slot; :data:`MISSING` if it never did.
        released_ns: when it returned the slot, or left the queue without one; :data:`MISSING` if it
            never did.
    """

    resource: Int32s
    row: Int64s
    asked_ns: Int64s
    granted_ns: Int64s
    released_ns: Int64s

    def __len__(self) -> int:
        return len(self.row)


def no_visits() -> Visits:
    """Return the visits of a run without any."""
    none = np.empty(0, dtype=np.int64)
    return Visits(none.astype(np.int32), none, none, none, none)


@dataclass(frozen=True, slots=True)
class Service:
    """A server that requests called.

    Attributes:
        name: what the scenario calls it.
        workers: how many it has.
        slots: how many calls it serves at a time, in workers or threads; None for any number.
        computing: for how many at a time it computes.
    """

    name: str
    workers: int
    slots: int | None
    computing: int

    @classmethod
    def of(cls, name: str, server: Server, *, lock_free: bool) -> Service:
        """Return what is known of a *server*, for requests that may compute *lock_free*."""
        slots = server.workers * server.kept_at_once if server.keeps else None
        one = server.one_computes and not (lock_free and server.lock_interval is not None)
        own = min(server.workers, server.core_count) if one else server.core_count
        return cls(name, server.workers, slots, own + server.cores_in_all - server.core_count)


def services_of(requests: Requests, servers: Iterable[Server]) -> tuple[Service, ...]:
    """Return the services that *requests* call, which these *servers* are."""
    lock_free = any(step.lock_free > 0 for step in requests.steps)
    several = zip(requests.services, servers, strict=True)
    return tuple(Service.of(*each, lock_free=lock_free) for each in several)


@dataclass(frozen=True, eq=False)
class Calls:
    """One row for each call of a service: by service, and in order of arrival there.

    Attributes:
        service: the service, by position in the trace's ``services``.
        row: the attempt for which it was called, by position in the trace of all attempts.
        caller: the call during which it was called, by position here; -1 where the server called.
        sent_ns: when it was sent.
        answered_ns: when the caller had the answer; :data:`MISSING` if it never did.
        worker, arrival_ns, start_ns, finish_ns, queue_ns, cpu_ns, cpu_wait_ns, io_ns, io_wait_ns,
            status: as those of a request, at the service.
    """

    service: Int32s
    row: Int64s
    caller: Int64s
    sent_ns: Int64s
    answered_ns: Int64s
    worker: Int32s
    arrival_ns: Int64s
    start_ns: Int64s
    finish_ns: Int64s
    queue_ns: Int64s
    cpu_ns: Int64s
    cpu_wait_ns: Int64s
    io_ns: Int64s
    io_wait_ns: Int64s
    status: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.row)

    def of(self, service: int) -> Calls:
        """Return those of one service."""
        mine = self.service == service
        return Calls(**{one.name: getattr(self, one.name)[mine] for one in fields(Calls)})

    def stays(self, end_ns: int) -> tuple[Int64s, Int64s, Int64s]:
        """Return when each came, was taken, and went; what has not happened does at *end_ns*."""
        came, taken, went = (
            np.where(each == MISSING, end_ns, each)
            for each in (self.arrival_ns, self.start_ns, self.finish_ns)
        )
        return came, np.minimum(taken, went), went


def no_calls() -> Calls:
    """Return the calls of a run without any."""
    types = {"service": np.int32, "worker": np.int32, "status": np.int8}
    return Calls(**{one.name: np.empty(0, types.get(one.name, np.int64)) for one in fields(Calls)})


@dataclass(frozen=True, eq=False)
class Trace:
    """One row per attempt at a request, in order of arrival.

    ``request`` counts from 1 in order of arrival. ``user`` and ``worker`` count from 0; -1 means
    none. A missing time is :data:`MISSING`. ``queue_ns + cpu_ns + cpu_wait_ns + io_ns +
    io_wait_ns`` is ``finish_ns - arrival_ns`` exactly, and for an unfinished request the time from
    its arrival to ``end_ns``.
    """

    classes: tuple[str, ...]
    request: Int64s
    class_id: Int32s
    user: Int32s
    attempt: Int32s
    worker: Int32s
    arrival_ns: Int64s
    start_ns: Int64s
    finish_ns: Int64s
    queue_ns: Int64s
    cpu_ns: Int64s
    cpu_wait_ns: Int64s
    io_ns: Int64s
    io_wait_ns: Int64s
    status: NDArray[np.int8]
    demand_ns: Int64s  # what the request needs alone
    workers: int
    cores: int
    end_ns: int  # when the simulation ended
    segments: Segments
    concurrent: bool = False  # branches of a request may overlap: times add up to more
    late_cpu_ns: Int64s | None = None  # CPU time after the client gave up; None is 0
    late_until_ns: Int64s | None = None  # when that ended
    cancels: bool = False  # abandoned attempts leave the queue, and are not served
    retry_ns: Int64s | None = None  # time from a request's arrival to that of its last attempt
    deadlock: Deadlock | None = None  # which requests wait for each other at the end
    resources: tuple[Resource, ...] = ()  # in the order of the scenario
    visits: Visits = field(default_factory=no_visits)
    services: tuple[Service, ...] = ()  # in the order of the scenario
    calls: Calls = field(default_factory=no_calls)
    streams: tuple[str, ...] = ()  # the names of those that requests came in; none of one alone
    stream_id: Int32s | None = None  # each request's stream; None where there is one
    engine: str | None = None  # which one simulated it; None where it was read from files

    @cached_property
    def requests(self) -> Trace:
        """One row per request: its last attempt, with the arrival of its first.

        ``retry_ns`` is the time that a client's retries took. The rows of ``visits`` and ``calls``
        still refer to all attempts.
        """
        if len(self) == 0 or self.attempt.max() == 1 or self.retry_ns is not None:
            return self
        last = np.zeros(self.request.max(), np.int64)
        last[self.request - 1] = np.arange(len(self))  # of several rows the last one wins
        arrival = self.arrival_ns[self.attempt == 1]
        columns: dict[str, Any] = {name: column[last] for name, column in self._columns()}
        columns |= {"arrival_ns": arrival, "retry_ns": columns["arrival_ns"] - arrival}
        return replace(self, **columns)

    def count(self, status: Status) -> int:
        """Return how many requests ended in *status*; the last attempt of each counts."""
        return int(np.count_nonzero(self.requests.status == status))

    @cached_property
    def longest_stay_ns(self) -> int:
        """The longest time from a row's arrival until nothing more was done for it."""
        return max(map(_longest_stay, self.blocks()), default=0)

    def rows(self, at: slice | NDArray[np.bool_]) -> Trace:
        """Return some of the rows, as views for a slice; not of ``visits`` and ``calls``."""
        columns: dict[str, Any] = {name: column[at] for name, column in self._columns()}
        return replace(self, **columns)

    def blocks(self, at: slice = slice(None)) -> Iterator[Trace]:
        """Yield those rows block by block, so that what is computed from them stays small."""
        first, last, _ = at.indices(len(self))
        for start in range(first, last, _BLOCK):
            yield self.rows(slice(start, min(start + _BLOCK, last)))

    def _columns(self) -> Iterator[tuple[str, NDArray[Any]]]:
        return ((name, one) for name, one in vars(self).items() if isinstance(one, np.ndarray))

    def __len__(self) -> int:
        return len(self.request)


def _longest_stay(trace: Trace) -> int:
    finish = np.where(trace.finish_ns == MISSING, trace.end_ns, trace.finish_ns)
    if trace.late_until_ns is not None:
        np.maximum(finish, trace.late_until_ns, out=finish)
    return int(np.max(finish - trace.arrival_ns))
