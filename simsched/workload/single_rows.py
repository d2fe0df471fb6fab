"""Plans of one row: a phase that takes its time, or a mark that takes none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from simsched.workload.arrays import Int64s
from simsched.workload.distributions import Law
from simsched.workload.layout import Layout, Part, Plan, Rows
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


@dataclass(frozen=True)
class DrawnPerAttempt:
    """A plan of one row for which something is drawn again in each attempt.

    Each attempt has a stream of its own, so that more retries change no other draw.

    Attributes:
        row: the plan of the row.
        column: the column of draws that is filled, which also names the streams.
        chance: for ``fails``, how likely it is; None keeps the draws themselves.
        streams: the place of the row's streams.
    """

    row: Plan
    column: Literal["handoff", "fails"]
    chance: float | None
    streams: Streams
    mean_rows: float = 1.0

    def begin(self) -> Part:
        """Return the part at the beginning of the streams."""
        part = self.row.begin()
        draws = cache(lambda attempt: self.streams.child(self.column, attempt).generator())

        def lay(owners: Int64s) -> Layout:
            layout = part(owners)

            def fill(rows: Rows, first: Int64s) -> None:
                layout.fill(rows, first)
                for attempt, column in enumerate(getattr(rows, self.column)):
                    drawn = draws(attempt).random(len(first))
                    column[first] = drawn if self.chance is None else drawn < self.chance

            return Layout(1, fill)

        return lay


@dataclass(frozen=True)
class Limited:
    """A plan of one row that is given up after ``limit_ns``, and then ``fails`` or does not."""

    row: Plan
    limit_ns: int
    fails: bool
    mean_rows: float = 1.0

    def begin(self) -> Part:
        """Return the part; nothing is drawn for the limit."""
        part = self.row.begin()

        def lay(owners: Int64s) -> Layout:
            layout = part(owners)

            def fill(rows: Rows, first: Int64s) -> None:
                layout.fill(rows, first)
                given_up = first[rows.duration_ns[first] > self.limit_ns]
                rows.duration_ns[given_up] = self.limit_ns
                for fails in rows.fails:
                    fails[given_up] = self.fails

            return Layout(1, fill)

        return lay
