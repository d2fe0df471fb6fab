"""The programs of requests: each request's phases as rows.

A program is built from parts that lay themselves out. Every part first says how many rows each of
its owners needs, which fixes where everything goes, and then writes its rows straight into the
columns; nothing is held twice. Parts keep their place in their streams from call to call, so that
owners are handled a block at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simsched.workload.columns import Int32s, Int64s
from simsched.workload.distributions import Law, checked, whole_nanoseconds
from simsched.workload.streams import Streams

_BLOCK = 1 << 15


@dataclass(frozen=True, eq=False)
class Rows:
    """The columns that programs are written into."""

    step_id: Int32s
    duration_ns: Int64s


@dataclass(frozen=True, eq=False)
class Layout:
    """What a part needs for its next owners.

    Attributes:
        rows: how many rows each owner needs.
        fill: writes the rows, given the columns and (n,) each owner's first row.
    """

    rows: int
    fill: Callable[[Rows, Int64s], None]


Part = Callable[[int], Layout]
"""Called with n, it returns the layout for the next n owners."""


def single(step_id: int, duration: Law, streams: Streams) -> Part:
    """Return the part that is one phase: one row."""
    draw = duration.sampler(streams)

    def fill(rows: Rows, first: Int64s) -> None:
        rows.step_id[first] = step_id
        rows.duration_ns[first] = whole_nanoseconds(checked(draw(len(first)), duration))

    return lambda _n: Layout(1, fill)


def series(parts: Sequence[Part]) -> Part:
    """Return the part that is *parts* one after the other."""

    def lay(n: int) -> Layout:
        layouts = [part(n) for part in parts]

        def fill(rows: Rows, first: Int64s) -> None:
            for layout in layouts:
                layout.fill(rows, first)
                first = first + layout.rows

        return Layout(sum(layout.rows for layout in layouts), fill)

    return lay


def lay_out(programs: Sequence[Part], class_id: Int32s) -> tuple[Int64s, Rows]:
    """Return where each request's program begins, (n + 1,), and the rows of all.

    The k-th request of a class takes the k-th draw of each of its program's streams.
    """
    rows_of_class = np.array([program(0).rows for program in programs])
    first_row = np.zeros(len(class_id) + 1, dtype=np.int64)
    np.cumsum(rows_of_class[class_id], out=first_row[1:])
    total = int(first_row[-1])
    rows = Rows(np.empty(total, dtype=np.int32), np.empty(total, dtype=np.int64))
    for position, program in enumerate(programs):
        _write(program, first_row[:-1][class_id == position], rows)
    return first_row, rows


def _write(program: Part, first: Int64s, rows: Rows) -> None:
    for start in range(0, len(first), _BLOCK):
        block = first[start : start + _BLOCK]
        program(len(block)).fill(rows, block)
