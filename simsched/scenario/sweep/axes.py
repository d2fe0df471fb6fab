"""The axes of a sweep: what each path takes, or paths that move together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from simsched.scenario.node import Node, Place
from simsched.scenario.problem import Path
from simsched.scenario.sweep.ranges import at_share
from simsched.scenario.sweep.settings import Setting, Settings
from simsched.scenario.sweep.values import Quantity, placed


class Axis(Protocol):
    """One of the directions in which points lie."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """What is varied along it."""

    @property
    def size(self) -> int:
        """How many values there are."""

    def __iter__(self) -> Iterator[Settings]:
        """Yield the values, each of them settings that go together."""

    def pick(self, share: float) -> Settings:
        """Return the value at a *share*, in [0, 1), of the way from the first to the last."""


@dataclass(frozen=True)
class Listed:
    """Values that are written out: for each place, a setting for each of the paths."""

    places: Sequence[Settings]

    @property
    def paths(self) -> tuple[Path, ...]:
        """What is varied."""
        return tuple(setting.path for setting in self.places[0])

    @property
    def size(self) -> int:
        """How many places there are."""
        return len(self.places)

    def __iter__(self) -> Iterator[Settings]:
        """Yield the settings of each place."""
        return iter(self.places)

    def pick(self, share: float) -> Settings:
        """Return the place at *share* of the list."""
        return self.places[int(share * len(self.places))]


@dataclass(frozen=True)
class Continuous:
    """Any value between two ends, for samples alone."""

    path: Path
    place: Place
    was: Node | None
    low: Quantity
    high: Quantity
    log: bool
    whole: bool

    @property
    def paths(self) -> tuple[Path, ...]:
        """What is varied."""
        return (self.path,)

    @property
    def size(self) -> int:
        """None can be counted."""
        raise NotImplementedError("a range without steps has no number of values")

    def __iter__(self) -> Iterator[Settings]:
        """Yield nothing: there are no values to go through."""
        raise NotImplementedError("a range without steps has no list of values")

    def pick(self, share: float) -> Settings:
        """Return the value at *share* of the range."""
        text = at_share(self.low, self.high, share, log=self.log, whole=self.whole)
        return (Setting(self.path, placed(text, self.place), self.was),)
