"""Stretches of time laid out in character cells, so that none of them vanishes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from simsched.report.stretches import Stretch

Span = tuple[int, int]


def merged(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Return *stretches* with neighbours of one activity joined, as a row of cells shows them."""
    groups = [list(group) for _, group in groupby(stretches, key=lambda s: s.activity)]
    return tuple(piece for group in groups for piece in _joined(group))


def spans(stretches: Sequence[Stretch], cell_at: Callable[[int], int], cells: int) -> list[Span]:
    """Return each stretch's first cell and the cell after its last; each has at least one.

    ``cell_at`` tells where an instant falls among *cells* cells. A stretch too short for a cell of
    its own takes one from its neighbours, so that edges move by a cell but the order stays.

    Raises:
        ValueError: there are more stretches than cells.
    """
    if len(stretches) > cells:
        raise ValueError(f"{len(stretches)} stretches do not fit in {cells} cells")
    pushed: list[Span] = []
    edge = 0
    for stretch in stretches:
        start = max(cell_at(stretch.start_ns), edge)
        edge = max(cell_at(stretch.finish_ns), start + 1)
        pushed.append((start, edge))
    return _within(pushed, cells)


def longest(stretches: Sequence[Stretch], count: int) -> tuple[Stretch, ...]:
    """Return the *count* longest stretches, in order of time."""
    if len(stretches) <= count:
        return tuple(stretches)
    kept = sorted(stretches, key=lambda s: s.length_ns, reverse=True)[:count]
    return tuple(sorted(kept, key=lambda s: s.start_ns))


def _joined(group: Sequence[Stretch]) -> list[Stretch]:
    """Return stretches of one activity with those that touch made one."""
    found: list[Stretch] = []
    for stretch in group:
        if found and found[-1].finish_ns == stretch.start_ns:
            found[-1] = Stretch(stretch.activity, found[-1].start_ns, stretch.finish_ns)
        else:
            found.append(stretch)
    return found


def _within(pushed: Sequence[Span], cells: int) -> list[Span]:
    """Return the spans moved back from the right edge as far as they were pushed over it."""
    found: list[Span] = []
    edge = cells
    for start, finish in reversed(pushed):
        last = min(finish, edge)
        edge = min(start, last - 1)
        found.append((edge, last))
    return found[::-1]
