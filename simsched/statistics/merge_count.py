"""Counting inversions while sorting: merge sort's count, compiled.

What a merge moves past the rest of the left run was in the wrong order with all of it. Where two
runs hardly overlap, as answers that are hardly out of order do, a merge touches only the overlap.

Source: Knight, A computer method for calculating Kendall's tau with ungrouped data, JASA 61, 1966.
"""

from __future__ import annotations

import numpy as np

from simsched.engine.jit import rule
from simsched.engine.kept_code import kernel
from simsched.workload.arrays import Int64s

RUN = 16
"""Runs of this length are sorted by insertion."""


def merge_count(values: Int64s) -> int:
    """Return how many pairs of *values* stand in the wrong order, and sort them in place."""
    return int(_sort(values, np.empty(len(values), dtype=np.int64)))


@kernel
def _sort(values: Int64s, held: Int64s) -> int:
    count, width = len(values), RUN
    inversions = 0
    for first in range(0, count, width):
        inversions += _insert(values, first, min(first + width, count))
    while width < count:
        for middle in range(width, count, 2 * width):
            inversions += _merge(values, held, middle - width, middle, min(middle + width, count))
        width *= 2
    return inversions


@rule
def _insert(values: Int64s, first: int, last: int) -> int:
    moved = 0
    for at in range(first + 1, last):
        value, place = values[at], at
        while place > first and values[place - 1] > value:
            values[place] = values[place - 1]
            place -= 1
        values[place] = value
        moved += at - place
    return moved


@rule
def _merge(values: Int64s, held: Int64s, first: int, middle: int, last: int) -> int:
    at = _after(values, first, middle)
    left, count, right, passed = 0, middle - at, middle, 0
    for place in range(count):
        held[place] = values[at + place]
    while left < count:
        if right == last or held[left] <= values[right]:
            values[at] = held[left]
            left += 1
        else:
            values[at] = values[right]
            right += 1
            passed += count - left
        at += 1
    return passed


@rule
def _after(values: Int64s, first: int, middle: int) -> int:
    """Return where, in the sorted run from *first*, what stands at *middle* would be inserted."""
    low, high = first, middle
    while low < high:
        half = (low + high) // 2
        if values[half] <= values[middle]:
            low = half + 1
        else:
            high = half
    return low
