"""Confidence intervals over independent replications.

A replication pulls its estimate by its *influence*: what it would have to be shifted by to agree
with the whole. For a mean that is the value minus the mean; for a ratio, its linearised residual.
Since replications are independent, the estimate plus and minus t * s / sqrt(R) is an interval, with
s the standard deviation of the influences and t Student's quantile with R - 1 degrees of freedom
(Law, Simulation Modeling and Analysis, 5th ed., 2015, sections 4.5 and 9.4).
"""

from __future__ import annotations

import math

import numpy as np

from simsched.workload.columns import Floats

ONE_REPLICATION = "one replication has no interval; ask for more replications"


def t_quantile(probability: float, degrees: float) -> float:
    """Return Student's t quantile at *probability* (in (0, 1)) with *degrees* of freedom.

    Source: scipy.special.stdtrit, which is imported here because one replication does not need it.
    """
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def normal_quantile(probability: float) -> float:
    """Return the standard normal quantile at *probability*, in (0, 1)."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(probability)


def standard_error(influence: Floats) -> float:
    """Return the standard error of an estimate from its (R,) influences; R is at least 2."""
    replications = len(influence)
    variance = float(np.sum(influence**2)) / (replications - 1)
    return math.sqrt(variance / replications)


def two_sided_p(value: float, error: float, degrees: float) -> float:
    """Return the p-value of the hypothesis that *value*, with a standard *error*, is one of 0.

    Student's t test. Source: scipy.special.stdtr.
    """
    if error == 0:
        return 1.0 if value == 0 else 0.0
    from scipy.special import stdtr

    return 2 * float(stdtr(degrees, -abs(value) / error))


def half_width(influence: Floats, confidence: float) -> float | None:
    """Return half the length of the interval at *confidence*; None for fewer than two replications.

    Replications that agree exactly give 0.0, and need no quantile.
    """
    if len(influence) < 2:  # noqa: PLR2004
        return None
    error = standard_error(influence)
    return error and t_quantile((1 + confidence) / 2, len(influence) - 1) * error
