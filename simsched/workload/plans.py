"""What each class of requests does: plans that are made of others.

Those of one row are in :mod:`simsched.workload.single_rows`. :mod:`simsched.workload.layout` turns
them into the rows of every request.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsched.workload.arrays import Int64s
from simsched.workload.distributions import Counts
from simsched.workload.layout import Layout, Part, Plan, Rows
from simsched.workload.single_rows import DrawnPerAttempt, Mark
from simsched.workload.streams import Streams, picker


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
class Called:
    """A call of a service: one row for the call, and behind it the rows of what it is ``within``.

    With ``streams`` it is drawn who is given the call, as in :class:`DrawnPerAttempt`.
    """

    call_id: int
    within: Plan
    streams: Streams | None

    @property
    def mean_rows(self) -> float:
        """Those within, and one for the call."""
        return 1 + self.within.mean_rows

    def begin(self) -> Part:
        """Return the part that lays the rows out behind one another."""
        mark: Plan = Mark(self.call_id)
        if self.streams is not None:
            mark = DrawnPerAttempt(mark, "handoff", None, self.streams)
        call, within = mark.begin(), self.within.begin()

        def lay(owners: Int64s) -> Layout:
            layout, called = call(owners), within(owners)

            def fill(rows: Rows, first: Int64s) -> None:
                layout.fill(rows, first)
                rows.duration_ns[first] = called.rows
                called.fill(rows, first + 1)

            return Layout(1 + called.rows, fill)

        return lay


@dataclass(frozen=True)
class Choice:
    """One of several plans, picked for each owner with these probabilities.

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
