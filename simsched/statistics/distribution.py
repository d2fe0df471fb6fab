"""The distribution of response times, in few enough points to draw whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simsched.statistics.completion_order import ranks
from simsched.statistics.window import Window
from simsched.units import SECOND
from simsched.workload.columns import Floats, Int64s

BODY = 200
"""In how many equal steps of probability the body of a distribution is shown."""

TAIL = 40
"""How many points there are in each tenfold step of the upper tail."""

_LEADING_BITS = 16


@dataclass(frozen=True, eq=False)
class Distribution:
    """Points of an empirical distribution function, exact where they stand.

    Attributes:
        count: how many response times it is made of.
        value_s: (k,) response times in seconds, rising; the first and last are the extremes.
        share: (k,) the share of response times at or below each, in (0, 1].
    """

    count: int
    value_s: Floats
    share: Floats


def distribution(windows: Sequence[Window], detail: float = 1.0) -> Distribution | None:
    """Return how the response times in *windows*, pooled, are distributed; None without any.

    Up to :data:`BODY` response times each is a point. Of more, order statistics at equal steps of
    probability are kept, and in the upper tail at equal steps of its logarithm, so that every
    percentile that the points can show is near one. *detail* is the share of these steps to take.
    """
    points = np.concatenate([window.response_ns for window in windows])
    if not len(points):
        return None
    kept = _kept(len(points), round(detail * BODY), detail * TAIL)
    value, up_to = order_statistics(points, kept)
    return Distribution(len(points), value / SECOND, up_to / len(points))


def order_statistics(values: Int64s, places: Int64s) -> tuple[Int64s, Int64s]:
    """Return (k,) what stands at those *places* of sorted *values*, and (k,) how many are no more.

    Only what shares its leading bits with one of them is sorted: of many values few, mostly.
    """
    least = values.min()
    dropped = max(0, int(values.max() - least).bit_length() - _LEADING_BITS)
    leading = (values - least) >> dropped
    counts = np.bincount(leading)
    wanted = np.zeros(len(counts), dtype=np.bool_)
    wanted[np.searchsorted(np.cumsum(counts), places, side="right")] = True
    ordered = np.sort(values[wanted[leading]])
    # How many values are left out before each of those that are sorted.
    left_out = np.repeat(np.cumsum(np.where(wanted, 0, counts))[wanted], counts[wanted])
    found = ordered[np.searchsorted(np.arange(len(ordered)) + left_out, places)]
    last = np.searchsorted(ordered, found, side="right")
    return found, last + left_out[last - 1]


def _kept(count: int, steps: int, tail: float) -> Int64s:
    """Return the places, from 0, of the order statistics that are kept of *count*.

    There are so many *steps* of probability, and in each tenfold step of the *tail*.
    """
    if count <= steps:
        return np.arange(count)
    body = np.linspace(0, count - 1, steps + 1)
    # In the tail equal steps of the logarithm: p99.9 is as far from p99 as p99 from p90.
    beyond = np.geomspace(1, count / 10, round(tail * np.log10(count / 10)) + 1)
    return np.unique(np.rint(np.concatenate([body, count - beyond])).astype(np.int64))


@dataclass(frozen=True, eq=False)
class Displacement:
    """How far requests finished from their place of arrival.

    Attributes:
        edges: (b + 1,) of the bins, in places; negative is earlier than arrived.
        share: (b,) the share of requests in each bin.
        kept: the share of requests that kept their place.
    """

    edges: Floats
    share: Floats
    kept: float


def places_lost(finishes: Sequence[Int64s]) -> Int64s:
    """Return how many places each request lost between arrival and completion; a gain is negative.

    ``finishes`` holds, for each replication, when its requests finished, in order of arrival.
    """
    return np.concatenate([ranks(finish) - np.arange(len(finish)) for finish in finishes])


def displacement(lost: Int64s, reach: int, bins: int = 61) -> Displacement:
    """Return how *lost* places are distributed, of at least one request.

    The bins hold -*reach* to *reach*, so that several servers may share them. They are odd in
    number and of equal whole width, so that keeping one's place is in the middle of the middle one.
    """
    edges = _edges(reach, bins)
    counts, _ = np.histogram(lost, edges)
    return Displacement(edges, counts / len(lost), float(np.mean(lost == 0)))


def _edges(reach: int, bins: int) -> Floats:
    """Return the edges of bins of an odd width that hold -*reach* to *reach*."""
    width = -(-(2 * reach + 1) // bins)
    # Odd, so that the middle bin is centred on those who kept their place.
    width += (width + 1) % 2
    beside = max(0, -(-(2 * reach - width + 1) // (2 * width)))
    half = beside * width + width / 2
    return np.arange(-half, half + width / 2, width)
