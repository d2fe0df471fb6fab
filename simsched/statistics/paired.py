"""Two measurements of the same replications, one held against the other."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import ONE_REPLICATION, half_width, two_sided_p
from simsched.statistics.measurement import Measurement
from simsched.workload.columns import Floats

WIDEST = 20.0
"""Half the widest interval of the logarithm of a ratio that is told: a factor of 485 million."""

TOO_WIDE = "the replications are too few, or too different, for an interval of the ratio"


@dataclass(frozen=True, eq=False)
class Pair:
    """A metric of one server, *ours*, and of the baseline, *theirs*, replication by replication.

    What chance did to both cancels in the differences of their influences (common random numbers:
    Law, 2015, sections 10.2.1 and 11.2).

    Raises:
        ValueError: they were not measured in the same number of replications.
    """

    ours: Measurement
    theirs: Measurement

    def __post_init__(self) -> None:
        counts = len(self.ours.replications), len(self.theirs.replications)
        if counts[0] != counts[1]:
            raise ValueError(f"{counts[0]} and {counts[1]} replications cannot be paired")

    @property
    def p_value(self) -> float | None:
        """How likely so large a difference is by chance alone; None where that cannot be told."""
        if self.ours.value is None or self.theirs.value is None:
            return None
        influence = self.influence()
        if influence is None or len(influence) < 2:  # noqa: PLR2004
            return None
        return two_sided_p(self.ours.value - self.theirs.value, influence)

    def difference(self, confidence: float) -> Estimate:
        """Return ours - theirs with the interval of the paired differences."""
        if self.ours.value is None or self.theirs.value is None:
            return Estimate(None, reason=self._reason)
        value = self.ours.value - self.theirs.value
        half = self._half_width(1.0, 1.0, confidence)
        if half is None:
            return Estimate(value, reason=self._reason)
        return Estimate(value, value - half, value + half)

    def ratio(self, confidence: float) -> Estimate:
        """Return ours / theirs; both must be positive.

        The interval is symmetric on the logarithm, where a ratio and its inverse weigh the same, by
        the delta method: the paired difference of relative influences (Casella & Berger,
        Statistical Inference, 2nd ed., 2002, section 5.5.4).
        """
        ours, theirs = self.ours.value, self.theirs.value
        if ours is None or theirs is None:
            return Estimate(None, reason=self._reason)
        if ours <= 0 or theirs <= 0:
            return Estimate(None, reason="a ratio needs two positive values")
        half = self._half_width(ours, theirs, confidence)
        if half is None:
            return Estimate(ours / theirs, reason=self._reason)
        if half > WIDEST:
            return Estimate(ours / theirs, reason=TOO_WIDE)
        return Estimate(
            ours / theirs, ours / theirs * math.exp(-half), ours / theirs * math.exp(half)
        )

    @property
    def _reason(self) -> str:
        return self.ours.reason or self.theirs.reason or ONE_REPLICATION

    def _half_width(self, ours: float, theirs: float, confidence: float) -> float | None:
        influence = self.influence(ours, theirs)
        return None if influence is None else half_width(influence, confidence)

    def influence(self, ours: float = 1.0, theirs: float = 1.0) -> Floats | None:
        """Return (R,) paired differences of influences, each over its unit; None without both."""
        if self.ours.influence is None or self.theirs.influence is None:
            return None
        if len(self.ours.influence) != len(self.theirs.influence):
            return None
        influence: Floats = self.ours.influence / ours - self.theirs.influence / theirs
        return influence
