"""Which of several designs is best in one metric, with a stated probability of being right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simsched.errors import RunError
from simsched.experiment.search.designs import Criterion, Design, Impossible, Observer, check
from simsched.experiment.search.journal import Journal
from simsched.experiment.search.race import FIRST, Race, rounds, run
from simsched.experiment.simulating import Simulate, one_by_one
from simsched.statistics import losses
from simsched.statistics.words.numbers import percent
from simsched.workload.columns import Floats

Fate = Literal["selected", "tied", "undecided", "out", "left out"]
"""
selected    it is the best, or within the indifference zone of the best
tied        by its interval, its difference from the one that is selected lies within the zone
undecided   it may be the best: the replications that were allowed are too few to decide
out         it is not the best
left out    it was not compared: it is invalid, cannot keep up, leaves requests without an answer,
            or has a replication that gives no mean
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """The result for one design.

    Attributes:
        name: the design's.
        mean: the metric's mean over its replications; None if it was left out.
        replications: how many it got.
        fate: what became of it.
        note: the reason.
        difference: how much more it has of the metric than the first of all designs, in the
            metric's unit; None for that one, and where it was not compared.
        low: the lower end of the interval of that.
        high: the upper end.
    """

    name: str
    mean: float | None
    replications: int
    fate: Fate
    note: str = ""
    difference: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The result of the search for the best.

    Attributes:
        criterion: what the designs were compared by.
        zone: the indifference zone, in the metric's unit.
        standings: the designs, the best first.
        replications: how many simulations there were in all.
        rounds: after how many replications the designs were compared.
        is_interrupted: whether the search was interrupted.
    """

    criterion: Criterion
    zone: float
    standings: tuple[Standing, ...]
    replications: int
    rounds: tuple[int, ...]
    is_interrupted: bool = False

    @property
    def compared(self) -> int:
        """How many designs were compared."""
        return sum(each.fate != "left out" for each in self.standings)

    @property
    def best(self) -> Standing | None:
        """The design that was selected; None if none was."""
        return next((each for each in self.standings if each.fate == "selected"), None)


def select(
    designs: Sequence[Design | Impossible],
    criterion: Criterion,
    simulate: Simulate = one_by_one,
    progress: Callable[[int, int], None] = lambda _done, _most: None,
    journal: Journal | None = None,
) -> Selection:
    """Return which of *designs* is best, by a :mod:`race <simsched.experiment.search.race>`.

    Args:
        designs: two or more; those that are impossible are left out.
        criterion: what they are compared by.
        simulate: how replications are simulated.
        progress: called with how many replications the designs in the race have, and how many they
            have at the end of the round.
        journal: where the observations are stored.

    A KeyboardInterrupt ends it: the designs that are still in the race are then undecided.

    Raises:
        InputError: there are fewer than two designs, or too many.
        RunError: a simulation failed, or no design can be observed.
    """
    check(designs)
    journal = journal or Journal()
    possible = [each for each in designs if isinstance(each, Design)]
    return _Contest(
        [Observer(each, criterion.metric, simulate, journal) for each in possible],
        criterion,
        progress,
        [
            Standing(each.name, None, 0, "left out", each.why)
            for each in designs
            if isinstance(each, Impossible)
        ],
    ).run()


MOST_REASONS = 5
"""Of so many designs it is said why they cannot be compared, where none can."""


def _reason(standing: Standing) -> str:
    """Return why a design is left out, with its name."""
    note = standing.note
    return note if note.startswith(standing.name) else f"{standing.name}: {note}"


class _Contest:
    """The race of the designs that can be observed, and the list of the others."""

    def __init__(
        self,
        observers: Sequence[Observer],
        criterion: Criterion,
        progress: Callable[[int, int], None],
        left_out: list[Standing],
    ) -> None:
        self._criterion = criterion
        self._progress = progress
        self._sign = 1.0 if criterion.aim == "maximize" else -1.0
        self._left_out = left_out
        self._rounds = rounds(criterion.at_most)
        self._observers = [each for each in observers if self._keeps_up(each)]

    def run(self) -> Selection:
        race = self._first_round()
        try:
            run(race, self._observe)
        except KeyboardInterrupt:
            return self._selection(race, is_interrupted=True)
        return self._selection(race, is_interrupted=False)

    def _first_round(self) -> Race:
        # All designs get the first round: before it nothing is known that could drop one.
        first = min(FIRST, self._criterion.at_most)
        seen: list[tuple[Observer, Floats]] = []
        for each in self._observers:
            seen.append((each, each.first(first)))
            self._progress(0, first)
        seen = [(o, v) for o, v in seen if self._has_mean(o, v) and self._answers(o, first)]
        self._check_some_left([observer for observer, _ in seen])
        self._observers = [observer for observer, _ in seen]
        return Race(
            self._criterion.zone,
            self._criterion.is_relative,
            self._criterion.confidence,
            self._rounds,
            [(self._sign * values).tolist() for _, values in seen],
        )

    def _observe(self, designs: Sequence[int], replication: int) -> Sequence[float]:
        # Most races end long before the cap, so the time left is that of the round.
        self._progress(replication, next(each for each in self._rounds if each >= replication))
        observers = [self._observers[each] for each in designs]
        # All are started before the first is waited for, so that processes work side by side.
        waiting = [each.begin(replication) for each in observers]
        values = [self._sign * value() for value in waiting]
        pairs = zip(observers, values, strict=True)
        self._check_some_left([o for o, v in pairs if self._has_mean(o, [v], replication)])
        return values

    def _check_some_left(self, observers: Sequence[Observer]) -> None:
        if not observers:
            reasons = [_reason(each) for each in self._left_out[:MOST_REASONS]]
            rest = len(self._left_out) - len(reasons)
            more = [f"and {rest} more"] if rest else []
            raise RunError(f"no design can be compared: {'; '.join([*reasons, *more])}")

    def _has_mean(
        self, observer: Observer, values: Sequence[float] | Floats, first: int = 1
    ) -> bool:
        """Leave out a design of which a replication, from number *first* on, gives no mean."""
        missing = np.flatnonzero(np.isnan(values))
        if len(missing):
            note = (
                f"replication {first + int(missing[0])} completes too few requests to measure "
                f"{self._criterion.metric.text}; simulate longer"
            )
            self._leave_out(observer, first + len(values) - 1, note)
        return not len(missing)

    def _keeps_up(self, observer: Observer) -> bool:
        """Leave out a design whose delays have no mean, as it cannot keep up."""
        load = observer.design.contender.load
        sentence = None if load is None else load.unstable_warning()
        if sentence is None or not self._criterion.is_delay:
            return True
        self._leave_out(observer, 0, sentence)
        return False

    def _answers(self, observer: Observer, replications: int) -> bool:
        """Leave out a design that answers quickly because it leaves requests without an answer."""
        if not self._criterion.is_delay or observer.lost <= losses.MATERIAL:
            return True
        note = f"{percent(observer.lost)} of its requests get no answer"
        self._leave_out(observer, replications, note)
        return False

    def _leave_out(self, observer: Observer, replications: int, note: str) -> None:
        name = observer.design.name
        self._left_out.append(Standing(name, None, replications, "left out", note))

    def _selection(self, race: Race, *, is_interrupted: bool) -> Selection:
        inside = [self._standing(race, each, self._inside(race, each)) for each in race.survivors]
        outside = [
            self._standing(race, each.design, self._outside(race, each.design), each.behind)
            for each in race.exits
        ]
        # A design that was dropped never comes before one that may be the best, whatever its mean.
        standings = sorted(inside, key=self._order) + sorted(outside, key=self._order)
        standings += self._left_out
        return Selection(
            self._criterion,
            race.margin(),
            tuple(standings),
            sum(each.replications for each in standings),
            tuple(each for each in race.rounds if each <= race.replications),
            is_interrupted,
        )

    def _order(self, standing: Standing) -> tuple[bool, float]:
        return standing.fate != "selected", -self._sign * (standing.mean or 0.0)

    def _inside(self, race: Race, design: int) -> Fate:
        if not race.is_over:
            return "undecided"
        return "selected" if design == race.leader else "tied"

    def _outside(self, race: Race, design: int) -> Fate:
        return "tied" if race.is_over and race.is_as_good(design) else "out"

    def _standing(self, race: Race, design: int, fate: Fate, behind: int | None = None) -> Standing:
        note = f"worse than {self._name(behind)}" if fate == "out" and behind is not None else ""
        mean, replications = self._sign * race.mean(design), len(race.seen[design])
        standing = Standing(self._name(design), mean, replications, fate, note)
        if design == race.leader:
            return standing
        lead = race.difference(design, race.leader)
        if lead.value is None or lead.low is None or lead.high is None:
            return standing
        # Added to 0, an end of -0 is 0.
        value, *ends = (self._sign * each + 0.0 for each in (lead.value, lead.low, lead.high))
        return replace(standing, difference=value, low=min(ends), high=max(ends))

    def _name(self, design: int) -> str:
        return self._observers[design].design.name
