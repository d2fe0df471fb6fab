"""The plan that does one thing after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simsched.workload.arrays import Int64s
from simsched.workload.program.layout import Layout, Part, Plan, Rows


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

            return Layout(total(layouts), fill)

        return lay


def total(layouts: Iterable[Layout]) -> int | Int64s:
    """Return how many rows each owner needs for all *layouts*."""
    rows: int | Int64s = 0
    for layout in layouts:
        rows = rows + layout.rows
    return rows
