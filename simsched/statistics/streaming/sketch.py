"""A distribution in constant memory, whose quantiles are known up to a stated relative error.

Values fall into buckets. Up to 1023 ns each has one of its own; beyond, each octave is cut into 512
buckets of equal width, so that none is wider than 1/512 of its values and its middle is within
1/1024 of each of them. Counts are exact, so sketches of parts of a run add up to that of the whole.

Sources: log-linear buckets, Tene, HdrHistogram: a high dynamic range histogram, 2012; the relative
error of quantiles and merging, Masson, Rim & Lee, DDSketch, Proc. VLDB Endowment 12 (12), 2019.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simsched.workload.columns import Floats, Int64s

RELATIVE_ERROR = 2.0**-10
"""No quantile is farther from the exact one than this part of it: less than 0.1 %."""

_BITS = 10
_HALF = 1 << (_BITS - 1)


def bucket_of(values: Int64s) -> Int64s:
    """Return (n,) the number of the bucket of each of *values*, which are at least 0."""
    _, length = np.frexp(values.astype(np.float64))  # 2**length is just above each
    shift: Int64s = np.maximum(length.astype(np.int64) - _BITS, 0)
    return shift * _HALF + (values >> shift)


def middle_of(bucket: Int64s) -> Floats:
    """Return the middle of each bucket."""
    shift = np.maximum(bucket // _HALF - 1, 0)
    first = (bucket - shift * _HALF) << shift
    middle: Floats = first + ((1 << shift) - 1) / 2
    return middle


class Sketch:
    """How many values there are in each bucket, and what else they add up to.

    Args:
        sums: of how many quantities besides the count the sum over each bucket is kept.
    """

    def __init__(self, sums: int = 0) -> None:
        self.counts: Int64s = np.zeros(0, dtype=np.int64)
        self.sums: Floats = np.zeros((sums, 0))

    @property
    def count(self) -> int:
        """How many values there are."""
        return int(self.counts.sum())

    def add(self, values: Int64s, quantities: Sequence[Int64s] = ()) -> None:
        """Count *values*, each with its part of the *quantities* whose sums are kept."""
        if len(values):
            bucket = bucket_of(values)
            self._reach(int(bucket.max()) + 1)
            size = len(self.counts)
            self.counts += np.bincount(bucket, minlength=size)
            for at, quantity in enumerate(quantities):
                self.sums[at] += np.bincount(bucket, weights=quantity, minlength=size)

    def merge(self, other: Sketch) -> None:
        """Count what *other* counted."""
        size = len(other.counts)
        self._reach(size)
        self.counts[:size] += other.counts
        self.sums[:, :size] += other.sums

    def quantiles(self, probabilities: Sequence[float]) -> Floats:
        """Return the quantiles, NaN where there are no values.

        Between order statistics they are interpolated as in
        :func:`simsched.statistics.quantile.quantiles`.
        """
        if not self.count:
            return np.full(len(probabilities), np.nan)
        place = np.asarray(probabilities) * (self.count - 1)
        low, high = self._ordered(np.floor(place)), self._ordered(np.ceil(place))
        found: Floats = low + (high - low) * (place - np.floor(place))
        return found

    def beyond(self, limit: float) -> tuple[int, Floats]:
        """Return how many values are in the bucket of *limit* or above, and their sums."""
        first = _bucket(limit)
        return int(self.counts[first:].sum()), self.sums[:, first:].sum(axis=1)

    def up_to(self, limit: float) -> int:
        """Return how many values are in the bucket of *limit* or below."""
        return int(self.counts[: _bucket(limit) + 1].sum())

    def _ordered(self, places: Floats) -> Floats:
        """Return the values at these *places*, from 0, of all in rising order."""
        buckets = np.searchsorted(np.cumsum(self.counts), places, side="right")
        return middle_of(buckets.astype(np.int64))

    def _reach(self, size: int) -> None:
        """Have at least *size* buckets."""
        more = size - len(self.counts)
        if more > 0:
            self.counts = np.concatenate([self.counts, np.zeros(more, dtype=np.int64)])
            self.sums = np.concatenate([self.sums, np.zeros((len(self.sums), more))], axis=1)


def _bucket(value: float) -> int:
    return int(bucket_of(np.array([value], dtype=np.int64))[0])
