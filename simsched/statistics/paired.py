"""Two measurements of the same replications, one held against the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from simsched.statistics.contrast import Contrast
from simsched.statistics.correlation import refusal
from simsched.statistics.interval import standard_error
from simsched.workload.columns import Floats


@dataclass(frozen=True, eq=False)
class Pair(Contrast):
    """A metric of one server, *ours*, and of the baseline, *theirs*, replication by replication.

    What chance did to both cancels in the differences of their influences (common random numbers:
    Law, 2015, sections 10.2.1 and 11.2). Where batches of one run stand in for replications, their
    differences may be correlated though neither server's batches are: then there is no interval.

    Raises:
        ValueError: they were not measured in the same number of replications.
    """

    def __post_init__(self) -> None:
        counts = len(self.ours.replications), len(self.theirs.replications)
        if counts[0] != counts[1]:
            raise ValueError(f"{counts[0]} and {counts[1]} replications cannot be paired")

    @property
    def degrees(self) -> float:
        """One less than there are replications, or batches that stand in for them."""
        influence = self.influence()
        return 0.0 if influence is None else len(influence) - 1.0

    def variance(self, ours: float, theirs: float) -> float | None:
        """Return the variance of *ours* times our value - *theirs* times theirs; None without."""
        influence = self.influence(ours, theirs)
        if influence is None or len(influence) < 2 or self._correlated is not None:  # noqa: PLR2004
            return None
        return standard_error(influence) ** 2

    @property
    def _reason(self) -> str:
        return self._correlated or super()._reason

    @cached_property
    def _correlated(self) -> str | None:
        """Why batches of one run give no interval, if they do not."""
        influence = self.influence()
        if influence is None or len(influence) == len(self.ours.replications):
            return None
        return refusal(influence)

    def influence(self, ours: float = 1.0, theirs: float = 1.0) -> Floats | None:
        """Return (R,) differences of influences, *ours* times ours - *theirs* times theirs."""
        if self.ours.influence is None or self.theirs.influence is None:
            return None
        if len(self.ours.influence) != len(self.theirs.influence):
            return None
        influence: Floats = ours * self.ours.influence - theirs * self.theirs.influence
        return influence
