"""Two measurements that share no requests: nothing of what chance did to both cancels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import ONE_REPLICATION, standard_error, t_quantile
from simsched.statistics.measurement import Measurement


@dataclass(frozen=True, eq=False)
class Unpaired:
    """A metric of one server, *ours*, and of another, *theirs*, in independent replications.

    Source: Welch, Biometrika 34, 1947, with Satterthwaite's degrees of freedom (Biometrics Bulletin
    2, 1946); Law (2015), section 10.2.2.
    """

    ours: Measurement
    theirs: Measurement

    @property
    def p_value(self) -> float | None:
        """How likely so large a difference is by chance alone; None where that cannot be told."""
        if self.ours.value is None or self.theirs.value is None:
            return None
        spread = self._spread(1.0, 1.0)
        if spread is None:
            return None
        value, (error, degrees) = self.ours.value - self.theirs.value, spread
        if error == 0:
            return 1.0 if value == 0 else 0.0
        from scipy.special import stdtr

        return 2 * float(stdtr(degrees, -abs(value) / error))

    def difference(self, confidence: float) -> Estimate:
        """Return ours - theirs with Welch's interval."""
        if self.ours.value is None or self.theirs.value is None:
            return Estimate(None, reason=self.ours.reason or self.theirs.reason)
        value = self.ours.value - self.theirs.value
        half = self._half_width(1.0, 1.0, confidence)
        if half is None:
            return Estimate(value, reason=self._reason)
        return Estimate(value, value - half, value + half)

    def ratio(self, confidence: float) -> Estimate:
        """Return ours / theirs, both positive, with an interval symmetric on the logarithm."""
        ours, theirs = self.ours.value, self.theirs.value
        if ours is None or theirs is None:
            return Estimate(None, reason=self.ours.reason or self.theirs.reason)
        if ours <= 0 or theirs <= 0:
            return Estimate(None, reason="a ratio needs two positive values")
        half = self._half_width(ours, theirs, confidence)
        if half is None:
            return Estimate(ours / theirs, reason=self._reason)
        factor = math.exp(half)
        return Estimate(ours / theirs, ours / theirs / factor, ours / theirs * factor)

    @property
    def _reason(self) -> str:
        return self.ours.reason or self.theirs.reason or ONE_REPLICATION

    def _half_width(self, ours: float, theirs: float, confidence: float) -> float | None:
        """Return half the interval of ours/*ours* - theirs/*theirs*; None without two of each."""
        spread = self._spread(ours, theirs)
        if spread is None:
            return None
        error, degrees = spread
        return error and t_quantile((1 + confidence) / 2, degrees) * error

    def _spread(self, ours: float, theirs: float) -> tuple[float, float] | None:
        """Return the standard error of the same, and its degrees of freedom."""
        if self.ours.influence is None or self.theirs.influence is None:
            return None
        counts = len(self.ours.influence), len(self.theirs.influence)
        if min(counts) < 2:  # noqa: PLR2004
            return None
        variances = (
            standard_error(self.ours.influence / ours) ** 2,
            standard_error(self.theirs.influence / theirs) ** 2,
        )
        error = math.sqrt(sum(variances))
        if error == 0:
            return 0.0, 1.0
        parts = zip(variances, counts, strict=True)
        degrees = sum(variances) ** 2 / sum(v**2 / (n - 1) for v, n in parts)
        return error, degrees
