"""What a sweep came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from simsched.experiment.store_record import Record
from simsched.experiment.sweep.plan import Plan, Point


@dataclass(frozen=True)
class SweepResult:
    """The points of a sweep with their figures.

    Attributes:
        plan: what was simulated.
        records: by point number, the points that were simulated.
        failures: by point number, why points were not.
    """

    plan: Plan
    records: Mapping[int, Record]
    failures: Mapping[int, str]

    @cached_property
    def servers(self) -> tuple[str, ...]:
        """The names of the servers of all points, in order."""
        return tuple(dict.fromkeys(s for one in self.records.values() for s in one.servers))

    @cached_property
    def done(self) -> tuple[Point, ...]:
        """The points that were simulated, in order."""
        return tuple(point for point in self.plan.points if point.number in self.records)

    @cached_property
    def objectives(self) -> tuple[str, ...]:
        """The names of the objectives of all points, in order."""
        found = (each for one in self.records.values() for each in one.said["objectives"])
        return tuple(dict.fromkeys(each["objective"] for each in found))
