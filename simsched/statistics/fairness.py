"""How evenly requests are treated: Jain's index over slowdowns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import Measurement, mean
from simsched.workload.columns import Floats


def jain(shares: Floats) -> float | None:
    """Return Jain's index of *shares*: 1 if all are equal, 1/n if one has all; None of none.

    (sum x)^2 / (n sum x^2). Over slowdowns it asks whether each request is delayed in proportion to
    what it needs.

    Source: Jain, Chiu & Hawe, A quantitative measure of fairness and discrimination for resource
    allocation in shared computer systems, DEC Research Report TR-301, 1984.
    """
    squares = float(np.sum(shares**2))
    return float(np.sum(shares)) ** 2 / (len(shares) * squares) if squares else None


@dataclass(frozen=True, eq=False)
class _Index(Measurement):
    """A mean of Jain's indices; none can be below its 1/n, of which *least* is the mean."""

    least: float = 0.0

    def estimate(self, confidence: float, low: float = -np.inf, high: float = np.inf) -> Estimate:
        """Return the value with its interval, cut to what it can be."""
        return super().estimate(confidence, max(low, self.least), high)


def jain_index(indices: Floats, counts: Floats) -> Measurement:
    """Return the mean of (R,) indices, one for each replication, of so many shares each."""
    found = mean(indices)
    if found.value is None:
        return found
    least = float(np.mean(1 / counts))
    return _Index(found.value, found.replications, found.influence, least=least)
