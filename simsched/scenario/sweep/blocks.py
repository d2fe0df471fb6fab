"""Blocks of a sweep, read from the file into points."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import Any

from simsched.scenario.file.overriding import NowhereError
from simsched.scenario.file.problems import Problem, Unknown
from simsched.scenario.file.tree import (
    Entry,
    ListNode,
    MappingNode,
    Node,
    Path,
    ScalarNode,
    at,
    dotted,
)
from simsched.scenario.file.wording import counted, quote
from simsched.scenario.sweep import paths
from simsched.scenario.sweep.model import Sample
from simsched.scenario.sweep.paths import Setting, Settings, within
from simsched.scenario.sweep.ranges import Range, at_share, between, unit_cube


@dataclass(frozen=True)
class Axis:
    """One of the dimensions of a block.

    Attributes:
        places: the settings at each place along it, at least one.
        drawn: returns the settings at a share, in [0, 1), of a range without steps.
    """

    places: Sequence[Settings]
    drawn: Callable[[float], Settings] | None = None

    def pick(self, share: float) -> Settings:
        """Return the settings at a *share*, in [0, 1), of the way along it."""
        return self.drawn(share) if self.drawn else self.places[int(share * len(self.places))]


class BlockReader:
    """Reads one block. It skips what is faulty, so that faults in the rest are found, too.

    Attributes:
        problems: the faults of paths and values; their paths begin at the top of the file.
        unmatched: the excludes whose values no point has, once the points are read.
    """

    def __init__(self, base: Node, node: Node, where: Path, faulty: Collection[Path]) -> None:
        """Read the block at *node*, whose path in the file is *where*.

        At the paths *faulty* the file does not have the form of a sweep.
        """
        self._base = base
        self._node = node
        self._where = where
        self._faults = [path for path in faulty if within(path, where) or within(where, path)]
        # Looked up before the rest is validated: with a sample, ranges need no steps.
        sample = at(node, ("sample",))
        self._sampled = isinstance(sample, MappingNode)
        self._sample: Sample | None = None
        if any(within(path, (*where, "sample")) for path in self._faults):
            self._faults = [where]  # without the sample, ranges would mean something else
        elif isinstance(sample, MappingNode) and where not in self._faults:
            self._sample = Sample.validated(sample.data())
        # A fault of a whole section, or in its name, hides its paths.
        self._unknown = any(len(path) <= len(where) + 1 for path in self._faults)
        self._paths: dict[Path, None] = {}
        self.problems: list[Problem] = []
        self.unmatched: list[Settings] = []
        self._axes = self._read_axes()
        self._faulty = set(self._paths) - {e.path for axis in self._axes for e in axis.places[0]}
        self._included = list(self._read_included())
        self._excluded = list(self._read_excluded())

    @property
    def count(self) -> int:
        """How many points there are, before any are excluded."""
        sizes = [self._sample.points] if self._sample else [len(a.places) for a in self._axes]
        return len(self._included) + (math.prod(sizes) if self._axes else 0)

    def points(self, seed: int) -> list[Settings]:
        """Return the points, in the order of the file; the *seed* is that of a sample."""
        complete = not (self._unknown or self._faulty)
        if self._sample and not complete:
            return []
        # Without axes there is one empty combination, which is no point.
        left = self._left([point for point in self._combined(seed) if point])
        return [*(left if complete else ()), *self._included]

    def _combined(self, seed: int) -> Iterator[Settings]:
        picked: Iterable[Iterable[Settings]] = product(*(axis.places for axis in self._axes))
        if self._sample:
            method, points = self._sample.method, self._sample.points
            cube = unit_cube(method, points, len(self._axes), seed).tolist()
            picked = ((axis.pick(s) for axis, s in zip(self._axes, p, strict=True)) for p in cube)
        return (tuple(chain.from_iterable(each)) for each in picked)

    def _left(self, points: list[Settings]) -> list[Settings]:
        """Return those of *points* that no exclude matches in all its values."""
        if not self._excluded:
            return points
        wanted = [{each.identity for each in settings} for settings in self._excluded]
        excluded = {path for values in wanted for path, _ in values}
        found = (paths.values_at(self._base, point, excluded) for point in points)
        hits = [{n for n, each in enumerate(wanted) if each <= values} for values in found]
        unused = set(range(len(wanted))).difference(*hits)
        known = (settings for n, settings in enumerate(self._excluded) if n in unused)
        self.unmatched = [s for s in known if self._faulty.isdisjoint(each.path for each in s)]
        return [point for point, hit in zip(points, hits, strict=True) if not hit]

    def _read_axes(self) -> list[Axis]:
        axes = [axis for key in self._entries("matrix") if (axis := self._axis("matrix", key))]
        zipped = {key: axis for key in self._entries("zip") if (axis := self._axis("zip", key))}
        if zipped and self._have_one_size(zipped):
            together = zip(*(axis.places for axis in zipped.values()), strict=True)
            axes.append(Axis([tuple(chain.from_iterable(each)) for each in together]))
        settings = [each for axis in axes for place in axis.places for each in place]
        return axes if self._fit(settings) else []

    def _have_one_size(self, axes: Mapping[str, Axis]) -> bool:
        (first, size), *others = ((key, len(axis.places)) for key, axis in axes.items())
        unequal = {key: other for key, other in others if other != size}
        for key, other in unequal.items():
            message = f"it has {counted(other, 'value')}, {first} {size}"
            hint = "paths of a zip need equally many values"
            self._complain((*self._where, "zip", key), message, hint)
        return not unequal

    def _axis(self, section: str, key: str) -> Axis | None:
        place = (*self._where, section, key)
        path = self._path(place, key)
        if path is None:
            self._unknown = True
            return None
        if path in self._paths:
            self._complain(place, "this path is varied twice in this block")
        self._paths[path] = None
        in_matrix = section == "matrix"
        range_ = self._entries(section, key).keys()
        steps = ("steps", "factor")
        if range_ and range_.isdisjoint(steps) and not (self._sampled and in_matrix):
            message = "a range needs steps or a factor"
            self._complain(place, message, "write for example steps: 10", absent=steps)
        elif self._is_sound(place):
            node = self._entries(section)[key].value
            if not isinstance(node, ListNode):
                return self._range(path, place, node)
            settings = [self._setting(path, e, (*place, n)) for n, e in enumerate(node.items)]
            if in_matrix:  # in a zip, a path may repeat a value while others change
                self._check_each_once(settings)
            return Axis([(each,) for each in settings])
        return None

    def _check_each_once(self, settings: Sequence[Setting]) -> None:
        seen: set[object] = set()
        for each in settings:
            if each.identity in seen:
                self._complain(each.place, f"{quote(each.text)} is there twice")
            seen.add(each.identity)

    def _range(self, path: Path, place: Path, node: Node) -> Axis:
        range_ = Range.validated(node.data())
        whole = range_.has_whole_ends and paths.wants_whole(path)

        def settings(text: str) -> Settings:
            return (self._setting(path, ScalarNode(*node.place, text, plain=True), place),)

        if range_.steps is None and range_.factor is None:
            low = settings(range_.low.text)
            return Axis([low], lambda share: settings(at_share(range_, share, whole=whole)))
        return Axis([settings(text) for text in between(range_, whole=whole)])

    def _read_included(self) -> Iterator[Settings]:
        for point, complete in self._wholes("include"):
            self._paths |= dict.fromkeys(each.path for each in point)
            if self._fit(point) and complete:
                yield point

    def _read_excluded(self) -> Iterator[Settings]:
        known = tuple(map(dotted, self._paths))
        for point, complete in self._wholes("exclude"):
            strange = [each for each in point if each.path not in self._paths]
            # If a path above is mistyped, this may be the one that was meant.
            for each in () if self._unknown else strange:
                unknown = Unknown(dotted(each.path), known, "swept paths")
                self._complain(each.place, "this path is not swept", unknown=unknown)
            if complete and not strange:
                yield point

    def _wholes(self, section: str) -> Iterator[tuple[Settings, bool]]:
        """Yield the settings of each item of a *section*, and whether all of them are valid."""
        node = at(self._node, (section,))
        for number in range(len(node.items) if isinstance(node, ListNode) else 0):
            sound = self._is_sound((*self._where, section, number))
            entries = self._entries(section, number) if sound else {}
            found: dict[Path, Setting] = {}
            for key, entry in entries.items():
                place = (*self._where, section, number, key)
                path = self._path(place, key)
                if path in found:
                    self._complain(place, "this path is there twice", "remove one of the two")
                elif path is not None:
                    found[path] = self._setting(path, entry.value, place)
            yield tuple(found.values()), bool(found) and len(found) == len(entries)

    def _fit(self, together: Sequence[Setting]) -> bool:
        found = list(paths.overlaps(self._base, together))
        self.problems += found
        return not found

    def _setting(self, path: Path, node: Node, place: Path) -> Setting:
        return Setting(path, node, place, at(self._base, path), self._sampled)

    def _path(self, place: Path, text: str) -> Path | None:
        try:
            return paths.find(self._base, text)
        except NowhereError as error:
            self._complain(place, error.message, error.hint)
            return None

    def _is_sound(self, place: Path) -> bool:
        return not any(within(place, path) or within(path, place) for path in self._faults)

    def _entries(self, *steps: str | int) -> Mapping[str, Entry]:
        node = at(self._node, steps)
        return node.entries if isinstance(node, MappingNode) else {}

    def _complain(self, place: Path, message: str, hint: str = "", **more: Any) -> None:
        at_key = isinstance(place[-1], str)
        self.problems.append(Problem(place, message, hint, at_key=at_key, **more))
