"""The plans of one row: a phase, drawn or recorded, and a mark that takes no time."""

from __future__ import annotations

from dataclasses import dataclass

from simsched.workload.arrays import Int64s
from simsched.workload.distributions import Law
from simsched.workload.program.layout import Layout, Part, Rows
from simsched.workload.streams import Streams


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
