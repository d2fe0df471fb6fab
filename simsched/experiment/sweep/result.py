"""The result of a sweep: its points with their figures, to be asked for by point and server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from simsched.experiment.record import Record
from simsched.experiment.sweep.plan import Plan, Point
from simsched.statistics.estimate import Estimate
from simsched.statistics.stability import Load
from simsched.statistics.summary import SummaryRow

MEAN = "response_time_s.mean"
"""The metric that servers are compared by."""

RATE = "workload.open.rate"
"""The parameter that is a load: how many requests arrive."""


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
    _rows: dict[str, dict[tuple[int, str], SummaryRow]] = field(
        default_factory=dict, compare=False, repr=False
    )

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
        found = (each for one in self.records.values() for each in one.judgements)
        return tuple(dict.fromkeys(each.objective.name for each in found))

    def estimate(self, number: int, server: str, metric: str) -> Estimate:
        """Return a figure of the point *number*; one without a value has the reason."""
        if metric not in self._rows:  # an index of all metrics of a large sweep would be large
            self._rows[metric] = {
                (point, row.server): row
                for point, one in self.records.items()
                for row in one.rows
                if row.metric == metric
            }
        row = self._rows[metric].get((number, server))
        if row is not None and row.value is not None:
            return Estimate(row.value, row.low, row.high)
        reasons = self.records[number].reasons.get(server, {})
        return Estimate(None, reason=reasons.get(metric))

    def load(self, number: int, server: str) -> Load | None:
        """Return the load of *server* at the point *number*, where requests arrive at a rate."""
        return self.records[number].loads.get(server)

    def fastest(self, number: int) -> str | None:
        """Return the server that is faster than all others at a point, if the evidence shows it."""
        ranking = self.records[number].ranking
        first = [place.server for place in ranking if place.best == place.worst == 1]
        return first[0] if first else None

    def is_overloaded(self, number: int, server: str | None = None) -> bool:
        """Return whether *server*, or every one, cannot keep up at a point, so has no mean."""
        if server is None:
            return all(self.is_overloaded(number, each) for each in self.records[number].servers)
        load = self.load(number, server)
        grows = load is not None and not load.stable
        return grows and self.estimate(number, server, MEAN).value is None

    def theory(self, number: int, server: str, metric: str, relation: str) -> float | None:
        """Return the value of a formula for a figure, if one is known; the tightest of several."""
        values = [
            figure.value
            for known in self.records[number].known
            for figure in known.figures
            if known.server == server and figure.request is None
            if (figure.metric, figure.relation) == (metric, relation)
        ]
        if not values:
            return None
        return max(values) if relation == ">=" else min(values)
