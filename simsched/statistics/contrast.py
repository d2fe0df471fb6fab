"""A metric of one server compared with that of another: is there a difference, and how large?

The test, the interval of the difference and that of the ratio are one and the same statement: they
show a difference together, or not at all. Servers that met the same requests are compared in pairs
of replications, in which chance largely cancels; others, as from separate runs, are not paired.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import (
    ONE_REPLICATION,
    refusal,
    standard_error,
    t_quantile,
    two_sided_p,
)
from simsched.statistics.measurement import Measurement
from simsched.statistics.words.comparison import TOO_WIDE
from simsched.units import CLOSE, is_close
from simsched.workload.columns import Floats


@dataclass(frozen=True, eq=False)
class Contrast(ABC):
    """A metric of one server, *ours*, and of the baseline, *theirs*."""

    ours: Measurement
    theirs: Measurement

    @property
    @abstractmethod
    def degrees(self) -> float:
        """The degrees of freedom that the spread of the difference has."""

    @abstractmethod
    def variance(self, ours: float, theirs: float) -> float | None:
        """Return the variance of *ours* times our value - *theirs* times theirs; None without."""

    @property
    def p_value(self) -> float | None:
        """How likely so large a difference is by chance alone; None where that is unknown."""
        difference = self._difference
        variance = None if difference is None else self.variance(1, 1)
        if difference is None or variance is None:
            return None
        return two_sided_p(difference, math.sqrt(variance), self.degrees)

    def difference(self, confidence: float) -> Estimate:
        """Return ours - theirs with its interval, by Student's t."""
        value = self._difference
        variance = None if value is None else self.variance(1, 1)
        if value is None or variance is None:
            return Estimate(value, reason=self._reason)
        half = self._quantile(confidence) * math.sqrt(variance) if variance else 0.0
        return Estimate(value, value - half, value + half)

    def ratio(self, confidence: float) -> Estimate:
        """Return ours / theirs, both positive, with Fieller's interval.

        It holds each ratio that the test does not reject: all r for which
        ours - r theirs may be 0. So it leaves out 1 exactly where the difference leaves out 0.
        Where theirs itself may be 0 the interval has no end, and none is given. Source: Fieller,
        Journal of the Royal Statistical Society B 16 (2), 1954.
        """
        ours, theirs = self.ours.value, self.theirs.value
        if ours is None or theirs is None:
            return Estimate(None, reason=self._reason)
        if ours <= 0 or theirs <= 0:
            return Estimate(None, reason="a ratio needs two positive values")
        # Sums in another order differ in the last bits: that is no difference between servers.
        value = 1.0 if is_close(ours, theirs) else ours / theirs
        alone = self.variance(1 / ours, 0), self.variance(0, 1 / theirs)
        together = self.variance(1 / ours, 1 / theirs)
        if alone[0] is None or alone[1] is None or together is None:
            return Estimate(value, reason=self._reason)
        ends = self._fieller(alone[0], alone[1], together, confidence)
        if ends is None:
            return Estimate(value, reason=TOO_WIDE)
        low, high = (value * (end if end > CLOSE else 0.0) for end in ends)
        return Estimate(value, low, high)

    def _fieller(
        self, ours: float, theirs: float, together: float, confidence: float
    ) -> tuple[float, float] | None:
        """Return the ends of the interval over the ratio, from variances of relative values.

        *together* is that of the difference of the two. With each times t squared, the interval
        has the estimate times 1 + s for all s with (1 - theirs) s^2 + 2 lean s - together <= 0. In
        1 + s instead, the quadratic would be solved with differences of nearly equal figures, and
        rounding could move the estimate itself, s = 0, out of its interval.
        """
        # Fieller's quadratic is in the squares of quantile and standard errors.
        square = self._quantile(confidence) ** 2
        ours, theirs, together = square * ours, square * theirs, square * together
        if together == 0:
            return 1.0, 1.0  # it is the same ratio in every replication
        if theirs > 1 - CLOSE:
            return None
        lean = (ours - theirs - together) / 2
        root = math.sqrt(lean**2 + (1 - theirs) * together)
        return 1 - (lean + root) / (1 - theirs), 1 + (root - lean) / (1 - theirs)

    def _quantile(self, confidence: float) -> float:
        return t_quantile((1 + confidence) / 2, self.degrees)

    @property
    def _difference(self) -> float | None:
        ours, theirs = self.ours.value, self.theirs.value
        if ours is None or theirs is None:
            return None
        return 0.0 if is_close(ours, theirs) else ours - theirs

    @property
    def _reason(self) -> str:
        return self.ours.reason or self.theirs.reason or ONE_REPLICATION


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
        # Replications are independent by construction; only batches of a run need the check.
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


@dataclass(frozen=True, eq=False)
class Unpaired(Contrast):
    """A metric of one server, *ours*, and of another, *theirs*, in independent replications.

    Source: Welch, Biometrika 34, 1947, with Satterthwaite's degrees of freedom (Biometrics Bulletin
    2, 1946); Law (2015), section 10.2.2.
    """

    @property
    def degrees(self) -> float:
        """Satterthwaite's, of the difference."""
        parts = [(_variance(one), _count(one)) for one in (self.ours, self.theirs)]
        weights = sum(v**2 / (n - 1) for v, n in parts if v is not None and n > 1)
        total = sum(v for v, _ in parts if v is not None)
        return total**2 / weights if weights else sum(n - 1 for _, n in parts)

    def variance(self, ours: float, theirs: float) -> float | None:
        """Return the variance of *ours* times our value - *theirs* times theirs; None without."""
        of_ours, of_theirs = _variance(self.ours), _variance(self.theirs)
        if of_ours is None or of_theirs is None:
            return None
        return ours**2 * of_ours + theirs**2 * of_theirs


def _variance(one: Measurement) -> float | None:
    """Return the variance of its value; None without two replications."""
    if one.influence is None or _count(one) < 2:  # noqa: PLR2004
        return None
    return standard_error(one.influence) ** 2


def _count(one: Measurement) -> int:
    return 0 if one.influence is None else len(one.influence)
