"""When an event loop was busy, from the intervals in which requests computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsched.workload.arrays import Floats, Int64s


@dataclass(frozen=True, eq=False)
class Busy:
    """When a loop was busy.

    Attributes:
        from_ns: (k,) since when, of each time that it was.
        near_ns: for how long it seems to be busy before something that did not wait.
    """

    from_ns: Int64s
    near_ns: int

    def since(self, at_ns: Int64s) -> Int64s:
        """Return (n,) since when it was busy at each of these times, at which it computed."""
        before = np.maximum(np.searchsorted(self.from_ns, at_ns, "right") - 1, 0)
        return np.minimum(self.from_ns[before], at_ns)


def busy_from(start: Int64s, end: Int64s, unseen: Floats, near: int) -> Int64s:
    """Return since when the loop was busy, of each time that it was.

    Before each interval the loop computes something *unseen*. It may do so for several requests
    and answers that it finds at once before it goes on to the first of them, so that what passes
    unseen between the intervals of a busy time may have passed before all of them. What precedes
    an interval that begins while another has let others run passed within that.
    """
    order = np.argsort(start, kind="stable")
    start, end = start[order], np.maximum.accumulate(end[order])
    unseen = unseen[order]
    unseen[1:][start[1:] < end[:-1]] = 0.0
    upto = np.concatenate([[0.0], np.cumsum(unseen)])
    passed = np.maximum(0, start[1:] - end[:-1]).astype(float)
    idle = np.concatenate([[0.0, 0.0], np.cumsum(passed)])
    first = np.flatnonzero(np.concatenate([[True], passed > near + unseen[1:]]))
    while True:
        until = np.append(first[1:], len(start))
        inside = idle[until] - idle[first + 1]
        since = start[first] - np.maximum(0.0, upto[until] - upto[first] - inside)
        apart = np.concatenate([[True], since[1:] > end[first[1:] - 1] + near])
        if apart.all():
            busy: Int64s = since.astype(np.int64)
            return busy
        first = first[apart]


def union(start: Int64s, end: Int64s, near: int = 0) -> tuple[Int64s, Int64s]:
    """Return where intervals, and those not more than *near* apart as one, begin and end."""
    order = np.argsort(start, kind="stable")
    start, end = start[order], np.maximum.accumulate(end[order])
    first = np.concatenate([[True], start[1:] > end[:-1] + near])
    return start[first], end[np.append(np.flatnonzero(first)[1:] - 1, len(end) - 1)]


def in_flight(start: Int64s, end: Int64s, since: Int64s, until: Int64s) -> Int64s:
    """Return (n,) how many intervals last at some time from *since* on and before *until*."""
    begun = np.searchsorted(np.sort(start), until, "left")
    found: Int64s = begun - np.searchsorted(np.sort(end), since, "right")
    return found
