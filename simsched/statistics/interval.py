"""Confidence intervals over independent replications.

A replication pulls its estimate by its *influence*: what it would have to be shifted by to agree
with the whole. For a mean that is the value minus the mean; for a ratio, its linearised residual.
Since replications are independent, the estimate plus and minus t * s / sqrt(R) is an interval, with
s the standard deviation of the influences and t Student's quantile with R - 1 degrees of freedom
(Law, Simulation Modeling and Analysis, 5th ed., 2015, sections 4.5 and 9.4).

Batches of one run stand in for replications where they pass for independent (von Neumann, Annals
of Mathematical Statistics 12, 1941; Fishman, Grouping observations in digital simulation,
Management Science 24 (5), 1978).

The test of a difference is Student's, so few replications pay for not knowing the spread: of three
that the normal distribution asks for, a difference is shown in one case of three instead of four of
five.
"""

from __future__ import annotations

import math

import numpy as np

from simsched.statistics import student
from simsched.statistics.words import refusals as words
from simsched.workload.columns import Floats

ONE_REPLICATION = "one replication has no interval; ask for more replications"


def t_quantile(probability: float, degrees: float) -> float:
    """Return Student's t quantile at *probability* (in (0, 1)) with *degrees* of freedom."""
    return student.quantile(probability, degrees)


def normal_quantile(probability: float) -> float:
    """Return the standard normal quantile at *probability*, in (0, 1)."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(probability)


def standard_error(influence: Floats) -> float:
    """Return the standard error of an estimate from its (R,) influences; R is at least 2."""
    replications = len(influence)
    # Influences add up to 0, so their squares are the deviations already.
    variance = float(np.sum(influence**2)) / (replications - 1)
    return math.sqrt(variance / replications)


def two_sided_p(value: float, error: float, degrees: float) -> float:
    """Return the p-value of the hypothesis that *value*, with a standard *error*, is one of 0.

    It is that of Student's t test.
    """
    if error == 0:
        return 1.0 if value == 0 else 0.0
    return 2 * student.beyond(abs(value) / error, degrees)


def half_width(influence: Floats, confidence: float) -> float | None:
    """Return half the length of the interval at *confidence*; None for fewer than two replications.

    Replications that agree exactly give 0.0, and need no quantile.
    """
    if len(influence) < 2:  # noqa: PLR2004
        return None
    error = standard_error(influence)
    return error and t_quantile((1 + confidence) / 2, len(influence) - 1) * error


SIGNIFICANCE = 0.05
"""How often the check may refuse batches that are independent."""


def refusal(batches: Floats) -> str | None:
    """Return why the values of *batches* give no interval; None where they do."""
    return words.CORRELATED if lag1(batches) > critical(len(batches)) else None


def lag1(values: Floats) -> float:
    """Return the lag-1 correlation of *values* from von Neumann's ratio: 1 - ratio / 2.

    The ratio is the mean squared successive difference over the variance; it is 2 for independent
    values. Constant values have no correlation: 0.
    """
    centred = values - values.mean()
    squares = float(np.sum(centred**2))
    if squares == 0:
        return 0.0
    ends = float(centred[0] ** 2 + centred[-1] ** 2) / 2
    return (float(np.sum(centred[1:] * centred[:-1])) + ends) / squares


def critical(count: int) -> float:
    """Return the lag-1 correlation that *count* independent values exceed once in twenty.

    Under independence 1 - ratio / 2 has mean 0 and variance (count - 2) / (count^2 - 1) and is
    nearly normal from eight values on (Fishman, 1978, equation 10).
    """
    deviation = np.sqrt((count - 2) / (count**2 - 1))
    return normal_quantile(1 - SIGNIFICANCE) * float(deviation)


# So many standard errors from 0, a test with one degree of freedom shows it in 98 % of cases.
_SURE = 30.0


def sample_size(effect: float, power: float, confidence: float = 0.95) -> int:
    """Return the least number of replications that show a mean difference with probability *power*.

    *effect* is the difference over the standard deviation of a replication's, positive. It is at
    least 2. The search begins where the normal distribution puts it, which is too low.

    Source: Chow, Shao & Wang, Sample Size Calculations in Clinical Research, 2nd ed., 2008, section
    3.1 (one sample, of differences), with the noncentral t distribution of scipy.special.
    """
    quantiles = normal_quantile((1 + confidence) / 2) + normal_quantile(power)
    count = max(2, math.ceil((quantiles / effect) ** 2))
    # The normal distribution starts a few short, so few steps are left.
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
