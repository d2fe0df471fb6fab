"""Whether the values of a sweep can be used at all.

A value that no point can have is a mistake in the file. A point that cannot be, though each of its
values can elsewhere, is one that fails: the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from simsched.errors import Fault, ScenarioError
from simsched.scenario.sweep.blame import Trial, covers, explained, independent, own
from simsched.scenario.sweep.settings import Setting, Settings, identity

if TYPE_CHECKING:
    from simsched.scenario.sweep.loading import Sweep

MOST_EXPLAINED = 100
"""In how many points that cannot be it is found out which of their values is to blame."""

MOST_TRIED = 20
"""In how many points a value is tried before it counts as one that cannot be used."""


def check_values(sweep: Sweep) -> None:
    """Try every value of *sweep* in a point that has it.

    What a sample drew is not tried value by value, but one of its points must be a scenario.

    Raises:
        ScenarioError: some values cannot be used; it holds the faults of all of them.
    """
    faults = list(_each_once(_tried(sweep).faults(explained)))
    if faults:
        raise ScenarioError(tuple(sorted(faults, key=_position)))


def faulty_values(sweep: Sweep) -> tuple[Fault, ...]:
    """Return the faults that are there whatever else is: not all of the points may be known."""
    return tuple(_each_once(_tried(sweep).faults(independent)))


def impossible(sweep: Sweep, settings: Settings) -> tuple[Fault, ...]:
    """Return the faults that *settings*, which no point has, would have in any."""
    trials = _Trials(sweep)
    return tuple(fault for each in settings for fault in trials.of_setting(each))


def _tried(sweep: Sweep) -> _Trials:
    trials = _Trials(sweep)
    written = [point for point in sweep.points if identity(point) not in sweep.sampled]
    for point in written:
        trials.of_values(point)
    if not trials.sound:
        for point in sweep.points[:MOST_TRIED]:
            trials.of_point(point)
    return trials


class _Trials:
    """What was found so far: which values can be used, and points with those that could not."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._failed: dict[object, list[Settings]] = {}
        self._fine: set[object] = set()
        self._all: list[Settings] = []
        self.sound = False

    def of_values(self, point: Settings) -> None:
        """Try *point* if one of its values is not known to be of use."""
        values = [each.identity for each in point]
        if all(self._is_settled(value) for value in values):
            return
        if self.of_point(point):
            self._fine.update(values)
            return
        for value in values:
            self._failed.setdefault(value, []).append(point)

    def of_point(self, point: Settings) -> bool:
        """Return whether *point* is a scenario."""
        if self._faults_of(point):
            self._all.append(point)
            return False
        self.sound = True
        return True

    def of_setting(self, setting: Setting) -> list[Fault]:
        """Return the faults of *setting* itself whatever point it is put into."""
        points = (
            tuple(setting if each.path == setting.path else each for each in point)
            for point in self._sweep.points
            if any(each.path == setting.path for each in point)
        )
        found = [self._faults_of(point) for point in islice(points, MOST_TRIED)]
        first = found[0] if found else ()
        return [each for each in first if covers(setting, each) and all(each in f for f in found)]

    def faults(self, told: Callable[[Settings, Trial], Iterable[Fault]]) -> Iterator[Fault]:
        """Yield the faults of the values that no point can have.

        Where there is no point at all, these are those of the first, and else only those that are
        about a value itself: what follows from them would be told for each point.
        """
        unusable = [found[0] for value, found in self._failed.items() if value not in self._fine]
        if self.sound:
            yield from self._told(unusable, told)
        else:
            yield from self._told(self._all[:1], told)
            yield from self._told(unusable, own)

    def _told(
        self, points: Iterable[Settings], told: Callable[[Settings, Trial], Iterable[Fault]]
    ) -> Iterator[Fault]:
        """Yield the faults of each of *points*, as *told* tells them if they are not too many."""
        known = Trial(self._faults_of, self._fine)
        for number, point in enumerate({identity(point): point for point in points}.values()):
            enough = number >= MOST_EXPLAINED
            yield from self._faults_of(point) if enough else told(point, known)

    def _faults_of(self, point: Settings) -> tuple[Fault, ...]:
        try:
            self._sweep.scenario(point)
        except ScenarioError as error:
            return error.faults
        return ()

    def _is_settled(self, value: object) -> bool:
        return value in self._fine or len(self._failed.get(value, ())) >= MOST_TRIED


def _each_once(faults: Iterable[Fault]) -> Iterator[Fault]:
    seen: set[tuple[object, ...]] = set()
    for fault in faults:
        identity = (fault.file, fault.line, fault.column, fault.message)
        if identity not in seen:
            yield fault
        seen.add(identity)


def _position(fault: Fault) -> tuple[str, int, int]:
    return fault.file, fault.line or 0, fault.column or 0
