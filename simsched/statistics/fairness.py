"""How evenly requests are treated: Jain's index over slowdowns."""

from __future__ import annotations

import numpy as np

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
