"""A scenario file as a tree that remembers where everything stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simsched.scenario.file import scalars


class Place(NamedTuple):
    """Where something stands: the file (or option) it came from, line and column from 1."""

    source: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class _Placed:
    """What stands somewhere. There are many of them: no place is kept as an object of its own."""

    source: str
    line: int | None
    column: int | None

    @property
    def place(self) -> Place:
        """Where it begins."""
        return Place(self.source, self.line, self.column)


@dataclass(frozen=True, slots=True)
class ScalarNode(_Placed):
    """One value: its text, and whether it stands there plain, that is without quotes."""

    text: str
    plain: bool = False

    def data(self) -> scalars.ScalarValue:
        """Return the text itself, or what it means where it stands plain: a number, a truth."""
        return scalars.resolve(self.text) if self.plain else self.text


@dataclass(frozen=True, slots=True)
class ListNode(_Placed):
    """A list of values."""

    items: tuple[Node, ...]

    def data(self) -> list[object]:
        """Return the items as plain data."""
        return [item.data() for item in self.items]


@dataclass(frozen=True, slots=True)
class Entry(_Placed):
    """The value under a key; its place is that of the key."""

    value: Node


@dataclass(frozen=True, slots=True)
class MappingNode(_Placed):
    """Values under names, in the order of the file."""

    entries: Mapping[str, Entry]

    def data(self) -> dict[str, object]:
        """Return the entries as plain data."""
        return {key: entry.value.data() for key, entry in self.entries.items()}


Node = ScalarNode | ListNode | MappingNode


def child(node: Node, step: str | int) -> Node | None:
    """Return what *node* holds under a key or at a position, or None."""
    if isinstance(node, MappingNode) and isinstance(step, str):
        entry = node.entries.get(step)
        return entry.value if entry else None
    if isinstance(node, ListNode) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def at(node: Node | None, path: Sequence[str | int]) -> Node | None:
    """Return what stands at *path* in *node*, if anything does."""
    for step in path:
        node = child(node, step) if node is not None else None
    return node
