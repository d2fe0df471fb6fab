"""From a block of a sweep, as it stands in the file, to its axes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from simsched.scenario.node import Entry, ListNode, MappingNode, Node, child
from simsched.scenario.overriding import NowhereError
from simsched.scenario.problem import Path, Problem, Unknown
from simsched.scenario.sweep import MOST_VALUES, Block, Range, Values
from simsched.scenario.sweep_axes import Axis, Continuous, Listed, Setting, Settings
from simsched.scenario.sweep_paths import find, wants_whole
from simsched.scenario.sweep_values import Quantity, between, meaning, placed, quantity, text_of
from simsched.scenario.wording import quote


class BlockReader:
    """Reads one block.

    Attributes:
        problems: what is wrong with it; their paths begin at the top of the file.
        paths: what it varies.
    """

    def __init__(self, base: Node, block: Block, node: Node, where: Path) -> None:
        self._base = base
        self._block = block
        self._node = node
        self._where = where
        self.problems: list[Problem] = []
        self.paths: dict[Path, None] = {}

    def axes(self) -> list[Axis]:
        """Return the axes of the matrix, then that of what is zipped."""
        axes = [
            axis
            for key, values in self._block.matrix.items()
            if (axis := self._axis("matrix", key, values)) is not None
        ]
        return [*axes, *self._zipped()]

    def included(self) -> Iterator[Settings]:
        """Yield the points that are added."""
        return (self._whole("include", number) for number in range(len(self._block.include)))

    def excluded(self) -> Iterator[tuple[int, Settings]]:
        """Yield the combinations that are left out, by their position."""
        for number in range(len(self._block.exclude)):
            settings = self._whole("exclude", number)
            for key, setting in zip(self._block.exclude[number], settings, strict=False):
                if setting.path not in self.paths:
                    known = tuple(Setting(path, setting.node).name for path in self.paths)
                    unknown = Unknown(setting.name, known, "swept paths")
                    place = ("exclude", number, key)
                    self._complain(place, "this path is not swept", unknown=unknown)
            yield number, settings

    def sweeps(self, settings: Settings) -> bool:
        """Return whether all paths of *settings* are varied."""
        return all(setting.path in self.paths for setting in settings)

    def nothing_excluded(self, number: int) -> None:
        """Complain that no point has the values of the exclude at *number*."""
        self._complain(("exclude", number), "no point has these values", "leave it out")

    def _whole(self, key: str, number: int) -> Settings:
        entries = self._entries(key, number)
        found = [
            Setting(path, entry.value)
            for text, entry in entries.items()
            if (path := self._path((key, number, text), text)) is not None
        ]
        if key == "include":
            self.paths |= dict.fromkeys(each.path for each in found)
        return tuple(found)

    def _axis(self, section: str, key: str, values: Values) -> Axis | None:
        path = self._path((section, key), key)
        if path is None:
            return None
        if path in self.paths:
            self._complain((section, key), "this path is varied twice in this block")
        self.paths[path] = None
        if isinstance(values, Range):
            return self._ranged(section, key, path, values)
        return Listed((path,), [(node,) for node in self._list(section, key)])

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

    def _ranged(self, section: str, key: str, path: Path, values: Range) -> Axis | None:
        ends = self._ends((section, key), values)
        if ends is None:
            return None
        low, high = ends
        numbers = low.unit == "number" and low.amount.denominator == high.amount.denominator == 1
        whole = numbers and wants_whole(path)
        place = self._entries(section)[key].value.place
        if values.steps is None and values.factor is None:
            if self._block.sample is not None and section == "matrix":
                return Continuous(path, place, low, high, values.spacing == "log", whole)
            message = "a range needs steps or a factor"
            self._complain((section, key), message, "write for example steps: 10")
            return None
        texts = list(between(low, high, values, whole=whole))
        if len(texts) > MOST_VALUES:
            message = f"more than {MOST_VALUES:,} values are too many"
            self._complain((section, key, "factor"), message, "take a larger factor")
        return Listed((path,), [(placed(text, place),) for text in texts])

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
            if (axis := self._axis("zip", key, values)) is not None
        }
        axes = [axis for axis in found.values() if isinstance(axis, Listed)]
        if not axes:
            return
        first, *others = found
        for key in others:
            if found[key].size != axes[0].size:
                size = found[key].size
                message = f"it has {size} value{'s' * (size != 1)}, {first} {axes[0].size}"
                hint = "what moves together has as many values each"
                self._complain(("zip", key), message, hint)
                return
        places = [tuple(chain(*nodes)) for nodes in zip(*(a.places for a in axes), strict=True)]
        yield Listed(tuple(path for axis in axes for path in axis.paths), places)

    def _path(self, place: Path, text: str) -> Path | None:
        try:
            return find(self._base, text)
        except NowhereError as error:
            self._complain(place, error.message, error.hint)
            return None

    def _entries(self, *steps: str | int) -> Mapping[str, Entry]:
        node: Node | None = self._node
        for step in steps:
            node = child(node, step) if node is not None else None
        return node.entries if isinstance(node, MappingNode) else {}

    def _complain(
        self, place: Path, message: str, hint: str = "", unknown: Unknown | None = None
    ) -> None:
        at_key = isinstance(place[-1], str) and place[-1] not in {"from", "to"}
        path = (*self._where, *place)
        self.problems.append(Problem(path, message, hint, unknown, at_key=at_key))
