"""How far the order of completion departs from that of arrival, told as requests go by.

Requests come in order of arrival. Whoever is still to come finishes no earlier than it arrives: so
once nobody arrives before some moment any more, the order of all that finished before it is known,
and they are told in that order. Nobody is remembered but those who are there at that moment.

Take a request that came as the ``p``-th, counting from 0. Of those with lower places, those who
were told before it are ``p`` less those who were not; all others who were told before it overtook
it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsched.statistics.order import inversions
from simsched.statistics.window import Mask
from simsched.workload.columns import Int32s, Int64s


@dataclass(frozen=True, eq=False)
class Told:
    """Requests in order of completion.

    Attributes:
        place: (n,) the place of each by arrival, from 0.
        arrival_ns: (n,) when each arrived.
        class_id: (n,) the class of each.
        displacement: (n,) how many places lie between its arrival and its completion.
        overtaken: (n,) whether any who arrived later finished earlier.
        overtaken_by_told: (n,) how many of those told in earlier calls did.
    """

    place: Int64s
    arrival_ns: Int64s
    class_id: Int32s
    displacement: Int64s
    overtaken: Mask
    overtaken_by_told: Int64s

    def inversions(self, since_ns: int, until_ns: int) -> int:
        """Return how many pairs finished in the wrong order whose earlier one arrived in between.

        That is at *since_ns* or later, and before *until_ns*.
        """
        return self._inversions_from(since_ns) - self._inversions_from(until_ns)

    def _inversions_from(self, since_ns: int) -> int:
        ours = self.arrival_ns >= since_ns  # who overtook them arrived even later
        within = inversions(self.place[ours]) if ours.any() else 0
        return within + int(self.overtaken_by_told[ours].sum())


class Overtaking:
    """Tells requests in order of completion."""

    def __init__(self) -> None:
        self._came = self._told = 0
        self._latest = -1  # the highest place that was told
        none = np.empty(0, dtype=np.int64)
        self._waiting = (none, none, none, none.astype(np.int32))

    def add(
        self, finish_ns: Int64s, arrival_ns: Int64s, class_id: Int32s, before_ns: int | None
    ) -> Told:
        """Take requests in order of arrival; return those who finished before *before_ns*.

        Whoever comes later finishes at *before_ns* or later; None where nobody does.
        """
        place = np.arange(self._came, self._came + len(finish_ns))
        self._came += len(finish_ns)
        finish = np.concatenate([self._waiting[0], finish_ns])
        place = np.concatenate([self._waiting[1], place])
        arrival = np.concatenate([self._waiting[2], arrival_ns])
        classes = np.concatenate([self._waiting[3], class_id])
        known = np.ones(len(finish), bool) if before_ns is None else finish < before_ns
        self._waiting = (finish[~known], place[~known], arrival[~known], classes[~known])
        by_finish = np.flatnonzero(known)[np.argsort(finish[known], kind="stable")]
        return self._tell(place[by_finish], arrival[by_finish], classes[by_finish], by_finish)

    def _tell(self, place: Int64s, arrival: Int64s, classes: Int32s, lower: Int64s) -> Told:
        """Tell of requests with *lower* places below theirs among those not told yet."""
        ranks = np.arange(self._told, self._told + len(place))
        highest = np.maximum.accumulate(np.concatenate([[self._latest], place]))
        told = Told(
            place,
            arrival,
            classes,
            displacement=np.abs(ranks - place),
            overtaken=highest[:-1] > place,
            overtaken_by_told=self._told - (place - lower),
        )
        self._told += len(place)
        self._latest = int(highest[-1])
        return told
