"""A scenario file as a tree that remembers where everything stands, and what its scalars mean."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from numbers import Integral, Real
from typing import NamedTuple

from simsched.errors import Fault

ScalarValue = str | int | float | bool | None

_WORDS: Mapping[str, ScalarValue] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_DECIMAL = re.compile(r"[-+]?[0-9]{1,100}")
_OCTAL = re.compile(r"0o[0-7]{1,100}")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,100}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"[-+]?\.(inf|Inf|INF)")


def resolve(text: str) -> ScalarValue:
    """Return the number, boolean or null that plain *text* stands for, or *text* itself.

    An integer of more than 100 digits becomes a float, as any number of that size.
    """
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if text[0] in "+-.0123456789" else text


def _number(text: str) -> ScalarValue:
    if _DECIMAL.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text) or _HEXADECIMAL.fullmatch(text):
        return int(text, base=0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITY.fullmatch(text):
        return -math.inf if text.startswith("-") else math.inf
    return text


def unresolved(value: object) -> str | None:
    """Return the text that :func:`resolve` reads as *value*: a number, a boolean or null.

    None where it is none of these.
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    # NumPy's integers are no int, but count as integral.
    if isinstance(value, Integral):
        # Larger ones are infinite, as any number of that size is in a file.
        return format(int(value), "d") if abs(int(value)) < 10**100 else ".inf"
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Real):
        return repr(float(value)).replace("inf", ".inf").replace("nan", ".nan")
    return None


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

    def data(self) -> ScalarValue:
        """Return the text itself, or what it means where it stands plain: a number, a boolean."""
        return resolve(self.text) if self.plain else self.text


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


Path = tuple[str | int, ...]
"""The way from the top of a scenario to a value: keys, and positions in lists."""

_PLAIN = re.compile(r"[\w -]+")
_LONGEST_STEP = 40


def dotted(path: Path, longest: int | None = _LONGEST_STEP) -> str:
    """Return *path* as it is written after ``--set``: ``servers."my.server".workers``.

    Names that are longer than *longest*, if that is given, are cut.
    """
    return "".join(_step(step, longest) for step in path).removeprefix(".")


def _step(step: str | int, longest: int | None) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if longest is not None and len(step) > longest:
        step = f"{step[: longest - 1]}…"
    return f".{step}" if _PLAIN.fullmatch(step) else f'."{step}"'


MOST_FAULTS = 1000
"""The most faults that are collected before the reading ends."""


@dataclass
class Document:
    """A text as a tree, and what was wrong with it.

    Attributes:
        sources: the file that the text came from, and the options that changed it.
        files: which of the sources are files, in which what is wrong has a line.
        root: the tree; None where the text could not be read to its end.
        faults: what is wrong.
        broken: where values stand that are already complained about.
        incomplete: where mappings begin of which a key had to be left out.
        size: how many values there are, as :data:`MOST_VALUES` counts them.
        has_lines: whether the first source is a text, in which what is wrong has a line.
    """

    sources: list[str]
    root: Node | None = None
    faults: list[Fault] = field(default_factory=list)
    broken: set[Place] = field(default_factory=set)
    incomplete: set[Place] = field(default_factory=set)
    size: int = 0
    files: list[str] = field(default_factory=list)
    has_lines: bool = True

    def __post_init__(self) -> None:
        self.files = self.files or self.sources[:1]
