"""The series of response times by which a warm-up is found, in bounded memory.

It is kept as sums of five consecutive response times, as :mod:`simsched.statistics.mser` wants it.
When there are too many of these, every two neighbours become one.
"""

from __future__ import annotations

import numpy as np

from simsched.statistics.mser import BATCH
from simsched.workload.columns import Floats, Int64s

MOST = 1 << 13
"""Fewer sums than these are kept."""


class Settling:
    """The sums of ``size`` consecutive response times, and when the first of each arrived."""

    def __init__(self) -> None:
        self.size = BATCH
        none = np.empty(0, dtype=np.int64)
        self._sums, self._times = np.empty(0), none
        self._rest, self._rest_times = none, none

    def __len__(self) -> int:
        """Return how many sums there are."""
        return len(self._sums)

    def add(self, response_ns: Int64s, arrival_ns: Int64s) -> None:
        """Take the next response times, in order of arrival."""
        response = np.concatenate([self._rest, response_ns])
        arrival = np.concatenate([self._rest_times, arrival_ns])
        new, halvings = len(response) // self.size, 0
        while (len(self) + new) >> halvings >= MOST:
            halvings += 1
        new -= (len(self) + new) % (1 << halvings)  # what has no neighbour waits for one
        whole = new * self.size
        self._rest, self._rest_times = response[whole:], arrival[whole:]
        sums = response[:whole].reshape(-1, self.size).sum(axis=1, dtype=np.float64)
        self._sums = np.concatenate([self._sums, sums])
        self._times = np.concatenate([self._times, arrival[: whole : self.size]])
        for _ in range(halvings):
            self._sums, self._times = _pairs(self._sums), self._times[::2]
            self.size *= 2

    def sums(self, size: int) -> Floats:
        """Return the sums of *size* response times, which is a power of two times ``self.size``."""
        sums = self._sums
        for _ in range((size // self.size).bit_length() - 1):
            sums = _pairs(sums)
        return sums

    def time_ns(self, number: int, size: int) -> int:
        """Return when the first of the *number*-th *size* requests arrived, counting from 0."""
        return int(self._times[number * (size // self.size)])


def _pairs(sums: Floats) -> Floats:
    """Return the sums of every two neighbours; a last one without any is left out."""
    paired: Floats = sums[: len(sums) // 2 * 2].reshape(-1, 2).sum(axis=1)
    return paired
