"""The plan that does several things at once and waits for all of them."""

from __future__ import annotations

from dataclasses import dataclass

from simsched.workload.arrays import Int64s
from simsched.workload.program.layout import Layout, Part, Plan, Rows
from simsched.workload.program.series import total


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

            return Layout(total(layouts) + len(layouts) + 1, fill)

        return lay
