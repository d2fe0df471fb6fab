"""Durations that are only known to lie within bounds, drawn from a distribution within them.

A loop that is busy notices late that a call is ready: its duration is *interval-censored*. Since a
loop goes on with requests in the order in which they can, what it notices later was ready later,
too, which says more than that each was ready within a busy time: the third that waits was hardly
ready at its beginning. Times that fulfil all of this are drawn by Gibbs sampling (Geman & Geman,
Stochastic relaxation, Gibbs distributions, and the Bayesian restoration of images, IEEE
Transactions on Pattern Analysis and Machine Intelligence 6 (1984)): again and again each is drawn
anew between those before and after it.

The distribution of the durations of a kind begins with that which is self-consistent with their
bounds (Turnbull, The empirical distribution function with arbitrarily grouped, censored and
truncated data, Journal of the Royal Statistical Society B 38 (1976)). It does not know the order
yet, and becomes the average of what is drawn (Delyon, Lavielle & Moulines, Convergence of a
stochastic approximation version of the EM algorithm, Annals of Statistics 27 (1999)).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simsched.workload.arrays import Bools, Floats, Int32s, Int64s

_ITERATIONS = 200
_SETTLED = 1e-6
_SWEEPS = 40
_SETTLING = 10
"""How many of them pass before the distribution is learned from what is drawn."""


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


class Distribution:
    """A distribution of durations: those that were observed exactly, with their probabilities.

    Attributes:
        exact: (k,) the observed durations, sorted.
        upto: (k + 1,) the probability of those before each.
    """

    def __init__(self, exact: Floats, upto: Floats) -> None:
        self.exact, self.upto = exact, upto
        self._drawn = np.zeros(len(exact))
        self._times = 0

    def learn(self, drawn: Floats) -> None:
        """Take the durations *drawn* of all that is censored into its probabilities."""
        if not len(self.exact):
            return
        above = np.searchsorted(self.exact, drawn, "left")
        nearest = np.clip(above, 0, len(self.exact) - 1)
        self._drawn += np.bincount(nearest, minlength=len(self.exact))
        self._times += 1
        count = 1.0 + self._drawn / self._times
        self.upto = np.concatenate([[0.0], np.cumsum(count)]) / (len(self.exact) + len(drawn))

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


@dataclass(frozen=True, eq=False)
class Noticed:
    """Answers and new requests that a loop noticed, in any order.

    Attributes:
        at_ns: (n,) when each was noticed.
        earliest_ns: (n,) since when it may have been ready.
        latest_ns: (n,) until when; hardly later than it was noticed.
        began_ns: (n,) when its call began.
        leaf: (n,) the kind of call, -1 of requests.
    """

    at_ns: Int64s
    earliest_ns: Int64s
    latest_ns: Int64s
    began_ns: Int64s
    leaf: Int32s

    def ready_ns(self, rng: np.random.Generator, known: Mapping[int, Distribution]) -> Floats:
        """Return (n,) when each was ready.

        Args:
            rng: draws them.
            known: the distribution of the calls of each kind; what is not known is uniform.
        """
        order = np.lexsort((self.earliest_ns, self.at_ns))
        low, high = (column[order].astype(float) for column in (self.earliest_ns, self.latest_ns))
        began, leaf = self.began_ns[order].astype(float), self.leaf[order]
        late = np.flatnonzero(low < high)
        turns = [
            (rows, known.get(int(kind)))
            for parity in (0, 1)
            for kind in np.unique(leaf[late])
            for rows in [late[(late % 2 == parity) & (leaf[late] == kind)]]
        ]
        # Surrounded by times that bound none of them. They begin in the middle of their bounds.
        first = np.where(low < high, (np.maximum.accumulate(low) + high) / 2, low)
        ready = np.concatenate([[-np.inf], first, [np.inf]])
        for sweep in range(_SWEEPS):
            for rows, durations in turns:
                least = np.maximum(low[rows], ready[rows])
                most = np.minimum(high[rows], ready[rows + 2])
                if durations is None:
                    drawn = least + rng.random(len(rows)) * (most - least)
                else:
                    start = began[rows]
                    drawn = start + durations.drawn(rng, least - start, most - start)
                # Where the order contradicts the bounds, these are right.
                ready[rows + 1] = np.clip(drawn, low[rows], high[rows])
            if sweep >= _SETTLING:
                for kind, durations in known.items():
                    rows = late[leaf[late] == kind]
                    durations.learn(ready[rows + 1] - began[rows])
        found = np.empty(len(order))
        found[order] = ready[1:-1]
        return found
