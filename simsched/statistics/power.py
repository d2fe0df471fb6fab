"""How many replications would show a difference.

The test is Student's, so few replications pay for not knowing the spread: of three that the normal
distribution asks for, a difference is shown in one case of three instead of four of five.
"""

from __future__ import annotations

import math

from simsched.statistics.interval import normal_quantile, t_quantile

_SURE = 30.0
"""So many standard errors from 0, a test with one degree of freedom shows it in 98 % of cases."""


def sample_size(effect: float, power: float, confidence: float = 0.95) -> int:
    """Return the least number of replications that show a mean difference with probability *power*.

    *effect* is the difference over the standard deviation of a replication's, positive. It is at
    least 2. The search begins where the normal distribution puts it, which is too low.

    Source: Chow, Shao & Wang, Sample Size Calculations in Clinical Research, 2nd ed., 2008, section
    3.1 (one sample, of differences), with the noncentral t distribution of scipy.special.
    """
    quantiles = normal_quantile((1 + confidence) / 2) + normal_quantile(power)
    count = max(2, math.ceil((quantiles / effect) ** 2))
    while power_of(effect, count, confidence) < power:
        count += 1
    return count


def power_of(effect: float, count: int, confidence: float = 0.95) -> float:
    """Return how likely *count* replications are to show a difference of *effect* (either way)."""
    from scipy.special import nctdtr

    centre, limit = effect * math.sqrt(count), t_quantile((1 + confidence) / 2, count - 1)
    if centre > _SURE:
        return 1.0
    shown = 1 - nctdtr(count - 1, centre, limit) + nctdtr(count - 1, centre, -limit)
    return float(shown)
