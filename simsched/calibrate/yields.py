"""How long requests computed on a loop where they let others run in between: where they *yield*.

Code on an event loop does so where it awaits a task that it has just made, as drivers do when they
give a connection back, or sleeps for no time at all. No span shows that. But another request that
goes on while this one seems to compute does: without a yield nothing can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsched.workload.arrays import Bools, Floats, Int32s, Int64s

_LEAST_SEEN = 3
"""How often others must be seen to go on at a place."""

_LEAST_SHARE = 0.005
"""In what part of the intervals there."""


@dataclass(frozen=True, eq=False)
class Turns:
    """Intervals of some length, in each of which the loop ran its request from the beginning.

    Attributes:
        start_ns: (n,) when each began.
        end_ns: (n,) when it ended.
        leaf: (n,) its place in the program of a class; -1 of a rare variant.
        request: (n,) the request that computed.
        unseen_ns: (n,) what the loop computed just before it.
        returning_ns: what it computes before a request goes on after a yield.
    """

    start_ns: Int64s
    end_ns: Int64s
    leaf: Int32s
    request: Int64s
    unseen_ns: Floats
    returning_ns: float

    def computed(self) -> tuple[Floats, Bools, dict[int, int], Int64s]:
        """Return how long each request computed, whether that is in doubt, and the yields.

        From one beginning or end to the next the loop runs one request: that which began, until
        another begins, or that which ends next. Where one begins and another ends next, the first
        has yielded in between, about after the usual time.

        The yields are the leaves in which requests do, and after how many nanoseconds of computing;
        and when each interval was seen to give way, or -1.
        """
        n = len(self.start_ns)
        need, doubtful = np.zeros(n), np.zeros(n, np.bool_)
        times = np.concatenate([self.end_ns, self.start_ns])
        order = np.argsort(times, kind="stable")
        of, begins = order % max(n, 1), order >= n
        passed = np.diff(times[order]).astype(float)
        before, after = of[:-1], of[1:]
        began, begun = begins[:-1], begins[1:]
        itself = self.request[before] == self.request[after]

        went_on = began & begun
        first = np.maximum(passed - self.unseen_ns[after], 0.0)
        np.add.at(need, before[went_on], first[went_on])
        gave_way = np.zeros(n, np.bool_)
        gave_way[before[went_on & ~itself]] = True
        at = np.full(n, -1, np.int64)
        at[before[went_on]] = self.start_ns[before[went_on]] + first[went_on].astype(np.int64)
        found = self._usual(np.bincount(before[went_on], first[went_on], n).astype(float), gave_way)

        crossed = began & ~begun & (before != after)
        usual = np.array([found.get(int(each), 0) for each in self.leaf[before[crossed]]])
        first[crossed] = np.minimum(usual, passed[crossed])
        np.add.at(need, before[crossed], first[crossed])
        doubtful[before[crossed]] = doubtful[after[crossed]] = True

        ended = ~begun
        last = passed - np.where(crossed, first, 0.0)
        last[~began | crossed] -= self.returning_ns
        np.add.at(need, after[ended], np.maximum(last[ended], 0.0))
        # Those came back from a yield, too, that found nothing else to do.
        whole = np.isin(self.leaf, list(found)) & ~gave_way & ~doubtful
        need -= whole * self.returning_ns
        return np.maximum(need, 0.0), doubtful, found, np.where(gave_way, at, -1)

    def _usual(self, passed_ns: Floats, gave_way: Bools) -> dict[int, int]:
        found = {}
        for each in np.unique(self.leaf[gave_way & (self.leaf >= 0)]):
            of_leaf = self.leaf == each
            seen = passed_ns[of_leaf & gave_way]
            if len(seen) >= max(_LEAST_SEEN, _LEAST_SHARE * np.count_nonzero(of_leaf)):
                found[int(each)] = round(float(np.median(seen)))
        return found
