"""Checks that stored traces agree with themselves and with their scenarios.

Each raises a :class:`DamagedError` that names the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from simsched.engine.trace import LATEST_END, MISSING, Service, Status, Trace
from simsched.experiment.tables import PARTS
from simsched.experiment.untrusted import require
from simsched.statistics.contender import Contender
from simsched.workload.classes import computes_lock_free


def check_servers(found: Mapping[str, Sequence[Trace]], contenders: Sequence[Contender]) -> None:
    """Check that the *found* traces are of the servers and requests of the scenarios."""
    for each in contenders:
        require(each.label in found, f"it has no server {each.label!r} of the scenario")
        for trace in found[each.label]:
            what = _mismatch(trace, each)
            require(not what, f"the {what} of {each.label!r} are not those of the scenario")


def _mismatch(trace: Trace, contender: Contender) -> str | None:
    """Return what differs between *trace* and the scenario of *contender*, if anything."""
    server, scenario = contender.server, contender.scenario
    if trace.classes != tuple(scenario.requests):
        return "classes"
    if trace.streams != tuple(scenario.workload.streams or ()):
        return "streams"
    if (trace.workers, trace.cores) != (server.workers, server.cores_in_all):
        return "workers"
    several, lock_free = scenario.services.items(), computes_lock_free(scenario)
    if trace.services != tuple(Service.of(*each, lock_free=lock_free) for each in several):
        return "services"
    return None if [r.name for r in trace.resources] == list(scenario.resources) else "resources"


def check_trace(trace: Trace) -> None:
    """Check that the rows of *trace* are attempts at requests, in order, whose times add up."""
    require((trace.class_id >= 0) & (trace.status >= 0), "a class or a status is unknown")
    require((trace.worker >= -1) & (trace.worker < trace.workers), "a worker is out of range")
    require(trace.user >= -1, "a user is negative")
    require(_are_attempts(trace), "its attempts at requests are not numbered 1, 2, ...")
    started, ended = trace.start_ns != MISSING, trace.finish_ns != MISSING
    start = np.where(started, trace.start_ns, trace.arrival_ns)
    finish = np.where(ended, trace.finish_ns, trace.end_ns)
    late_until = trace.late_until_ns
    assert late_until is not None  # noqa: S101  the schema has it
    late = np.where(late_until == MISSING, finish, late_until)
    arrival = trace.arrival_ns
    require((arrival >= 0) & (np.diff(arrival, prepend=0) >= 0), "its arrivals are not in order")
    # A worker may start a request whose client has given up.
    is_started_in_time = (start <= finish) | (trace.status == Status.TIMED_OUT)
    in_order = (arrival <= np.minimum(start, finish)) & (finish <= late)
    require(in_order & is_started_in_time, "times are not in order")
    require(np.maximum(start, late) < LATEST_END, "a time is out of range")
    is_open = trace.status == Status.UNFINISHED
    require(ended != is_open, "a finish does not go with its status")
    never = "a completed or failed request was never started"
    require(started | ~np.isin(trace.status, (Status.COMPLETED, Status.FAILED)), never)
    parts = [getattr(trace, part) for part in PARTS]
    for part in (*parts, trace.demand_ns, trace.late_cpu_ns):
        require((part >= 0) & (part < LATEST_END), "a duration is out of range")
    left = finish - arrival
    for part in parts:  # one by one: their sum might overflow
        fits = trace.concurrent or part <= left  # the times of parallel branches are added
        require(fits, "durations do not add up to the time from arrival to finish")
        left = np.maximum(left - part, 0)
    require(left == 0, "durations do not add up to the time from arrival to finish")


def _are_attempts(trace: Trace) -> bool:
    """Return whether requests are numbered by arrival, from 1, and their attempts from 1, too."""
    order = np.lexsort((trace.attempt, trace.request))
    request, attempt = trace.request[order], trace.attempt[order]
    is_next = np.diff(request, prepend=0)
    again = np.diff(attempt, prepend=0)
    right = np.where(is_next == 0, again == 1, (is_next == 1) & (attempt == 1))
    firsts = trace.request[trace.attempt == 1]
    return bool(right.all()) and bool((np.diff(firsts) > 0).all())


def check_segments(trace: Trace) -> None:
    """Check that the segments of *trace* belong to its attempts, and are in order."""
    found = trace.segments
    require(found.activity >= 0, "an activity is unknown", "segments")
    is_worker = (found.worker >= -1) & (found.worker < trace.workers)
    require(is_worker, "a worker is out of range", "segments")
    start, finish = found.start_ns, found.finish_ns
    in_order = (start >= 0) & (start <= finish) & (finish < LATEST_END)
    require(in_order, "times are not in order", "segments")
    assert found.attempt is not None  # noqa: S101  the schema has it
    rows_of(trace, found.request, found.attempt, "segments")


def check_calls(trace: Trace) -> None:
    """Check that the calls of *trace* are of its services, and their times in order."""
    calls = trace.calls
    require((calls.service >= 0) & (calls.status >= 0), "a service or a status is unknown", "calls")
    workers = np.array([one.workers for one in trace.services], np.int64)[calls.service]
    require((calls.worker >= -1) & (calls.worker < workers), "a worker is out of range", "calls")
    is_call = (calls.caller >= -1) & (calls.caller < len(calls))
    require(is_call, "a caller is out of range", "calls")
    start = np.where(calls.start_ns == MISSING, calls.arrival_ns, calls.start_ns)
    finish = np.where(calls.finish_ns == MISSING, trace.end_ns, calls.finish_ns)
    answered = np.where(calls.answered_ns == MISSING, finish, calls.answered_ns)
    in_order = (calls.sent_ns >= 0) & (calls.sent_ns <= calls.arrival_ns)
    in_order &= (calls.arrival_ns <= start) & (start <= finish) & (finish <= answered)
    require(in_order, "times are not in order", "calls")
    require(answered < LATEST_END, "a time is out of range", "calls")
    is_open = calls.status == Status.UNFINISHED
    require(
        (calls.finish_ns == MISSING) == is_open, "a finish does not go with its status", "calls"
    )
    for part in PARTS:
        is_length = (getattr(calls, part) >= 0) & (getattr(calls, part) < LATEST_END)
        require(is_length, "a duration is out of range", "calls")


def rows_of(
    trace: Trace, request: NDArray[np.int64], attempt: NDArray[np.int32], name: str
) -> NDArray[np.int64]:
    """Return the row of *trace* of each attempt in the table *name*; every one must have a row."""

    def key(number: NDArray[np.int64], attempt: NDArray[np.int32]) -> NDArray[np.int64]:
        # One number for both, so that a sorted array finds a row at once.
        return number << 30 | attempt  # no request has 2^30 attempts

    attempts, wanted = key(trace.request, trace.attempt), key(request, attempt)
    order = np.argsort(attempts)
    at = np.searchsorted(attempts, wanted, sorter=order)
    inside = at < len(order)
    require(inside, "a request is unknown", name)
    row: NDArray[np.int64] = order[at]
    require(attempts[row] == wanted, "a request is unknown", name)
    return row
