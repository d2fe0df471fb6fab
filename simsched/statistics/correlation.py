"""Whether the batches of one run are as good as independent.

Sources: von Neumann, Annals of Mathematical Statistics 12, 1941, and Fishman, Grouping observations
in digital simulation, Management Science 24 (5), 1978.
"""

from __future__ import annotations

import numpy as np

from simsched.statistics.interval import normal_quantile
from simsched.statistics.words import refusals as words
from simsched.workload.columns import Floats

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
