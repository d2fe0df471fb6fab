"""From YAML text, or values of Python, to a tree of nodes, within bounds of depth and size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from simsched.errors import Fault
from simsched.scenario.file.problems import Path, dotted
from simsched.scenario.file.syntax import forbidden_character, syntax_fault
from simsched.scenario.file.tree import Entry, ListNode, MappingNode, Node, Place, ScalarNode
from simsched.scenario.file.values import ForeignEvent, events_of
from simsched.scenario.file.wording import describe, quote

MOST_VALUES = 500_000
"""The most values a text may hold. What an alias repeats counts again, long text as several."""

MOST_REPEATED = 20_000
"""The most of them that aliases may repeat: a short text could otherwise mean an endless one."""

DEEPEST = 100
"""How deep values may lie inside each other."""

MOST_FAULTS = 1000
"""The most faults that are collected before the reading ends."""

_TEXT_PER_VALUE = 32

_SHARED = "with this one, lists and mappings that are met again repeat"

# PyYAML can be built without libyaml; its own parser gives the same events, only slower.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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


def compose(text: str, source: str) -> Document:
    """Return *text* as a document; what is wrong with it is among its faults."""
    document = Document([source])
    if fault := forbidden_character(text, source):
        document.faults.append(fault)
        return document
    try:
        document.root = _Composer(source, document, yaml.parse(text, Loader=_LOADER)).root()
    except yaml.YAMLError as error:
        document.faults.append(syntax_fault(error, text, source))
    except _LimitError as limit:
        document.faults.append(limit.fault)
    return document


def compose_values(values: object, source: str) -> Document:
    """Return *values* of Python, as a file would hold them, as a document.

    A part of a scenario stands for what would be written of it; what no file can hold is among
    the document's faults.
    """
    document = Document([source], has_lines=False)
    try:
        document.root = _Composer(source, document, events_of(values, source)).only()
    except _LimitError as limit:
        document.faults.append(replace(limit.fault, line=None, column=None))
    return document


class _LimitError(Exception):
    """The text goes beyond a bound: reading it ends here."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A value with a name that aliases repeat; None while it is still being composed."""

    node: Node | None = None
    size: int = 0
    height: int = 0


class _Composer:
    """Turns the parser's events into nodes. Each method takes the events of what it returns."""

    def __init__(self, source: str, document: Document, events: Iterator[Any]) -> None:
        self._source = source
        self._document = document
        self._events = events
        self._anchors: dict[str, _Anchor] = {}
        self._path: Path = ()
        self._deepest = 0
        self._from_aliases = 0

    def only(self) -> Node:
        return self._node(next(self._events), 1)

    def root(self) -> Node | None:
        next(self._events)  # the stream begins
        if isinstance(event := next(self._events), yaml.StreamEndEvent):
            self._complain(Place(self._source), "there is nothing in it")
            return None
        node = self._node(next(self._events), 1)
        next(self._events)  # the document ends
        if isinstance(event := next(self._events), yaml.DocumentStartEvent):
            place = self._place(event)
            self._complain(place, "a second document begins here", "a file holds one scenario")
        return node

    def _node(self, event: Any, depth: int, size: int = 1) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        place = self._place(event)
        text = len(event.value) if isinstance(event, yaml.ScalarEvent) else 0
        self._check_limits(place, depth, size + text // _TEXT_PER_VALUE)
        if event.anchor is not None:
            return self._anchored(event, place, depth)
        return self._content(event, place, depth)

    def _anchored(self, event: Any, place: Place, depth: int) -> Node:
        self._anchors[event.anchor] = _Anchor()
        before, deepest = self._document.size, self._deepest
        self._deepest = depth
        node = self._content(event, place, depth)
        text = len(node.text) // _TEXT_PER_VALUE if isinstance(node, ScalarNode) else 0
        size = 1 + text + self._document.size - before
        self._anchors[event.anchor] = _Anchor(node, size, self._deepest - depth)
        self._deepest = max(deepest, self._deepest)
        return node

    def _content(self, event: Any, place: Place, depth: int) -> Node:
        if event.tag is not None:
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._complain(place, f"tags such as {quote(shown)} are not allowed", "leave it out")
            self._document.broken.add(place)
        if isinstance(event, ForeignEvent):
            hint = "write text, a number, True, False, None, a list or a mapping"
            self._complain(place, f"{event.value} cannot stand in a scenario", hint)
            self._document.broken.add(place)
        if isinstance(event, yaml.ScalarEvent):
            return ScalarNode(*place, event.value, event.implicit[0])
        if isinstance(event, yaml.SequenceStartEvent):
            return ListNode(*place, tuple(self._items(depth + 1)))
        return MappingNode(*place, self._entries(place, depth + 1))

    def _items(self, depth: int) -> Iterator[Node]:
        outer = self._path
        index = 0
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self._path = (*outer, index)
            yield self._node(event, depth)
            index += 1
        self._path = outer

    def _entries(self, mapping: Place, depth: int) -> dict[str, Entry]:
        outer = self._path
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            place = self._place(event)
            self._path = outer
            key = self._key(event, place, depth)
            if key is None:
                self._document.incomplete.add(mapping)
                self._node(next(self._events), depth)
                continue
            self._path = (*outer, key)
            entry = Entry(*place, self._node(next(self._events), depth))
            if key in entries:
                self._path = (*outer, key)
                self._repeated(entries[key].place, place)
            entries.setdefault(key, entry)
        self._path = outer
        return entries

    def _key(self, event: Any, place: Place, depth: int) -> str | None:
        node = self._node(event, depth, size=0)
        if isinstance(node, ScalarNode):
            return self._name(node, place)
        self._complain(place, f"a key is text, not {describe(node.data())}")
        return None

    def _name(self, node: ScalarNode, place: Place) -> str | None:
        value = node.data()
        if node.plain and node.text == "<<":
            self._complain(place, "merge keys '<<' are not read", "write the keys out")
        elif isinstance(value, str):
            return value
        elif value is None:
            self._complain(place, "a key is missing before ':'")
        else:
            hint = f"write it in quotes: {quote(node.text)}"
            self._complain(place, f"a key is text, not {describe(value)}", hint)
        return None

    def _repeated(self, first: Place, again: Place) -> None:
        message = f"this key is already in line {first.line}, column {first.column}"
        self._complain(again, message, "remove one of the two")

    def _alias(self, event: Any, depth: int) -> Node:
        place = self._place(event)
        anchor = self._anchors.get(event.anchor)
        if not self._document.has_lines and (anchor is None or anchor.node is None):
            raise self._limit(place, "a list or mapping cannot hold itself", self._path)
        if anchor is None or anchor.node is None:
            inside = "stands inside its own anchor" if anchor else "has no anchor before it"
            self._complain(place, f"the alias {quote('*' + event.anchor)} {inside}")
            self._document.broken.add(place)
            return ScalarNode(*place, "")
        self._check_limits(place, depth + anchor.height, anchor.size)
        self._from_aliases += anchor.size
        if self._from_aliases > MOST_REPEATED:
            what = "with this alias, the aliases repeat" if self._document.has_lines else _SHARED
            message = f"{what} {self._from_aliases:,} values; the most is {MOST_REPEATED:,}"
            raise self._limit(place, message, self._path)
        return anchor.node

    def _check_limits(self, place: Place, depth: int, size: int) -> None:
        self._deepest = max(self._deepest, depth)
        self._document.size += size
        if self._document.size > MOST_VALUES:
            raise self._limit(place, f"more than {MOST_VALUES} values, aliases written out")
        if depth > DEEPEST:
            raise self._limit(place, f"more than {DEEPEST} values inside each other")

    def _limit(self, place: Place, message: str, path: Path = ()) -> _LimitError:
        return _LimitError(Fault(place.source, message, place.line, place.column, dotted(path)))

    def _complain(self, place: Place, message: str, hint: str = "") -> None:
        fault = Fault(place.source, message, place.line, place.column, dotted(self._path), hint)
        if len(self._document.faults) >= MOST_FAULTS:
            raise _LimitError(
                Fault(fault.file, "too many faults to go on", fault.line, fault.column)
            )
        self._document.faults.append(fault)

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self._source, mark.line + 1, mark.column + 1)
