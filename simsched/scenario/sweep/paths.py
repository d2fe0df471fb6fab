"""Settings: the values that a point gives to paths of the scenario, and which paths there are.

A point may set a whole and a part of it. The whole is set first, whichever is written first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, get_origin

from simsched.scenario.file.explaining import members, part_of, under
from simsched.scenario.file.overriding import NowhereError, parse_path, put
from simsched.scenario.file.problems import Problem
from simsched.scenario.file.tree import ListNode, MappingNode, Node, Path, ScalarNode, at, dotted
from simsched.scenario.file.wording import closest, flow, listed, quote
from simsched.scenario.model.base import Part
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.sweep.ranges import quantity


@dataclass(frozen=True)
class Setting:
    """A value at a path of the scenario.

    Attributes:
        place: its position in the sweep's file; values of a range have that of the range.
        was: the scenario's own value at the path, if any.
        drawn: whether it was drawn at random.
    """

    path: Path
    node: Node
    place: Path = field(compare=False, repr=False)
    was: Node | None = field(compare=False, repr=False)
    drawn: bool = field(default=False, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The path as it is written, in full."""
        return dotted(self.path, longest=None)

    @property
    def text(self) -> str:
        """The value as it is written."""
        return text_of(self.node)

    @property
    def key(self) -> Path:
        """The place of the key that names the path."""
        return self.place[:-1] if isinstance(self.place[-1], int) else self.place

    @cached_property  # every point that has the setting asks for it
    def identity(self) -> tuple[Path, object]:
        """A value that is equal for settings with the same effect."""
        return self.path, meaning(self.node)

    @cached_property  # as above
    def change(self) -> frozenset[object]:
        """How the scenario changes; empty where it has this value already."""
        before = () if self.was is None else _leaves(self.was, self.path)
        # What only one of the two has: values that are the same on both sides change nothing.
        return frozenset(before) ^ frozenset(_leaves(self.node, self.path))


Settings = tuple[Setting, ...]
"""The values of a point, in the order of the file."""


def within(path: Path, whole: Path) -> bool:
    """Return whether *path* leads to *whole* or into it."""
    return path[: len(whole)] == whole


def put_all(node: Node, point: Iterable[Setting], done: Path = ()) -> Node:
    """Return *node*, which is at *done*, with the values of *point*."""
    for each in sorted(point, key=lambda each: len(each.path)):  # a whole before its parts
        node = put(node, each.path[len(done) :], each.node, done)
    return node


def value_at(base: Node, point: Settings, path: Path) -> Node | None:
    """Return the value at *path* in the scenario *base* with the settings of *point*, if any."""
    near = [each for each in point if within(path, each.path) or within(each.path, path)]
    if len(near) == 1 and near[0].path == path:  # nearly always: the others need not be put in
        return near[0].node
    return at(put_all(base, near), path)


def values_at(base: Node, point: Settings, paths: Iterable[Path]) -> set[tuple[Path, object]]:
    """Return the values of *point* at *paths*, also those of wholes before a part was set."""
    found = ((path, value_at(base, point, path)) for path in paths)
    held = {(path, meaning(node)) for path, node in found if node is not None}
    return held.union(each.identity for each in point)


def identity(point: Settings) -> frozenset[object]:
    """Return a value that is equal for points that give the same scenario, defaults aside."""
    changes: set[object] = set()
    if not _is_nested(tuple(each.path for each in point)):  # nearly always
        return frozenset(changes.union(*(each.change for each in point)))
    for each in point:
        if not any(_inside(each.path, other.path) for other in point):
            details = [other for other in point if _inside(other.path, each.path)]
            node = put_all(each.node, details, each.path)
            changes |= (replace(each, node=node) if details else each).change
    return frozenset(changes)


@lru_cache(maxsize=16)  # the points of a block have the same paths
def _is_nested(paths: tuple[Path, ...]) -> bool:
    return any(_inside(path, whole) for path in paths for whole in paths)


def _inside(path: Path, whole: Path) -> bool:
    return path != whole and within(path, whole)


def overlaps(base: Node, together: Sequence[Setting]) -> Iterator[Problem]:
    """Yield the problems of settings that points have *together*.

    The scenario *base* may have no room for one, and one may be overwritten by another.
    """
    hint = "leave one of the two out"
    for path, key in {each.path: each.key for each in together}.items():
        wholes = [each for each in together if _inside(path, each.path)]
        if not wholes and (error := _no_room(base, path)):
            yield Problem(key, error.message, error.hint or "sweep that as a whole", at_key=True)
        for whole in wholes:
            rest = path[len(whole.path) :]
            if (inner := at(whole.node, rest)) is not None:
                message = f"{quote(text_of(inner))} is lost, as {dotted(path)} is set, too"
                yield Problem((*whole.place, *rest), message, hint)
            elif error := _no_room(whole.node, rest, whole.path):
                message = f"{error.message}, but {dotted(path)} is set, too"
                yield Problem(whole.place, message, hint)


def _no_room(node: Node, path: Path, done: Path = ()) -> NowhereError | None:
    """Return why *node*, which is at *done*, can have no value at *path*, if it cannot."""
    try:
        put(node, path, node, done)
    except NowhereError as error:
        return error
    return None


def text_of(node: Node) -> str:
    """Return the value at *node* as it is written, on one line."""
    return node.text if isinstance(node, ScalarNode) else flow(node.data())


def meaning(node: Node) -> object:
    """Return a value that is equal for equal values, as ``1s`` and ``1000ms`` are."""
    return _scalar(node) if isinstance(node, ScalarNode) else frozenset(_leaves(node))


def _leaves(node: Node, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Yield the value at each path of *node*, such that equal values are equal."""
    if isinstance(node, ScalarNode):
        yield path, _scalar(node)
    elif isinstance(node, ListNode):
        yield path, (list, len(node.items))
        for number, item in enumerate(node.items):
            yield from _leaves(item, (*path, number))
    else:
        yield path, dict
        for key, entry in node.entries.items():
            yield from _leaves(entry.value, (*path, key))


def _scalar(node: ScalarNode) -> object:
    data = node.data()
    if data is None or isinstance(data, bool):
        return (data,)  # whatever its spelling; a tuple, to differ from that text
    found = quantity(data)
    return node.text if found is None else (found.unit, found.amount)


def find(root: Node, text: str) -> Path:
    """Return the path *text*, which the scenario in *root* has or may have.

    Raises:
        NowhereError: it has no such path; the hint names what was probably meant.
    """
    path = parse_path(text)
    for number, kinds in enumerate(_kinds(path)):
        if number < len(path) and at(root, path[: number + 1]) is None:
            _check(root, path[: number + 1], kinds)
    return path


def wants_whole(path: Path) -> bool:
    """Return whether *path* takes no numbers but whole ones; it may take a list or a mapping."""
    *_, kinds = _kinds(path)
    numbers = [kind for kind in kinds if get_origin(kind) is not tuple and part_of(kind) is None]
    return bool(numbers) and all(kind is int for kind in numbers)


def _kinds(path: Path) -> Iterator[list[Any]]:
    """Yield the types of the scenario, and of its value at each step of *path*."""
    kinds: list[Any] = [Scenario]
    yield kinds
    for step in path:
        kinds = [each for kind in kinds for each in members(under(kind, step))]
        yield kinds


def _check(root: Node, path: Path, kinds: list[Any]) -> None:
    """Raise an error unless the parent of *path*, one of *kinds*, may have its last step."""
    *above, step = path
    node = at(root, above)
    where = dotted(path[:-1]) or "the scenario"
    if isinstance(step, int):
        put(root, path, root)  # raises the reason
    elif isinstance(node, ListNode):
        raise NowhereError(f"{where} is a list", f"write {dotted((*above, 0))}")
    elif any(get_origin(kind) is dict for kind in kinds):
        known = list(node.entries) if isinstance(node, MappingNode) else []
        raise NowhereError(f"there is no {quote(step)} in {where}", _meant(step, known))
    else:
        parts = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Part)]
        known = list(dict.fromkeys(key for part in parts for key in part.fields()))
        if parts and step not in known:
            raise NowhereError(f"there is no key {quote(step)} in {where}", _meant(step, known))


def _meant(name: str, known: list[str]) -> str:
    if match := closest(name, known):
        return f"did you mean {quote(match)}?"
    return f"there are {listed(known)}" if known else "there are none"
