"""KN: which of several designs has the best mean, with a stated probability of being right.

The designs are observed side by side, one replication at a time, under common random numbers. After
each replication those are out whose sum lags so far behind another's that they are, with the
probability asked for, not the best; so many replications go to close rivals and few to the others.
If the best is better than every other by at least the indifference zone, it is selected with at
least that probability. How far one may lag depends on the variance of its paired differences in the
first replications, which common random numbers make small, and which need not be alike or
independent.

Source: Kim & Nelson, A fully sequential procedure for indifference-zone selection in simulation,
ACM TOMACS 11 (3), 2001, sections 3 and 5 (with c = 1, and Bonferroni's inequality over rivals as
common random numbers need it).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from simsched.workload.columns import Floats

FIRST = 10
"""Replications of every design before any may be out: they tell the variances."""

Observe = Callable[[Sequence[int], int], Sequence[float]]
"""Observes the designs of those numbers in one replication; a larger value is better."""


@dataclass(frozen=True, slots=True)
class Exit:
    """A design that is out: after how many replications, behind which other, and by how much.

    ``lag`` is the difference of their means over those replications.
    """

    design: int
    replications: int
    behind: int
    lag: float


@dataclass
class Race:
    """The designs that are in, and what was seen of all.

    Attributes:
        zone: the indifference zone: a difference that matters, in the unit of the observations.
        confidence: the probability of a correct selection, in (1/k, 1).
        seen: (designs, replications) the observations; NaN after a design is out.
        survivors: the designs that are in.
        exits: those that lagged behind and are out, in that order.
    """

    zone: float
    confidence: float
    seen: Floats
    survivors: list[int] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.survivors = list(range(len(self.seen)))
        self._reach = h_squared(len(self.seen), self.confidence, self.seen.shape[1]) * (
            variances(self.seen)
        )

    @property
    def replications(self) -> int:
        """How often the survivors were observed."""
        return int(self.seen.shape[1])

    @property
    def most(self) -> int:
        """The most replications that it takes until the survivors are no longer told apart."""
        among = self._reach[np.ix_(self.survivors, self.survivors)]
        return math.floor(float(among.max()) / self.zone**2) + 1

    @property
    def is_over(self) -> bool:
        """Whether a design is selected: one is left, or those that are lie within the zone."""
        return len(self.survivors) == 1 or self.replications >= self.most

    @property
    def selected(self) -> int:
        """The design that is selected once the race is over: the best mean of the survivors."""
        means = self.seen[self.survivors].mean(axis=1)
        return self.survivors[int(means.argmax())]

    def screen(self) -> None:
        """Take out the designs that lag too far behind another survivor."""
        sums = self.seen[self.survivors].sum(axis=1)
        lead = sums[None, :] - sums[:, None]  # of the other over this one
        allowed = self._allowed()
        beyond = np.where(lead > allowed, lead, -np.inf)
        np.fill_diagonal(beyond, -np.inf)
        leaders = beyond.argmax(axis=1)
        out = [n for n in range(len(self.survivors)) if np.isfinite(beyond[n, leaders[n]])]
        for n in out:
            behind = self.survivors[leaders[n]]
            lag = float(lead[n, leaders[n]]) / self.replications
            self.exits.append(Exit(self.survivors[n], self.replications, behind, lag))
        self.survivors = [each for n, each in enumerate(self.survivors) if n not in out]

    def _allowed(self) -> Floats:
        """Return (in, in) by how much each survivor's sum may lag behind each other's.

        It is r times W of the source, with r replications: the region is a triangle that closes.
        """
        among = self._reach[np.ix_(self.survivors, self.survivors)]
        allowed: Floats = np.maximum(
            0.0, among / (2 * self.zone) - self.zone * self.replications / 2
        )
        return allowed

    def observed(self, values: Sequence[float]) -> None:
        """Take in one more observation of each survivor; who has none (NaN) is in no longer."""
        column = np.full((len(self.seen), 1), np.nan)
        column[self.survivors, 0] = values
        self.seen = np.hstack([self.seen, column])
        self.survivors = [each for each in self.survivors if not np.isnan(column[each, 0])]


def run(race: Race, observe: Observe, at_most: int) -> Race:
    """Observe the survivors of *race* until it is over, or *at_most* replications are spent."""
    race.screen()
    while not race.is_over and race.replications < at_most:
        race.observed(observe(race.survivors, race.replications + 1))
        race.screen()
    return race


def h_squared(designs: int, confidence: float, first: int) -> float:
    """Return h^2 = 2 eta (n0 - 1) of the source, for *first* (n0) replications of the designs.

    eta solves 1/2 (1 + 2 eta)^(-(n0 - 1) / 2) = alpha / (k - 1).
    """
    if designs < 2:  # noqa: PLR2004
        return 0.0
    alpha = (1 - confidence) / (designs - 1)
    eta = ((2 * alpha) ** (-2 / (first - 1)) - 1) / 2
    return float(2 * eta * (first - 1))


def variances(seen: Floats) -> Floats:
    """Return (k, k) the variances of the paired differences of the (k, n0) observations."""
    differences = seen[:, None, :] - seen[None, :, :]
    found: Floats = differences.var(axis=2, ddof=1)
    return found
