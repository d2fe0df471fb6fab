"""Which of several designs is best in one metric, with a stated probability of being right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simsched.errors import RunError
from simsched.experiment.search.aim import Aimed
from simsched.experiment.search.designs import Design, Impossible, Observer, check
from simsched.experiment.search.journal import Journal
from simsched.experiment.search.race import FIRST, Race, rounds, run
from simsched.experiment.simulating import Simulate, one_by_one
from simsched.scenario.metrics import show_value
from simsched.statistics import losses
from simsched.statistics.words.numbers import percent

Fate = Literal["selected", "tied", "undecided", "out", "left out"]
"""
selected    it is the best, or within the indifference zone of the best
tied        its difference from the one that is selected lies within the zone, by its interval
undecided   it may be the best: the replications that were allowed were too few to say
out         it is not the best
left out    it was not compared: it cannot be, cannot keep up, leaves requests without an answer, or
            a replication of it tells no mean
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a design came off.

    Attributes:
        name: the design's.
        mean: the metric's mean over its replications; None if it was left out.
        replications: how many it got.
        fate: what became of it.
        note: what is to say of that.
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
    """What came of the search for the best.

    Attributes:
        aimed: what was sought.
        zone: the indifference zone, in the metric's unit.
        standings: the designs, the best first.
        replications: how many simulations there were in all.
        rounds: after how many replications the designs were compared.
        is_interrupted: whether it was broken off.
    """

    aimed: Aimed
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
    aimed: Aimed,
    simulate: Simulate = one_by_one,
    progress: Callable[[int, int], None] = lambda _done, _most: None,
    journal: Journal | None = None,
) -> Selection:
    """Return which of *designs* is best, by a :mod:`race <simsched.experiment.search.race>`.

    Args:
        designs: two or more; what is impossible is left out.
        aimed: what is sought.
        simulate: how replications are simulated.
        progress: told how many replications the designs that are in have, and how many are needed
            at most.
        journal: where the observations are kept.

    A KeyboardInterrupt ends it: the designs that are still in are then undecided.

    Raises:
        InputError: there are fewer than two designs, or too many.
        RunError: a simulation cannot be done, or no design can be observed.
    """
    check(designs)
    journal = Journal() if journal is None else journal
    observers, left_out = [], []
    for each in designs:
        if isinstance(each, Design):
            observers.append(Observer(each, aimed.metric, simulate, journal))
        else:
            left_out.append(Standing(each.name, None, 0, "left out", each.why))
    return _Contest(observers, aimed, progress, left_out).run()


class _Contest:
    """The designs that can be observed, in a race; the others beside it."""

    def __init__(
        self,
        observers: Sequence[Observer],
        aimed: Aimed,
        progress: Callable[[int, int], None],
        left_out: list[Standing],
    ) -> None:
        self._aimed = aimed
        self._progress = progress
        self._sign = 1.0 if aimed.aim == "maximize" else -1.0
        self._left_out = left_out
        self._observers = [each for each in observers if not self._is_hopeless(each)]

    def run(self) -> Selection:
        first = min(FIRST, self._aimed.at_most)
        seen = [(each, self._first(each, first)) for each in self._observers]
        left = [
            (each, values)
            for each, values in seen
            if self._tells(each, values) and not self._loses(each, first)
        ]
        if not left:
            raise self._nobody()
        self._observers = [each for each, _ in left]
        race = Race(
            self._aimed.zone,
            self._aimed.is_relative,
            self._aimed.confidence,
            rounds(self._aimed.at_most),
            [[self._sign * each for each in values] for _, values in left],
        )
        try:
            run(race, self._observe)
        except KeyboardInterrupt:
            return self._selection(race, is_interrupted=True)
        return self._selection(race)

    def _first(self, observer: Observer, replications: int) -> Sequence[float]:
        found = observer.first(replications)
        self._progress(0, replications)
        return [float(value) for value in found]

    def _observe(self, designs: Sequence[int], replication: int) -> Sequence[float]:
        self._progress(replication, max(replication, self._aimed.at_most))
        begun = [self._observers[each].begin(replication) for each in designs]
        values = [self._sign * told() for told in begun]
        told = [
            self._tells(self._observers[each], [value], replication)
            for each, value in zip(designs, values, strict=True)
        ]
        if not any(told):
            raise self._nobody()
        return values

    def _nobody(self) -> RunError:
        return RunError(f"no design can be compared: {self._left_out[0].note}")

    def _tells(self, observer: Observer, values: Sequence[float], first: int = 1) -> bool:
        """Leave out a design of which a replication, from number *first* on, tells no mean."""
        missing = np.flatnonzero(np.isnan(values))
        if not len(missing):
            return True
        spent, note = first + len(values) - 1, observer.untold(first + int(missing[0]))
        self._left_out.append(Standing(observer.design.name, None, spent, "left out", note))
        return False

    def _is_hopeless(self, observer: Observer) -> bool:
        """Leave out a design whose delays have no mean, as it cannot keep up."""
        load = observer.design.contender.load
        sentence = None if load is None else load.sentence()
        delay = self._aimed.metric.kind == "duration" or self._aimed.metric.name == "slowdown"
        if sentence is None or not delay:
            return False
        self._left_out.append(Standing(observer.design.name, None, 0, "left out", sentence))
        return True

    def _loses(self, observer: Observer, replications: int) -> bool:
        """Leave out a design that answers quickly because it leaves requests without an answer."""
        delay = self._aimed.metric.kind == "duration" or self._aimed.metric.name == "slowdown"
        if not delay or observer.lost <= losses.MATERIAL:
            return False
        note = f"{percent(observer.lost)} of its requests get no answer"
        name = observer.design.name
        self._left_out.append(Standing(name, None, replications, "left out", note))
        return True

    def _selection(self, race: Race, *, is_interrupted: bool = False) -> Selection:
        inside = [self._standing(race, each, self._inside(race, each)) for each in race.survivors]
        outside = [
            self._standing(race, each.design, self._outside(race, each.design), each.behind)
            for each in race.exits
        ]
        standings = sorted(inside, key=self._order) + sorted(outside, key=self._order)
        return Selection(
            self._aimed,
            race.margin(),
            (*standings, *self._left_out),
            sum(each.replications for each in (*standings, *self._left_out)),
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


def describe_zone(selection: Selection) -> str:
    """Return the indifference zone in words, as in ``1 % (0.42 ms)``."""
    shown = show_value(selection.zone, selection.aimed.metric.kind)
    share = percent(selection.aimed.zone)
    return f"{share} ({shown})" if selection.aimed.is_relative else shown
