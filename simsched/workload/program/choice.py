"""The plan that does one of several things: a cache hit or a miss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsched.workload.arrays import Int64s
from simsched.workload.program.layout import Layout, Part, Plan, Rows
from simsched.workload.streams import Streams
from simsched.workload.weights import picker


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
