"""Figures of a sweep, point by point."""

from __future__ import annotations

from simsched.experiment.store_record import Record, StoredLoad
from simsched.experiment.sweep.result import SweepResult
from simsched.experiment.tables import SummaryRow
from simsched.statistics.estimate import Estimate

MEAN = "response_time_s.mean"
"""What servers are held against each other by."""

RATE = "workload.open.rate"
"""The parameter that is a load: how many requests arrive."""


class Series:
    """The figures of *result*, to be asked for by point, server and metric."""

    def __init__(self, result: SweepResult) -> None:
        self.result = result
        self._columns: dict[str, dict[tuple[int, str], SummaryRow]] = {}

    def _row(self, number: int, server: str, metric: str) -> SummaryRow | None:
        if metric not in self._columns:
            self._columns[metric] = {
                (point, row.server): row
                for point, one in self.result.records.items()
                for row in one.rows
                if row.metric == metric
            }
        return self._columns[metric].get((number, server))

    def estimate(self, number: int, server: str, metric: str) -> Estimate:
        """Return a figure of the point *number*; one without a value tells the reason."""
        found = self._row(number, server, metric)
        if found is not None and found.value is not None:
            return Estimate(found.value, found.low, found.high)
        return Estimate(None, reason=self._untold(number, server, metric))

    def load(self, number: int, server: str) -> StoredLoad | None:
        """Return what is asked of *server* at the point *number*, where that has a rate."""
        return self._record(number).said["loads"].get(server)

    def winner(self, number: int) -> str | None:
        """Return who answers soonest at the point *number*, if the evidence tells."""
        ranking = self._record(number).said["ranking"]
        first = [p["server"] for p in ranking if p["best"] == p["worst"] == 1]
        return first[0] if first else None

    def is_overloaded(self, number: int, server: str) -> bool:
        """Return whether *server* has no mean at the point *number*, as it cannot keep up."""
        load = self.load(number, server)
        grows = load is not None and not load["stable"]
        return grows and self.estimate(number, server, MEAN).value is None

    def nobody_keeps_up(self, number: int) -> bool:
        """Return whether no server has a mean at the point *number*, as none can keep up."""
        return all(self.is_overloaded(number, s) for s in self._record(number).servers)

    def theory(self, number: int, server: str, metric: str, relation: str) -> float | None:
        """Return what a formula says of a figure, if one does; the tightest of several bounds."""
        values = [
            float(line["value"])
            for line in self._record(number).said["theory"]
            if (line["server"], line["metric"], line["relation"]) == (server, metric, relation)
        ]
        if not values:
            return None
        return max(values) if relation == ">=" else min(values)

    def _record(self, number: int) -> Record:
        return self.result.records[number]

    def _untold(self, number: int, server: str, metric: str) -> str | None:
        return self._record(number).said["untold"].get(server, {}).get(metric)
