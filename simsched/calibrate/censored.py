"""Durations that are only known to lie within bounds, drawn from a distribution within them.

The distribution of interval-censored durations is estimated by self-consistency (Turnbull, The
empirical distribution function with arbitrarily grouped, censored and truncated data, Journal of
the Royal Statistical Society B 38 (1976)).
"""

from __future__ import annotations

import numpy as np

from simsched.workload.arrays import Bools, Floats, Int64s

BLOCKS = 20
"""Into how many blocks of consecutive values they are cut for a standard error."""

_ITERATIONS = 200
_SETTLED = 1e-6


def drawn_between(rng: np.random.Generator, donors: Floats, least: Floats, most: Floats) -> Floats:
    """Return a random one of *donors* within each of the bounds; their middle if there is none.

    ``donors`` is sorted.
    """
    first = np.searchsorted(donors, least, "left")
    last = np.searchsorted(donors, most, "right")
    chosen = first + (rng.random(len(least)) * (last - first)).astype(np.int64)
    padded = np.append(donors, 0.0)
    middle = (least + most) / 2
    return np.where(last > first, padded[np.minimum(chosen, len(donors))], middle)


def self_consistent(rng: np.random.Generator, least: Floats, most: Floats, late: Bools) -> Floats:
    """Return durations: those not *late* as they are, the others drawn within their bounds.

    The draws are from the self-consistent estimate of the distribution.
    """
    need = most.copy()
    exact = np.sort(most[~late])
    first = np.searchsorted(exact, least[late], "left")
    last = np.searchsorted(exact, most[late], "right")
    none = last == first
    middle = (least[late] + most[late]) / 2
    weights = _masses(len(exact), first[~none], last[~none])
    upto = np.concatenate([[0.0], np.cumsum(weights)])
    drawn = middle
    inside = upto[first] + rng.random(len(first)) * (upto[last] - upto[first])
    chosen = np.clip(np.searchsorted(upto, inside, "right") - 1, first, np.maximum(last - 1, 0))
    if len(exact):
        drawn = np.where(none, middle, exact[np.minimum(chosen, len(exact) - 1)])
    need[late] = drawn
    return need


def _masses(exact: int, first: Int64s, last: Int64s) -> Floats:
    """Return (exact,) the probability of each exact value.

    Args:
        exact: how many values are known exactly; they are sorted.
        first: (n,) the first of them that is within the bounds of each censored value.
        last: (n,) the one after the last of them.
    """
    mass = np.full(exact, 1.0 / max(1, exact))
    for _ in range(_ITERATIONS):
        upto = np.concatenate([[0.0], np.cumsum(mass)])
        share = 1.0 / np.maximum(upto[last] - upto[first], 1e-300)
        steps = np.bincount(first, share, exact + 1) - np.bincount(last, share, exact + 1)
        new = (1.0 + mass * np.cumsum(steps)[:exact]) / (exact + len(first))
        moved = float(np.abs(new - mass).sum())
        mass = new
        if moved < _SETTLED:
            break
    return mass


def half_sample_mode(values: Int64s) -> float:
    """Return where *values* are densest: the half of them that is closest, again and again.

    Source: Bickel & Fruehwirth, On a fast, robust estimator of the mode, Computational Statistics &
    Data Analysis 50 (2006).
    """
    values = np.sort(values)
    while len(values) > 2:  # noqa: PLR2004
        half = (len(values) + 1) // 2
        widths = values[half - 1 :] - values[: len(values) - half + 1]
        at = int(np.argmin(widths))
        values = values[at : at + half]
    return float(values.mean())


def error_of_median(values: Floats) -> float:
    """Return the standard error of a median, from a bootstrap over blocks."""
    rng = np.random.default_rng(BLOCKS)
    blocks = np.array_split(values, min(BLOCKS, len(values)))
    drawn = rng.integers(len(blocks), size=(200, len(blocks)))
    return float(np.std([np.median(np.concatenate([blocks[i] for i in row])) for row in drawn]))
