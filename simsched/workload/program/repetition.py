"""The plan that does one thing several times: a query for each of N rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsched.workload.arrays import Int64s
from simsched.workload.program.counts import Counts
from simsched.workload.program.layout import Layout, Part, Plan, Rows
from simsched.workload.streams import Streams


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
