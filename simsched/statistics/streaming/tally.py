"""What is counted of the requests of one stretch of a run, and forgets them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simsched.engine.trace import Status, Trace
from simsched.scenario.metrics import PARTS
from simsched.statistics.streaming.order import Told
from simsched.statistics.streaming.sketch import Sketch
from simsched.statistics.time_spent import spent
from simsched.statistics.window import Mask, taken
from simsched.workload.arrays import Int64s, total


@dataclass
class Tally:
    """Counts and sums of requests by when they arrived, unless said. Times are nanoseconds.

    Counts and sums of times are exact whatever their size; what is a ratio for each request is
    added up in floating point.

    Attributes:
        arrived, ended, completed: how many arrived, came to an end, were completed.
        completions: how many were completed in the stretch, whenever they arrived.
        response_ns: the sum of the response times of the completed.
        longest_ns: the longest of them, and -1 without any.
        slowdowns: of how many of the completed there is a slowdown.
        slowdown_sum, slowdown_squares: the sum of these, and of their squares.
        cpu_ns: the CPU time in the stretch.
        overtaken: how many of the completed were overtaken.
        inversions: how many pairs finished in the wrong order, whose earlier arrived here.
        displacement: the most places between arrival and completion, and -1 without any.
        spent_ns: the sum over the completed of what each part of their time took.
        responses: their response times, with the parts over each bucket.
        parts: their times in the parts whose quantiles are asked for.
    """

    arrived: int = 0
    ended: int = 0
    completed: int = 0
    completions: int = 0
    response_ns: int = 0
    longest_ns: int = -1
    slowdowns: int = 0
    slowdown_sum: float = 0.0
    slowdown_squares: float = 0.0
    cpu_ns: float = 0.0
    overtaken: int = 0
    inversions: int = 0
    displacement: int = -1
    spent_ns: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))
    responses: Sketch = field(default_factory=lambda: Sketch(len(PARTS)))
    parts: dict[str, Sketch] = field(default_factory=dict)

    def add(self, rows: Trace, response_ns: Int64s, asked: tuple[str, ...] = ()) -> None:
        """Count requests that arrived here; *response_ns* is that of the completed ones."""
        done = rows.status == Status.COMPLETED
        self.arrived += len(rows)
        self.ended += int(np.count_nonzero(rows.status != Status.UNFINISHED))
        if len(response_ns):
            self._add_responses(response_ns, taken(rows.demand_ns, done))
            self._add_parts(rows, done, response_ns, asked)

    def _add_responses(self, response_ns: Int64s, demand_ns: Int64s) -> None:
        self.completed += len(response_ns)
        self.response_ns += total(response_ns)
        self.longest_ns = max(self.longest_ns, int(response_ns.max()))
        some = demand_ns > 0
        slowdowns = taken(response_ns, some) / taken(demand_ns, some)
        self.slowdowns += len(slowdowns)
        self.slowdown_sum += float(slowdowns.sum())
        self.slowdown_squares += float(np.sum(slowdowns**2))

    def _add_parts(
        self, rows: Trace, done: Mask, response_ns: Int64s, asked: tuple[str, ...]
    ) -> None:
        columns = {part: taken(spent(rows, part), done) for part in PARTS}
        for part, column in columns.items():
            self.spent_ns[part] += total(column)
        self.responses.add(response_ns, tuple(columns.values()))
        for part in asked:
            self.parts.setdefault(part, Sketch()).add(columns[part])

    def tell(self, told: Told, ours: Int64s) -> None:
        """Count those of *told* at the positions *ours*, of which there are some."""
        self.overtaken += int(np.count_nonzero(told.overtaken[ours]))
        self.displacement = max(self.displacement, int(told.displacement[ours].max()))

    def merge(self, other: Tally) -> None:
        """Count what *other* counted, too."""
        for name in ("longest_ns", "displacement"):
            setattr(self, name, max(getattr(self, name), getattr(other, name)))
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for part, value in other.spent_ns.items():
            self.spent_ns[part] += value
        self.responses.merge(other.responses)
        for part, sketch in other.parts.items():
            self.parts.setdefault(part, Sketch()).merge(sketch)


_SUMS = (
    "arrived",
    "ended",
    "completed",
    "completions",
    "response_ns",
    "slowdowns",
    "slowdown_sum",
    "slowdown_squares",
    "cpu_ns",
    "overtaken",
    "inversions",
)


def merged(tallies: Any) -> Tally:
    """Return one tally of what all *tallies* counted."""
    whole = Tally()
    for one in tallies:
        whole.merge(one)
    return whole
