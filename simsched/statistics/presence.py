"""When requests are in the system, and attempts in the server's queue.

A request is in the system for its client: from its first attempt until it is answered or given up
for good, the pauses between attempts with it. In the queue are attempts, as the server sees them: a
client that gives up leaves its attempt behind, unless the server is set to drop it.

How many are somewhere over time: a step function, and its means, exactly.

It rises when one comes and falls when one goes. Its mean over an interval is its integral over the
interval's length, and that is computed from the steps themselves, never from samples.

When attempts have a slot of a resource, and when they wait for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from simsched.engine.trace import MISSING, Status, Trace
from simsched.scenario.model.scenario import Scenario
from simsched.units import SECOND
from simsched.workload.arrays import Bools, Floats, Int64s
from simsched.workload.classes import only_computes, responds_early

# How many instants are looked at together.
_BLOCK = 1 << 15


def count_steps(came_ns: Int64s, went_ns: Int64s) -> tuple[Floats, Int64s]:
    """Return when the number of those there changes, in seconds, and to what, from 0 on.

    Both arrays have a place for each instant at which any comes or goes, and one for time 0.
    """
    instants, place = np.unique(np.concatenate([[0], came_ns, went_ns]), return_inverse=True)
    signs = np.repeat([0, 1, -1], [1, len(came_ns), len(went_ns)])
    changes = np.bincount(place, weights=signs, minlength=len(instants))
    return instants / SECOND, np.cumsum(changes).astype(np.int64)


def mean_count(came_ns: Int64s, went_ns: Int64s, edges_ns: Floats) -> Floats:
    """Return (b,) how many are there on average in each of the intervals between *edges_ns*.

    These are of equal length.

    Up to a time t they have been there for the sum of min(went, t) - min(came, t); the mean over an
    interval is the difference of these sums at its ends, over its length.
    """
    spent = up_to(came_ns, edges_ns) - up_to(went_ns, edges_ns)
    return np.maximum(np.diff(spent), 0.0) / np.diff(edges_ns)


def up_to(instants_ns: Int64s, edges_ns: Floats, weights: Floats | None = None) -> Floats:
    """Return (b + 1,) for each edge t the sum over instants of max(0, t - instant).

    With *weights*, (n,), each instant counts so much.
    """
    places = len(edges_ns) + 1  # the last one is beyond the edges
    counts, sums = np.zeros(places), np.zeros(places)
    for start in range(0, len(instants_ns), _BLOCK):
        block = instants_ns[start : start + _BLOCK]
        weight = None if weights is None else weights[start : start + _BLOCK]
        reached = np.clip(_floor(block, edges_ns) + 1, 0, places - 1)  # the first edge after each
        counts += np.bincount(reached, weight, minlength=places)
        sums += np.bincount(reached, block if weight is None else block * weight, minlength=places)
    passed: Floats = np.cumsum(counts)[:-1] * edges_ns - np.cumsum(sums)[:-1]
    return passed


def interval_of(instants_ns: Int64s, edges_ns: Floats) -> Int64s:
    """Return (n,) the interval of each instant; the last interval holds its end."""
    found = np.empty(len(instants_ns), np.int64)
    for start in range(0, len(found), _BLOCK):
        block = slice(start, start + _BLOCK)
        found[block] = _interval_of(instants_ns[block], edges_ns)
    return found


def _interval_of(instants_ns: Int64s, edges_ns: Floats) -> Int64s:
    last = len(edges_ns) - 2
    found = np.clip(_floor(instants_ns, edges_ns), 0, last)
    found -= (edges_ns[found] > instants_ns) & (found > 0)  # where the division rounded
    found += (edges_ns[found + 1] <= instants_ns) & (found < last)
    return found


def _floor(instants_ns: Int64s, edges_ns: Floats) -> Int64s:
    """Return (n,) how many whole intervals of equal length lie before each; negative before all."""
    per_ns = (len(edges_ns) - 1) / (edges_ns[-1] - edges_ns[0])
    whole: Int64s = np.floor((instants_ns - edges_ns[0]) * per_ns).astype(np.int64)
    return whole


Stays = tuple[Int64s, Int64s]
"""(v,) when each came and (v,) when it went, in ns."""


def holders(trace: Trace, resource: int, end_ns: int | None = None) -> Stays:
    """Return the stays on the slots of *resource*, which is a position in ``trace.resources``.

    What was never given back is in use until *end_ns*, the end of the run unless given.
    """
    visits = trace.visits
    had = (visits.resource == resource) & (visits.granted_ns != MISSING)
    end = trace.end_ns if end_ns is None else end_ns
    return visits.granted_ns[had], _or_end(visits.released_ns[had], end)


def waiters(trace: Trace, resource: int, end_ns: int | None = None) -> Stays:
    """Return the stays in the line for *resource*: until it is granted, or the place given up.

    What has neither waits until *end_ns*, the end of the run unless given.
    """
    visits = trace.visits
    asked = visits.resource == resource
    end = trace.end_ns if end_ns is None else end_ns
    granted, left = visits.granted_ns[asked], _or_end(visits.released_ns[asked], end)
    return visits.asked_ns[asked], np.where(granted == MISSING, left, granted)


def _or_end(instants_ns: Int64s, end_ns: int) -> Int64s:
    return np.where(instants_ns == MISSING, end_ns, instants_ns)


def in_system(trace: Trace, end_ns: int | None = None) -> Stays:
    """Return the stays of the requests of *trace*, a row each.

    A request without an answer at the end of the run stays until *end_ns*, by default that end.
    """
    requests = trace.requests
    return requests.arrival_ns, left(requests, end_ns)


def in_queue(trace: Trace, end_ns: int | None = None) -> Stays:
    """Return the stays in the queue of the attempts of *trace*, until a worker first takes them up.

    What is never taken up is there until *end_ns*, the end of the run unless given.
    """
    gone = left(trace, end_ns)
    if goes_on(trace):
        gone = np.where(trace.status == Status.TIMED_OUT, _end(trace, end_ns), gone)
    return trace.arrival_ns, np.where(trace.start_ns == MISSING, gone, trace.start_ns)


def served(trace: Trace) -> Stays:
    """Return when each attempt was taken, or else came, and when it was over for its client."""
    return np.where(trace.start_ns == MISSING, trace.arrival_ns, trace.start_ns), left(trace)


@dataclass(frozen=True, slots=True)
class Work:
    """What requests may ask a server to do.

    Attributes:
        responds: whether it may go on after the answer.
        only_computes: whether it never waits for anything but the CPU.
    """

    responds: bool
    only_computes: bool

    @classmethod
    def of(cls, scenarios: Iterable[Scenario]) -> Work:
        """Return what the requests of *scenarios* may ask for."""
        every = [*scenarios]
        return cls(any(map(responds_early, every)), all(map(only_computes, every)))

    def outlasts(self, trace: Trace) -> bool:
        """Say whether more may be done for attempts of *trace* than any column says.

        No column has I/O for attempts that failed or whose clients had left, and none has what
        follows the answer.
        """
        has_lost = goes_on(trace) or bool(np.any(trace.status == Status.FAILED))
        return self.responds or (has_lost and not self.only_computes)


def present(trace: Trace, start_ns: int, finish_ns: int, work: Work) -> Int64s:
    """Return the rows of all attempts that the server may have between two instants.

    Where *work* may last for longer than any column says, these are all that arrived before.
    """
    is_there = trace.arrival_ns <= finish_ns
    if not work.outlasts(trace):
        is_there &= in_service(trace, start_ns, finish_ns)
    return np.flatnonzero(is_there)


def in_service(trace: Trace, start_ns: int, finish_ns: int) -> Bools:
    """Return (n,) which attempts the server has between two instants, for a client or without."""
    last = left(trace)
    if trace.late_until_ns is not None:
        last = np.maximum(last, trace.late_until_ns)
    if goes_on(trace):  # what is never taken up stays in the queue
        is_queued = (trace.status == Status.TIMED_OUT) & (trace.start_ns == MISSING)
        last = np.where(is_queued, trace.end_ns, last)
    is_there: Bools = (trace.arrival_ns <= finish_ns) & (last >= start_ns)
    return is_there


def arrived(trace: Trace, until_ns: int) -> Trace:
    """Return the attempts that arrive until an instant, included, as views."""
    last = int(np.searchsorted(trace.arrival_ns, until_ns, side="right"))
    return trace if last == len(trace) else trace.rows(slice(last))


def goes_on(trace: Trace) -> bool:
    """Say whether attempts were served, or kept in the queue, whose clients had given up."""
    return not trace.cancels and bool(np.any(trace.status == Status.TIMED_OUT))


def left(trace: Trace, end_ns: int | None = None) -> Int64s:
    """Return (n,) when each row ended for its client; *end_ns*, or the run's end, if it did not."""
    # No copy of a column that may have a hundred million rows.
    if not np.any(trace.finish_ns == MISSING):
        return trace.finish_ns
    return np.where(trace.finish_ns == MISSING, _end(trace, end_ns), trace.finish_ns)


def _end(trace: Trace, end_ns: int | None) -> int:
    return trace.end_ns if end_ns is None else end_ns


def spread_cpu(trace: Trace) -> Iterator[tuple[Int64s, Int64s, Int64s]]:
    """Yield (n,) CPU times of each attempt, each with when what it is spread over begins and ends.

    They are what was computed while it was served, and after its client had given up, if clients
    may.
    """
    start, finish = served(trace)
    yield trace.cpu_ns, start, finish
    if trace.late_cpu_ns is not None and trace.late_until_ns is not None:
        yield trace.late_cpu_ns, np.maximum(start, finish), trace.late_until_ns
