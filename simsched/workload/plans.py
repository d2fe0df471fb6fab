"""From what each class of requests does, its plan, to the rows of every request.

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

from simsched.workload.arrays import Int32s, Int64s
from simsched.workload.distributions import Counts, Law
from simsched.workload.streams import Streams, picker

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
    """What the requests of a class do, before anything is drawn."""

    @property
    def mean_rows(self) -> float:
        """How many rows it has on average."""
        ...

    def begin(self) -> Part:
        """Return the part at the beginning of its streams."""
        ...


def lay_out(plans: Sequence[Plan], class_id: Int32s) -> tuple[Int64s, Rows]:
    """Return where each request's program begins, (n + 1,), and the rows of all.

    The k-th request of a class takes the k-th draw of each of its plan's streams.

    Args:
        plans: what each class does.
        class_id: (n,) each request's class, by position in *plans*.
    """
    owners = [np.flatnonzero(class_id == position) for position in range(len(plans))]
    first_row = np.zeros(len(class_id) + 1, dtype=np.int64)
    for plan, mine in zip(plans, owners, strict=True):
        first_row[1:][mine] = _lengths(plan, mine)
    np.cumsum(first_row, out=first_row)
    rows = Rows(*(np.empty(first_row[-1], dtype) for dtype in (np.int32, np.int64)))
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


@dataclass(frozen=True)
class Single:
    """One phase whose duration has a law: one row."""

    step_id: int
    duration: Law
    streams: Streams
    mean_rows: float = 1.0

    def begin(self) -> Part:
        """Return the part at the beginning of the phase's stream."""
        draw = self.duration.durations(self.streams)

        def fill(rows: Rows, first: Int64s) -> None:
            rows.put(first, self.step_id, draw(len(first)))

        return lambda _: Layout(1, fill)


@dataclass(frozen=True, eq=False)
class Recorded:
    """One phase whose duration is given for each request: one row.

    ``duration_ns`` is (n,), by number of request.
    """

    step_id: int
    duration_ns: Int64s
    mean_rows: float = 1.0

    def begin(self) -> Part:
        """Return the part; nothing is drawn."""

        def lay(owners: Int64s) -> Layout:
            durations = self.duration_ns[owners]
            return Layout(1, lambda rows, first: rows.put(first, self.step_id, durations))

        return lay


@dataclass(frozen=True)
class Mark:
    """One row that takes no time, such as one that acquires a resource."""

    step_id: int
    mean_rows: float = 1.0

    def begin(self) -> Part:
        """Return the part; nothing is drawn."""
        return lambda _: Layout(1, lambda rows, first: rows.put(first, self.step_id, 0))


@dataclass(frozen=True)
class Series:
    """Plans one after the other."""

    plans: tuple[Plan, ...]

    @property
    def mean_rows(self) -> float:
        """Those of all plans."""
        return sum(plan.mean_rows for plan in self.plans)

    def begin(self) -> Part:
        """Return the part that lays the plans' parts out behind one another."""
        parts = [plan.begin() for plan in self.plans]

        def lay(owners: Int64s) -> Layout:
            layouts = [part(owners) for part in parts]

            def fill(rows: Rows, first: Int64s) -> None:
                for layout in layouts:
                    layout.fill(rows, first)
                    first = first + layout.rows

            return Layout(sum(layout.rows for layout in layouts), fill)

        return lay


@dataclass(frozen=True)
class FanOut:
    """Branches that run side by side until the last is done.

    The rows are those that :class:`simsched.workload.steps.StepKind` describes; ``fork_id`` and
    ``branch_id`` are the steps of the FORK and the BRANCH rows.
    """

    fork_id: int
    branch_id: int
    branches: tuple[Plan, ...]

    @property
    def mean_rows(self) -> float:
        """Those of the branches, one more for each of them, and one for the fork."""
        return 1 + sum(1 + branch.mean_rows for branch in self.branches)

    def begin(self) -> Part:
        """Return the part that lays the branches out behind one another."""
        parts = [branch.begin() for branch in self.branches]

        def lay(owners: Int64s) -> Layout:
            layouts = [part(owners) for part in parts]

            def fill(rows: Rows, first: Int64s) -> None:
                rows.put(first, self.fork_id, len(layouts))
                at = first + 1
                for layout in layouts:
                    rows.put(at, self.branch_id, layout.rows)
                    layout.fill(rows, at + 1)
                    at = at + 1 + layout.rows

            return Layout(sum(layout.rows for layout in layouts) + len(layouts) + 1, fill)

        return lay


@dataclass(frozen=True)
class Choice:
    """One of several plans, picked anew for each owner with these probabilities.

    The k-th owner that picks a plan takes the k-th draw of its streams.
    """

    probabilities: tuple[float, ...]
    plans: tuple[Plan, ...]
    streams: Streams

    @property
    def mean_rows(self) -> float:
        """The weighted mean of the plans'."""
        weighted = zip(self.probabilities, self.plans, strict=True)
        return sum(p * plan.mean_rows for p, plan in weighted)

    def begin(self) -> Part:
        """Return the part at the beginning of the stream of picks."""
        pick = picker(self.probabilities, self.streams.generator())
        parts = [plan.begin() for plan in self.plans]

        def lay(owners: Int64s) -> Layout:
            picked = pick(len(owners))
            groups = [np.flatnonzero(picked == i) for i in range(len(parts))]
            layouts = [part(owners[group]) for part, group in zip(parts, groups, strict=True)]
            counts = np.zeros(len(owners), dtype=np.int64)
            for layout, group in zip(layouts, groups, strict=True):
                counts[group] = layout.rows

            def fill(rows: Rows, first: Int64s) -> None:
                for layout, group in zip(layouts, groups, strict=True):
                    layout.fill(rows, first[group])

            return Layout(counts, fill)

        return lay


@dataclass(frozen=True)
class Repetition:
    """A plan done several times in a row, each time with draws of its own."""

    times: Counts
    plan: Plan
    streams: Streams

    @property
    def mean_rows(self) -> float:
        """Those of the plan, times how often it is done."""
        return self.times.mean * self.plan.mean_rows

    def begin(self) -> Part:
        """Return the part at the beginning of the stream of counts."""
        generator, part = self.streams.generator(), self.plan.begin()

        def lay(owners: Int64s) -> Layout:
            times = self.times.draw(generator, len(owners))
            return _regroup(part(np.repeat(owners, times)), times)

        return lay


def _regroup(layout: Layout, times: Int64s) -> Layout:
    """Give the turns of *layout* back to the owners, each of whom has so many *times*."""
    turns = np.full(int(times.sum()), 0) + layout.rows
    before = np.concatenate(([0], np.cumsum(turns)))
    ends = np.cumsum(times)
    starts = ends - times

    def fill(rows: Rows, first: Int64s) -> None:
        layout.fill(rows, np.repeat(first - before[starts], times) + before[:-1])

    return Layout(before[ends] - before[starts], fill)
