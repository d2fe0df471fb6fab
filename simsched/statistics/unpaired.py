"""Two measurements that share no requests: nothing of what chance did to both cancels."""

from __future__ import annotations

from dataclasses import dataclass

from simsched.statistics.contrast import Contrast
from simsched.statistics.interval import standard_error
from simsched.statistics.measurement import Measurement


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
