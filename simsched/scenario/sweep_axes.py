"""The axes of a sweep: what each path takes, or paths that move together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from simsched.scenario.node import Node, Place
from simsched.scenario.problem import Path, dotted
from simsched.scenario.sweep_values import Quantity, at_share, meaning, placed, text_of


@dataclass(frozen=True)
class Setting:
    """A value at a path of the scenario."""

    path: Path
    node: Node

    @property
    def name(self) -> str:
        """The path as it is written."""
        return dotted(self.path)

    @property
    def text(self) -> str:
        """The value as it is written."""
        return text_of(self.node)

    @cached_property  # asked for by every point that has it
    def identity(self) -> tuple[Path, object]:
        """What two settings have in common that do the same."""
        return self.path, meaning(self.node)


Settings = tuple[Setting, ...]
"""The values of a point, in the order in which they are put into the scenario."""


def identity(point: Settings) -> frozenset[object]:
    """Return what two points have in common that are the same."""
    return frozenset(each.identity for each in point)


class Axis(Protocol):
    """One of the directions in which points lie."""

    @property
    def size(self) -> int:
        """How many values there are."""

    def __iter__(self) -> Iterator[Settings]:
        """Yield the values, each of them settings that go together."""

    def pick(self, share: float) -> Settings:
        """Return the value at a *share*, in [0, 1), of the way from the first to the last."""


@dataclass(frozen=True)
class Listed:
    """Values that are written out: for each place, a node for each of the paths."""

    paths: tuple[Path, ...]
    places: Sequence[tuple[Node, ...]]

    @property
    def size(self) -> int:
        """How many places there are."""
        return len(self.places)

    def __iter__(self) -> Iterator[Settings]:
        """Yield the settings of each place."""
        return map(self._at, self.places)

    def pick(self, share: float) -> Settings:
        """Return the place at *share* of the list."""
        return self._at(self.places[int(share * len(self.places))])

    def _at(self, nodes: tuple[Node, ...]) -> Settings:
        return tuple(map(Setting, self.paths, nodes))


@dataclass(frozen=True)
class Continuous:
    """Any value between two ends, for samples alone."""

    path: Path
    place: Place
    low: Quantity
    high: Quantity
    log: bool
    whole: bool

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
        return (Setting(self.path, placed(text, self.place)),)
