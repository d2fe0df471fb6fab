"""How far the order of completion departs from the order of arrival.

Requests that arrive at one instant count as arriving in the order of their numbers; requests that
finish at one instant count as finishing in the order they arrived. So ties never count as
overtaking, and both orders are total.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsched.engine import machine_code
from simsched.workload.columns import Int32s, Int64s

MANY = 1 << 18
"""From so many requests on, compiled code counts sooner even where it must be compiled first."""

SOME = 1 << 15
"""From so many on it does where it is on disk."""

# The name of the compiled count on disk.
_KIND = "inversions"

Column = NDArray[Any]
PerRequest = Callable[[Int64s], Column]
"""Takes when requests finished, in order of arrival, and returns a figure of each."""


def completion_order(finish_ns: Int64s) -> Int64s:
    """Return (n,) the places in the order of arrival, from 0, in the order of completion."""
    return np.argsort(finish_ns, kind="stable")


def overtaken(finish_ns: Int64s) -> Column:
    """Return (n,) whether each request, in order of arrival, saw a later one finish earlier."""
    earliest_later = np.minimum.accumulate(finish_ns[::-1])[::-1]
    return earliest_later < finish_ns


def displacement(finish_ns: Int64s) -> Int64s:
    """Return (n,) how many places lie between each request's arrival and its completion."""
    moved = ranks(finish_ns)
    moved -= np.arange(len(finish_ns))
    return np.abs(moved, out=moved)


def ranks(finish_ns: Int64s) -> Int64s:
    """Return (n,) the place, from 0, at which each request finished."""
    place = np.empty(len(finish_ns), dtype=np.int64)
    place[completion_order(finish_ns)] = np.arange(len(finish_ns))
    return place


def inversions(finish_ns: Int64s) -> int:
    """Return how many pairs of requests finished in the wrong order, in O(n log n)."""
    if not _is_worth_compiling(len(finish_ns)):
        return permuted(ranks(finish_ns))
    return merge_count(finish_ns.copy())


def _is_worth_compiling(count: int) -> bool:
    if count < SOME or not machine_code.is_available():
        return False
    return count >= MANY or machine_code.is_at_hand(_KIND)


def merge_count(values: Int64s) -> int:
    """Return how many pairs of *values* stand in the wrong order, and sort them in place."""
    held = np.empty_like(values)
    sort = machine_code.compiled(_KIND)
    return sort(values.ctypes.data, held.ctypes.data, len(values))


def permuted(permutation: Int64s) -> int:
    """Return how many pairs of a *permutation* of 0..n-1 stand in the wrong order, in O(n log n).

    Two numbers differ first at some bit. So, for each bit from the highest, with the numbers
    grouped by the bits above and in their original order within a group, the pairs decided there
    are those with a one before a zero. Since the numbers are a permutation, the groups lie at
    multiples of the bit's double. It is merge sort's count (Knight, JASA 61, 1966) turned upside
    down, so that each level is a few whole-array operations.
    """
    values = permutation.astype(np.int32)  # a trace has fewer than 2**31 rows
    total = 0
    for bit in range(max(0, len(values) - 1).bit_length() - 1, -1, -1):
        found, values = _level(values, bit)
        total += found
    return total


def _level(values: Int32s, bit: int) -> tuple[int, Int32s]:
    """Return the inversions decided at *bit*, and the values regrouped for the next lower one."""
    ones = (values >> bit) & 1
    ones_before = np.cumsum(ones, dtype=np.int32) - ones
    starts = np.arange(0, len(values), 2 << bit)
    within = ones_before - np.repeat(ones_before[starts], 2 << bit)[: len(values)]
    place = np.arange(len(values), dtype=np.int32) - within
    second_half = (values >> bit << bit) + within
    regrouped = np.empty_like(values)
    regrouped[np.where(ones, second_half, place)] = values
    return int(np.sum(within * (1 - ones), dtype=np.int64)), regrouped


def kendall_tau(finish_ns: Int64s) -> float | None:
    """Return Kendall's tau between arrival and completion; None for fewer than two requests.

    It is 1 - 4 D / (n (n - 1)) with D the pairs that finished in the wrong order: 1 when all finish
    in the order they arrived, -1 when that is reversed.

    Source: Kendall, Biometrika 30, 1938; both orders are total, so tau-a, tau-b and tau-c agree.
    """
    count = len(finish_ns)
    if count < 2:  # noqa: PLR2004
        return None
    return 1 - 4 * inversions(finish_ns) / (count * (count - 1))


def agreement(one_ns: Int64s, other_ns: Int64s) -> float | None:
    """Return Kendall's tau between two orders of completion of the same requests.

    Args:
        one_ns: (n,) when each request finished.
        other_ns: (n,) the same in another run; which of the two comes first makes no difference.
    """
    return kendall_tau(other_ns[completion_order(one_ns)])
