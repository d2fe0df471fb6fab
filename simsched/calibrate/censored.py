"""Durations that are only known to lie within bounds, drawn from a distribution within them.

The distribution of interval-censored durations is estimated by self-consistency (Turnbull, The
empirical distribution function with arbitrarily grouped, censored and truncated data, Journal of
the Royal Statistical Society B 38 (1976)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsched.workload.arrays import Bools, Floats, Int64s

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


@dataclass(frozen=True, eq=False)
class Distribution:
    """A distribution of durations: those that were observed exactly, with their probabilities.

    Attributes:
        exact: (k,) the observed durations, sorted.
        upto: (k + 1,) the probability of those before each.
    """

    exact: Floats
    upto: Floats

    def drawn(self, rng: np.random.Generator, least: Floats, most: Floats) -> Floats:
        """Return (n,) a random duration within each of the bounds.

        Where there is none, it is the bound that is nearest to one.
        """
        share = rng.random(len(least))
        if not len(self.exact):
            return least + share * (most - least)
        first = np.searchsorted(self.exact, least, "left")
        last = np.searchsorted(self.exact, most, "right")
        inside = self.upto[first] + share * (self.upto[last] - self.upto[first])
        chosen = np.searchsorted(self.upto, inside, "right") - 1
        found = self.exact[np.clip(chosen, np.minimum(first, last - 1), np.maximum(last - 1, 0))]
        shorter, longer = (
            self.exact[np.clip(at, 0, len(self.exact) - 1)] for at in (first - 1, first)
        )
        above = (first < len(self.exact)) & ((first == 0) | (longer - most < least - shorter))
        return np.where(last > first, found, np.where(above, most, least))


def self_consistent(least: Floats, most: Floats, late: Bools) -> Distribution:
    """Return the distribution of durations: the *late* ones are only known within their bounds."""
    exact = np.sort(most[~late])
    first = np.searchsorted(exact, least[late], "left")
    last = np.searchsorted(exact, most[late], "right")
    known = last > first
    masses = _masses(len(exact), first[known], last[known])
    return Distribution(exact, np.concatenate([[0.0], np.cumsum(masses)]))


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
