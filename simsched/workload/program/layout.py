"""Laying programs out: from what each class does to the rows of every request.

A plan says what a class of requests does. Begun, it is laid out for one block of requests after
the other: every part first says how many rows each of its owners needs, which fixes where
everything goes, and then writes its rows straight into the columns. Nothing is held twice, and no
part knows what stands before or behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simsched.workload.arrays import Int32s, Int64s

_BLOCK = 1 << 17
"""About how many rows are laid out at a time."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The columns that programs are written into, each (rows,)."""

    step_id: Int32s
    duration_ns: Int64s

    def put(self, at: Int64s, step_id: int, operand: int | Int64s) -> None:
        """Write rows of one step."""
        self.step_id[at] = step_id
        self.duration_ns[at] = operand


@dataclass(frozen=True, eq=False)
class Layout:
    """What a part needs for a block of n owners.

    Attributes:
        rows: how many rows each owner needs: one number if all need the same, else (n,).
        fill: writes the rows, given the columns and (n,) each owner's first row.
    """

    rows: int | Int64s
    fill: Callable[[Rows, Int64s], None]


Part = Callable[[Int64s], Layout]
"""Called with (n,) the numbers of the requests that own it next, it returns its layout for them."""


class Plan(Protocol):
    """What requests do, before chance has had its say."""

    @property
    def mean_rows(self) -> float:
        """How many rows it has on average."""
        ...

    def begin(self) -> Part:
        """Return the part at the beginning of its streams."""
        ...


class LayingOut:
    """Lays out the programs of requests, one lot after the other.

    The k-th request of a class, over all lots, takes the k-th draw of each of its plan's streams.

    Args:
        plans: what each class does.
    """

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._plans = plans
        self._measuring = [plan.begin() for plan in plans]
        self._parts = [plan.begin() for plan in plans]
        self._before = 0

    def __call__(self, class_id: Int32s) -> tuple[Int64s, Rows]:
        """Return where each request's program begins, (n + 1,), and the rows of all.

        Args:
            class_id: (n,) the class of each request of the lot, by position in the plans.
        """
        first_row = np.zeros(len(class_id) + 1, dtype=np.int64)
        for position, owners in _owners(class_id, len(self._plans)):
            first_row[1:][owners] = self._lengths(position, owners)
        np.cumsum(first_row, out=first_row)
        rows = Rows(*(np.empty(first_row[-1], dtype) for dtype in (np.int32, np.int64)))
        for position, owners in _owners(class_id, len(self._plans)):
            for block in self._blocks(position, owners):
                layout = self._parts[position](block + self._before)
                layout.fill(rows, first_row[block])
        self._before += len(class_id)
        return first_row, rows

    def _lengths(self, position: int, owners: Int64s) -> int | Int64s:
        """How many rows each owner has; what decides that is drawn once more when they are laid."""
        measure = self._measuring[position]
        same = measure(owners[:0]).rows
        if isinstance(same, int):
            return same
        blocks = self._blocks(position, owners)
        return np.concatenate([same, *(measure(block + self._before).rows for block in blocks)])

    def _blocks(self, position: int, owners: Int64s) -> Iterator[Int64s]:
        size = max(1, int(_BLOCK / max(1.0, self._plans[position].mean_rows)))
        return (owners[start : start + size] for start in range(0, len(owners), size))


def lay_out(plans: Sequence[Plan], class_id: Int32s) -> tuple[Int64s, Rows]:
    """Return where each request's program begins, (n + 1,), and the rows of all.

    The k-th request of a class takes the k-th draw of each of its plan's streams.

    Args:
        plans: what each class does.
        class_id: (n,) each request's class, by position in *plans*.
    """
    return LayingOut(plans)(class_id)


def _owners(class_id: Int32s, classes: int) -> Iterator[tuple[int, Int64s]]:
    for position in range(classes):
        yield position, np.flatnonzero(class_id == position)
