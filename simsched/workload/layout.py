"""From the plans of the classes to the rows of every request, block by block.

A plan is laid out for one block of requests after another, so that temporary arrays stay small.
Every part first says how many rows each of its owners (the requests it is part of) needs, which
fixes where everything goes, and then writes its rows straight into the columns. No part depends on
what stands before or after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simsched.workload.arrays import Bools, Floats, Int32s, Int64s

# About how many rows are laid out at a time.
_BLOCK = 1 << 17


@dataclass(frozen=True, eq=False)
class Rows:
    """The columns that programs are written into, each (rows,).

    ``handoff`` and ``fails`` are (attempts, rows), or (0, 0) where nothing is drawn for them.
    """

    step_id: Int32s
    duration_ns: Int64s
    handoff: Floats
    fails: Bools

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
    """What the requests of a class do, before anything is drawn."""

    @property
    def mean_rows(self) -> float:
        """How many rows it has on average."""
        ...

    def begin(self) -> Part:
        """Return the part at the beginning of its streams."""
        ...


def lay_out(
    plans: Sequence[Plan], class_id: Int32s, *, handoffs: int = 0, failures: int = 0
) -> tuple[Int64s, Rows]:
    """Return where each request's program begins, (n + 1,), and the rows of all.

    The k-th request of a class takes the k-th draw of each of its plan's streams.

    Args:
        plans: what each class does.
        class_id: (n,) each request's class, by position in *plans*.
        handoffs: for how many attempts it is drawn who is handed a slot,
        failures: and which steps fail; 0 where chance has no say.
    """
    owners = [np.flatnonzero(class_id == position) for position in range(len(plans))]
    first_row = np.zeros(len(class_id) + 1, dtype=np.int64)
    for plan, mine in zip(plans, owners, strict=True):
        first_row[1:][mine] = _lengths(plan, mine)
    # In place: the column may be as long as memory allows.
    np.cumsum(first_row, out=first_row)
    count = int(first_row[-1])
    rows = Rows(
        np.empty(count, np.int32),
        np.empty(count, np.int64),
        np.zeros((handoffs, count if handoffs else 0)),
        np.zeros((failures, count if failures else 0), np.bool_),
    )
    for plan, mine in zip(plans, owners, strict=True):
        part = plan.begin()
        for block in _blocks(plan, mine):
            part(block).fill(rows, first_row[block])
    return first_row, rows


def _lengths(plan: Plan, owners: Int64s) -> int | Int64s:
    """Return how many rows each owner has.

    The picks and counts that decide it are drawn here and once more when the rows are written:
    keeping them would take more memory than the rows do.
    """
    part = plan.begin()
    same = part(owners[:0]).rows
    if isinstance(same, int):
        return same
    return np.concatenate([same, *(part(block).rows for block in _blocks(plan, owners))])


def _blocks(plan: Plan, owners: Int64s) -> Iterator[Int64s]:
    size = max(1, int(_BLOCK / max(1.0, plan.mean_rows)))
    return (owners[start : start + size] for start in range(0, len(owners), size))
