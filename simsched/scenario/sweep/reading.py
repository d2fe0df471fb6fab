"""From a block of a sweep, as it stands in the file, to its axes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, permutations

from simsched.scenario.node import Entry, ListNode, MappingNode, Node, at
from simsched.scenario.overriding import NowhereError
from simsched.scenario.problem import Path, Problem, Unknown, dotted
from simsched.scenario.sweep.axes import Axis, Continuous, Listed
from simsched.scenario.sweep.model import MOST_VALUES, Block, Range, Values
from simsched.scenario.sweep.overlap import Written, overlaps
from simsched.scenario.sweep.paths import find, wants_whole
from simsched.scenario.sweep.ranges import between, too_many
from simsched.scenario.sweep.settings import Setting, Settings, wholes_first, within
from simsched.scenario.sweep.values import Quantity, meaning, placed, quantity, text_of
from simsched.scenario.wording import quote


class BlockReader:
    """Reads one block.

    Attributes:
        problems: what is wrong with it; their paths begin at the top of the file.
        paths: what it varies.
        axes: those of the matrix, then that of what is zipped; none that is faulty.
        included: the points that are added; none that is faulty.
        excluded: the combinations that are left out, by their position; none that is faulty.
    """

    def __init__(self, base: Node, block: Block, node: Node, where: Path) -> None:
        self._base = base
        self._block = block
        self._node = node
        self._where = where
        self._unknown = False
        self._written: list[Written] = []
        self.problems: list[Problem] = []
        self.paths: dict[Path, None] = {}
        axes = self._axes()
        self.axes = axes if self._fit(self._written) else []
        self._faulty = set(self.paths) - {path for axis in self.axes for path in axis.paths}
        points = [self._point(number) for number in range(len(block.include))]
        self.included = [point for point in points if point]
        self.excluded = {
            number: unwanted
            for number in range(len(block.exclude))
            if (unwanted := self._unwanted(number))
        }

    @property
    def nested(self) -> bool:
        """Whether one axis varies a whole, and another a detail of it."""
        paths = [path for axis in self.axes for path in axis.paths]
        return any(within(path, whole) for path, whole in permutations(paths, 2))

    @property
    def complete(self) -> bool:
        """Whether there is nothing wrong with matrix and zip."""
        return not (self._unknown or self._faulty)

    def knows(self, settings: Settings) -> bool:
        """Return whether it can be told which points have *settings*."""
        return self._faulty.isdisjoint(each.path for each in settings)

    def nothing_excluded(self, number: int) -> Path:
        """Complain that no point has the values of the exclude at *number*; return its place."""
        self._complain(("exclude", number), "no point has these values", "leave it out")
        return self.problems[-1].path

    def _axes(self) -> list[Axis]:
        axes = [
            axis
            for key, values in self._block.matrix.items()
            if (axis := self._axis("matrix", key, values)) is not None
        ]
        return [*axes, *self._zipped()]

    def _point(self, number: int) -> Settings:
        written = self._whole("include", number)
        self.paths |= dict.fromkeys(each.setting.path for each in written)
        if not self._fit(written) or len(written) < len(self._block.include[number]):
            return ()
        return wholes_first(tuple(each.setting for each in written))

    def _unwanted(self, number: int) -> Settings | None:
        written = self._whole("exclude", number)
        strange = [each for each in written if each.setting.path not in self.paths]
        if not self._unknown:  # who mistyped a path above may have meant one of these
            known = tuple(map(dotted, self.paths))
            for each in strange:
                unknown = Unknown(dotted(each.setting.path), known, "swept paths")
                self._complain(each.key, "this path is not swept", unknown=unknown)
        if strange or len(written) < len(self._block.exclude[number]):
            return None
        return tuple(each.setting for each in written)

    def _whole(self, section: str, number: int) -> list[Written]:
        found: dict[Path, Written] = {}
        for key, entry in self._entries(section, number).items():
            place = (section, number, key)
            path = self._path(place, key)
            if path in found:
                self._complain(place, "this path is there twice", "remove one of the two")
            elif path is not None:
                found[path] = Written(self._setting(path, entry.value), place, place)
        return list(found.values())

    def _axis(self, section: str, key: str, values: Values) -> Axis | None:
        path = self._path((section, key), key)
        if path is None:
            self._unknown = True
            return None
        if path in self.paths:
            self._complain((section, key), "this path is varied twice in this block")
        self.paths[path] = None
        if isinstance(values, Range):
            return self._ranged(section, key, path, values)
        return self._listed(path, (section, key), self._list(section, key), written_out=True)

    def _list(self, section: str, key: str) -> tuple[Node, ...]:
        node = self._entries(section)[key].value
        items = node.items if isinstance(node, ListNode) else ()
        seen: set[object] = set()
        for number, item in enumerate(items):
            # What moves together may well stand still for a while.
            if meaning(item) in seen and section == "matrix":
                self._complain((section, key, number), f"{quote(text_of(item))} is there twice")
            seen.add(meaning(item))
        return items

    def _listed(
        self, path: Path, key: Path, nodes: Sequence[Node], *, written_out: bool = False
    ) -> Listed:
        settings = [self._setting(path, node) for node in nodes]
        self._written += [
            Written(setting, key, (*key, number) if written_out else key)
            for number, setting in enumerate(settings)
        ]
        return Listed([(setting,) for setting in settings])

    def _ranged(self, section: str, key: str, path: Path, values: Range) -> Axis | None:
        ends = self._ends((section, key), values)
        free = values.steps is None and values.factor is None
        sampled = self._block.sample is not None and section == "matrix"
        if free and not sampled:
            message = "a range needs steps or a factor"
            self._complain((section, key), message, "write for example steps: 10")
            return None
        if ends is None:
            return None
        low, high = ends
        numbers = low.unit == "number" and low.amount.denominator == high.amount.denominator == 1
        whole = numbers and wants_whole(path)
        place = self._entries(section)[key].value.place
        if free:
            was = at(self._base, path)
            return Continuous(path, place, was, low, high, values.spacing == "log", whole)
        if too_many(low, high, values):
            message = f"more than {MOST_VALUES:,} values are too many"
            self._complain((section, key, "factor"), message, "take a larger factor")
            return None
        texts = between(low, high, values, whole=whole)
        return self._listed(path, (section, key), [placed(text, place) for text in texts])

    def _ends(self, place: Path, values: Range) -> tuple[Quantity, Quantity] | None:
        ends = {"from": quantity(values.start), "to": quantity(values.to)}
        for key, end in ends.items():
            if end is None:
                written = quote(str(values.start if key == "from" else values.to))
                message = f"{written} is not a number, a duration or a rate"
                self._complain((*place, key), message, "write for example 10, 10ms or 10/s")
        low, high = ends["from"], ends["to"]
        if low is None or high is None:
            return None
        return (low, high) if self._check_order(place, values, low, high) else None

    def _check_order(self, place: Path, values: Range, low: Quantity, high: Quantity) -> bool:
        if low.unit != high.unit:
            if not low.amount or not high.amount:  # 0 needs no unit, but a range does
                hint = "give 0 its unit, as in 0ms"
            else:
                hint = "give both the same kind of unit"
            message = f"a range from a {low.unit} to a {high.unit} has nothing between"
            self._complain((*place, "to"), message, hint)
        elif low.amount >= high.amount:
            hint = f"{values.start} must be less than {values.to}"
            self._complain(place, "this range is empty", hint)
        elif low.amount <= 0 and (values.spacing == "log" or values.factor is not None):
            message = f"equal ratios cannot begin at {values.start}"
            self._complain((*place, "from"), message, "begin above 0")
        else:
            return True
        return False

    def _zipped(self) -> Iterator[Axis]:
        found = {
            key: axis
            for key, values in self._block.zip.items()
            if isinstance(axis := self._axis("zip", key, values), Listed)
        }
        if found and self._check_sizes({key: axis.size for key, axis in found.items()}):
            yield Listed([tuple(chain(*each)) for each in zip(*found.values(), strict=True)])

    def _check_sizes(self, sizes: Mapping[str, int]) -> bool:
        first, *others = sizes
        unequal = [key for key in others if sizes[key] != sizes[first]]
        for key in unequal:
            has = f"it has {sizes[key]} value{'s' * (sizes[key] != 1)}"
            message = f"{has}, {first} {sizes[first]}"
            self._complain(("zip", key), message, "what moves together has as many values each")
        return not unequal

    def _fit(self, together: Sequence[Written]) -> bool:
        found = list(overlaps(self._base, together))
        self.problems += (replace(each, path=(*self._where, *each.path)) for each in found)
        return not found

    def _setting(self, path: Path, node: Node) -> Setting:
        return Setting(path, node, at(self._base, path))

    def _path(self, place: Path, text: str) -> Path | None:
        try:
            return find(self._base, text)
        except NowhereError as error:
            self._complain(place, error.message, error.hint)
            return None

    def _entries(self, *steps: str | int) -> Mapping[str, Entry]:
        node = at(self._node, steps)
        return node.entries if isinstance(node, MappingNode) else {}

    def _complain(
        self, place: Path, message: str, hint: str = "", unknown: Unknown | None = None
    ) -> None:
        at_key = isinstance(place[-1], str) and place[-1] not in {"from", "to"}
        path = (*self._where, *place)
        self.problems.append(Problem(path, message, hint, unknown, at_key=at_key))
