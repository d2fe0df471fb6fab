"""Counting inversions while sorting: merge sort's count, compiled.

What a merge moves past the rest of the left run was in the wrong order with all of it. Where two
runs hardly overlap, as answers that are hardly out of order do, a merge touches only the overlap.

Source: Knight, A computer method for calculating Kendall's tau with ungrouped data, JASA 61, 1966.
"""

from __future__ import annotations

import numpy as np

from simsched.engine.compiled.memory import read, write
from simsched.engine.jit import rule

RUN = 16
"""Runs of this length are sorted by insertion."""

_INT = np.int64


def sort(values: int, held: int, count: int) -> int:
    """Return how many pairs of values stand in the wrong order, and sort them in place.

    Args:
        values: the address of *count* int64 values.
        held: the address of as many, to work with.
        count: their number.
    """
    width, inversions = RUN, 0
    for first in range(0, count, width):
        inversions += _insert(values, first, min(first + width, count))
    while width < count:
        for middle in range(width, count, 2 * width):
            inversions += _merge(values, held, middle - width, middle, min(middle + width, count))
        width *= 2
    return inversions


@rule
def _insert(values: int, first: int, last: int) -> int:
    moved = 0
    for at in range(first + 1, last):
        value, place = read(values, at, _INT), at
        while place > first and read(values, place - 1, _INT) > value:
            write(values, place, _INT, read(values, place - 1, _INT))
            place -= 1
        write(values, place, _INT, value)
        moved += at - place
    return moved


@rule
def _merge(values: int, held: int, first: int, middle: int, last: int) -> int:
    at = _after(values, first, middle)
    left, count, right, passed = 0, middle - at, middle, 0
    for place in range(count):
        write(held, place, _INT, read(values, at + place, _INT))
    while left < count:
        if right == last or read(held, left, _INT) <= read(values, right, _INT):
            write(values, at, _INT, read(held, left, _INT))
            left += 1
        else:
            write(values, at, _INT, read(values, right, _INT))
            right += 1
            passed += count - left
        at += 1
    return passed


@rule
def _after(values: int, first: int, middle: int) -> int:
    """Return where, in the sorted run from *first*, what stands at *middle* would be inserted."""
    low, high = first, middle
    while low < high:
        half = (low + high) // 2
        if read(values, half, _INT) <= read(values, middle, _INT):
            low = half + 1
        else:
            high = half
    return low
