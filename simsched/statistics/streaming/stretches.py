"""A run cut into stretches of equal length, whose number stays small however long it gets.

When a request comes beyond the last stretch that there may be, every two neighbours become one. So
warm-ups and batches can be cut at the edges of stretches when the run is over.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simsched.statistics.streaming.tally import Tally, merged
from simsched.workload.arrays import Floats, Int64s, total

MOST = 64
"""Into how many stretches a run is cut at most; in the end there are more than half as many."""

SHORTEST_NS = 1 << 20
"""How long a stretch is at first: about a millisecond."""


class Stretches:
    """The tallies of consecutive stretches that begin at *origin_ns*, and one of all before."""

    def __init__(self, origin_ns: int = 0) -> None:
        self.origin_ns = origin_ns
        self.length_ns = SHORTEST_NS
        self.early = Tally()
        self.tallies: list[Tally] = []

    def reach(self, time_ns: int) -> None:
        """Have stretches up to *time_ns*."""
        while (time_ns - self.origin_ns) // self.length_ns >= MOST:
            pairs = zip(self.tallies[::2], [*self.tallies[1::2], Tally()], strict=False)
            self.tallies = [merged(pair) for pair in pairs]
            self.length_ns *= 2
        missing = (time_ns - self.origin_ns) // self.length_ns + 1 - len(self.tallies)
        self.tallies += [Tally() for _ in range(missing)]

    def at(self, times_ns: Int64s) -> Int64s:
        """Return (n,) the stretch of each time, from 0; -1 before the first."""
        return np.maximum((times_ns - self.origin_ns) // self.length_ns, -1)

    def __getitem__(self, number: int) -> Tally:
        """Return the tally of a stretch; -1 is all that came before the first."""
        return self.early if number < 0 else self.tallies[number]

    def bounds(self, number: int) -> tuple[int, int]:
        """Return where a stretch begins and ends."""
        start = self.origin_ns + number * self.length_ns
        return (0, self.origin_ns) if number < 0 else (start, start + self.length_ns)

    def up_to(self, end_ns: int) -> int:
        """Return how many stretches have ended at *end_ns*."""
        return min(len(self.tallies), (end_ns - self.origin_ns) // self.length_ns)

    def groups(self, times_ns: Int64s) -> Iterator[tuple[int, Int64s]]:
        """Yield each stretch that some of the times are in, and which those are."""
        found = self.at(times_ns)
        for number in _present(found):
            yield number, np.flatnonzero(found == number)

    def spread(self, spent_ns: Int64s, since_ns: Int64s, until_ns: Int64s) -> None:
        """Count *spent_ns* as CPU time, spread evenly from *since_ns* to *until_ns*."""
        some = spent_ns > 0
        spent, since, until = spent_ns[some], since_ns[some], until_ns[some]
        first, last = self.at(since), self.at(np.maximum(until - 1, since))
        across = first != last
        for number in _present(first):
            self[number].cpu_ns += float(total(spent[(first == number) & ~across]))
        self._share_out(*(column[across] for column in (spent, since, until, first, last)))

    def _share_out(
        self, spent: Int64s, since: Int64s, until: Int64s, first: Int64s, last: Int64s
    ) -> None:
        for number in range(int(first.min(initial=0)), int(last.max(initial=-1)) + 1):
            start, stop = self.bounds(number)
            within: Floats = np.minimum(until, stop) - np.maximum(since, start) * 1.0
            share = np.clip(within / np.maximum(until - since, 1), 0.0, 1.0)
            self[number].cpu_ns += float(np.sum(spent * share))


def _present(numbers: Int64s) -> list[int]:
    """Return which of -1, 0, 1 and so on are among *numbers*."""
    return (np.flatnonzero(np.bincount(numbers + 1)) - 1).tolist()
