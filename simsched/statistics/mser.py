"""MSER-5: where a series settles.

Cut the first d batch means where that makes the rest tell its mean best: where the squared
standard error, sum((Y - mean)^2) / (m - d)^2, is least.

Sources: White, An effective truncation heuristic for bias reduction in simulation output,
Simulation 69 (6), 1997 (batches of five: White, Cobb & Spratt, Winter Simulation Conference 2000);
Franklin & White, Stationarity tests and MSER-5, Winter Simulation Conference 2008.
"""

from __future__ import annotations

import numpy as np

from simsched.workload.columns import Floats, Int64s

BATCH = 5
"""Points in a batch."""

FEWEST = 10
"""Fewer batches than this have no start and no rest to tell apart."""

_ROUNDING = 1e-10


def batch_sums(series: Floats | Int64s, batches: int, size: int = BATCH) -> Floats:
    """Return the sums of the first *batches* batches of *size* points of *series*."""
    sums = np.zeros(batches)
    for first in range(size):
        sums += series[first : batches * size : size]
    return sums


def settled(sums: Floats, size: int = BATCH) -> int:
    """Return how many points to leave out at the start, whole batches, given the *sums* of each.

    A cut in the second half means that the series never settled. The last five batches are never
    candidates: so few points agree by chance.
    """
    if len(sums) < FEWEST:
        return 0
    return int(np.argmin(squared_errors(sums / size)[:-BATCH])) * size


def squared_errors(values: Floats) -> Floats:
    """Return, for each d in 0..m-1, the squared standard error of the mean of ``values[d:]``."""
    backwards = (values - values.mean())[::-1]  # centred, so that the squares keep their digits
    count = np.arange(1, len(values) + 1)
    sums, squares = np.cumsum(backwards), np.cumsum(backwards**2)
    spread = squares - sums**2 / count
    spread[spread <= _ROUNDING * squares] = 0.0  # a constant rest, up to rounding
    errors: Floats = (spread / count**2)[::-1]
    return errors
