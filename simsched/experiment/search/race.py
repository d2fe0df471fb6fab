"""A race: which of several designs has the best mean, by elimination in rounds.

The designs are observed side by side, under common random numbers. After each round every design
that is left is compared with the leader, as ``simsched run`` compares a server with the baseline:
by Student's t interval of the paired differences. Designs whose interval says that they are worse
are dropped, and the others continue. The race is over when one design is left, or when all that
are left differ by at most the indifference zone, by the intervals of every pair of them.

All conclusions are right with the probability asked for. Let the intervals of the differences
between the best design and the k - 1 others hold the truth in every round. Then the best is never
dropped, so it is among the designs that are left, and these are within the zone of it, and hence
the selected one is too. By Bonferroni's inequality that happens with at least the probability
asked for if the error that it allows is divided by (k - 1) times the number of rounds. Neither
equal variances nor independent designs are needed. Rounds grow geometrically, so there are few.

Sources: Law, Simulation Modeling and Analysis, 5th ed., 2015, section 10.2.1 (the paired
interval) and section 9.7 (Bonferroni's inequality); Hsu, Multiple Comparisons, 1996, chapter 4
(only comparisons with the best need hold); Maron & Moore, Hoeffding races, Advances in Neural
Information Processing Systems 6, 1994 (elimination).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from simsched.statistics.contrast import Pair
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import mean

FIRST = 10
"""The replications of the first round: intervals from fewer are hardly ever narrow enough."""

GROWTH = 2
"""How many times the replications of a round the next one has."""

Observe = Callable[[Sequence[int], int], Sequence[float]]
"""Observes the designs of those numbers in one replication; a larger value is better."""


@dataclass(frozen=True, slots=True)
class Exit:
    """A design that was dropped, and the leader that it was behind."""

    design: int
    behind: int


@dataclass
class Race:
    """The designs that are left, and the observations of all.

    Attributes:
        zone: the indifference zone: a difference that does not matter, in the unit of the
            observations, or, where it is relative, as a share of the leader's mean.
        is_relative: whether it is.
        confidence: the probability that all conclusions are right, in (0, 1).
        rounds: after how many replications the designs are compared, in rising order.
        seen: the observations of each design, as many as the first round has; larger is better.
        survivors: the designs that are left.
        exits: those that were dropped, in order.
        is_over: whether the survivors are known to be as good as each other.
    """

    zone: float
    is_relative: bool
    confidence: float
    rounds: Sequence[int]
    seen: list[list[float]]
    survivors: list[int] = field(init=False)
    exits: list[Exit] = field(default_factory=list)
    is_over: bool = False

    def __post_init__(self) -> None:
        self.survivors = list(range(len(self.seen)))

    @property
    def replications(self) -> int:
        """How often the survivors were observed."""
        return len(self.seen[self.survivors[0]])

    @property
    def leader(self) -> int:
        """The survivor with the best mean."""
        return max(self.survivors, key=self.mean)

    @property
    def level(self) -> float:
        """The confidence of one interval, so that those of the best hold together in all rounds."""
        comparisons = max(1, len(self.seen) - 1) * len(self.rounds)
        return 1 - (1 - self.confidence) / comparisons

    def mean(self, design: int) -> float:
        """Return the mean of the observations of *design*."""
        return float(np.mean(self.seen[design]))

    def difference(self, one: int, other: int) -> Estimate:
        """Return the mean of *one* less that of *other*, in the replications that both have."""
        both = min(len(self.seen[one]), len(self.seen[other]))
        ours, theirs = (mean(np.array(self.seen[each][:both])) for each in (one, other))
        return Pair(ours, theirs).difference(self.level)

    def margin(self) -> float:
        """Return the indifference zone in the unit of the observations."""
        return self.zone * abs(self.mean(self.leader)) if self.is_relative else self.zone

    def is_as_good(self, design: int) -> bool:
        """Return whether *design* is within the zone of every survivor, and so of the best."""
        return self._are_alike((design, each) for each in self.survivors if each != design)

    def _are_alike(self, pairs: Iterable[tuple[int, int]]) -> bool:
        margin = self.margin()
        ends = (_ends(self.difference(*pair)) for pair in pairs)
        return all(-margin <= low and high <= margin for low, high in ends)

    def compare(self) -> None:
        """End a round: drop the designs that are worse than the leader."""
        leader = self.leader
        behind = [n for n in self.survivors if n != leader and self._is_behind(n, leader)]
        self.exits += [Exit(each, leader) for each in behind]
        self.survivors = [each for each in self.survivors if each not in behind]
        # The leader's pairs first: if some differ, that is found soon.
        self.is_over = self.is_as_good(leader) and self._are_alike(combinations(self.survivors, 2))

    def _is_behind(self, design: int, leader: int) -> bool:
        return _ends(self.difference(leader, design))[0] > 0

    def observed(self, values: Sequence[float]) -> None:
        """Add one more observation of each survivor; one that has none (NaN) leaves."""
        found = dict(zip(self.survivors, values, strict=True))
        self.survivors = [each for each in self.survivors if not np.isnan(found[each])]
        self.is_over = len(self.survivors) == 1
        for each in self.survivors:
            self.seen[each].append(found[each])


def _ends(difference: Estimate) -> tuple[float, float]:
    """Return the ends of the interval of a *difference*; it has none in a single replication."""
    if difference.low is None or difference.high is None:
        return -np.inf, np.inf
    return difference.low, difference.high


def rounds(at_most: int) -> tuple[int, ...]:
    """Return after how many replications designs are compared, if *at_most* are allowed."""
    found = [min(FIRST, at_most)]
    while found[-1] < at_most:
        found.append(min(GROWTH * found[-1], at_most))
    return tuple(found)


def run(race: Race, observe: Observe) -> None:
    """Observe the survivors of *race* until it is over, or has no more rounds."""
    race.compare()
    for replications in race.rounds[1:]:
        while not race.is_over and race.replications < replications:
            race.observed(observe(race.survivors, race.replications + 1))
        if not race.is_over:
            race.compare()
