"""From YAML text, or values of Python, to a tree of nodes, within bounds of depth and size."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml
from pydantic import BaseModel

from simsched.errors import Fault
from simsched.scenario.file.syntax import DEEPEST, TOO_DEEP, forbidden_character, syntax_fault
from simsched.scenario.file.tree import (
    MOST_FAULTS,
    Document,
    Entry,
    ListNode,
    MappingNode,
    Node,
    Path,
    Place,
    ScalarNode,
    dotted,
    unresolved,
)
from simsched.scenario.file.wording import describe, quote


class ForeignEvent(yaml.ScalarEvent):
    """A value that no file can hold."""


# The keys that YAML 1.1 reads as booleans, as PyYAML does: a mapping from there has them so.
_AS_WRITTEN = {True: "on", False: "off"}


def events_of(values: object, source: str) -> Iterator[Any]:
    """Yield what a YAML parser would of the text for *values*, each in a line of its own.

    A list or mapping that is met again is an alias of the first, as its values are not written out.
    """
    lines = itertools.count()
    met: dict[int, object] = {}  # which keeps them, so that no other object gets their number

    def events(value: object) -> Iterator[Any]:
        mark = yaml.Mark(source, 0, next(lines), 0, None, 0)
        name = str(id(value))
        if id(value) in met:
            yield yaml.AliasEvent(name, mark)
            return
        # Only now: what NumPy holds is copied by tolist, and would not be met again.
        plain = _plain(value)
        if isinstance(plain, Mapping):
            met[id(value)] = value
            yield yaml.MappingStartEvent(name, None, True, mark)
            for key, item in plain.items():
                yield from events(_AS_WRITTEN[key] if isinstance(key, bool) else key)
                yield from events(item)
            yield yaml.MappingEndEvent()
        elif isinstance(plain, Sequence) and not isinstance(plain, (str, bytes, bytearray)):
            met[id(value)] = value
            yield yaml.SequenceStartEvent(name, None, True, mark)
            for item in plain:
                yield from events(item)
            yield yaml.SequenceEndEvent()
        else:
            yield _scalar(plain, mark)

    return events(values)


def _scalar(value: object, mark: yaml.Mark) -> yaml.ScalarEvent:
    text = unresolved(value)
    if text is not None:
        return yaml.ScalarEvent(None, None, (True, False), text, mark)
    if isinstance(value, str):
        return yaml.ScalarEvent(None, None, (False, True), value, mark)
    return ForeignEvent(None, None, (False, True), describe(value), mark)


def _plain(value: object) -> object:
    """Return a part of a scenario, or what NumPy or pandas hold, as plain values."""
    if isinstance(value, BaseModel):
        return value.model_dump(by_alias=True, exclude_defaults=True)
    tolist = getattr(value, "tolist", None)
    return tolist() if callable(tolist) and not isinstance(value, type) else value


MOST_VALUES = 500_000
"""The most values a text may hold. What an alias repeats counts again, long text as several."""

MOST_REPEATED = 20_000
"""The most of them that aliases may repeat: a short text could otherwise mean an endless one."""

_TEXT_PER_VALUE = 32

# PyYAML can be built without libyaml; its own parser gives the same events, only slower.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
        document.faults += limit.args
    return document


def compose_values(values: object, source: str) -> Document:
    """Return *values* of Python, as a file would hold them, as a document.

    A part of a scenario stands for what would be written of it; what no file can hold is among
    the document's faults.
    """
    document = Document([source], has_lines=False)
    try:
        document.root = _Composer(source, document, events_of(values, source)).node()
    except _LimitError as limit:
        document.faults += [replace(fault, line=None, column=None) for fault in limit.args]
    return document


class _LimitError(Exception):
    """The text goes beyond a bound, so reading it ends here; its argument is the fault."""


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

    def root(self) -> Node | None:
        next(self._events)  # the stream begins
        if isinstance(next(self._events), yaml.StreamEndEvent):
            self._complain(Place(self._source), "there is nothing in it")
            return None
        node = self.node()
        next(self._events)  # the document ends
        if isinstance(event := next(self._events), yaml.DocumentStartEvent):
            second = "a second document begins here"
            self._complain(self._place(event), second, "a file holds one scenario")
        return node

    def node(self, event: Any = None, depth: int = 1, size: int = 1) -> Node:
        event = event or next(self._events)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        place = self._place(event)
        # Long text takes memory as many values do, so it counts as several.
        text = len(event.value) if isinstance(event, yaml.ScalarEvent) else 0
        self._check_limits(place, depth, size + text // _TEXT_PER_VALUE)
        return (self._anchored if event.anchor else self._content)(event, place, depth)

    def _anchored(self, event: Any, place: Place, depth: int) -> Node:
        # Not composed yet: an alias inside its own anchor finds it so.
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
            self._complain(place, f"{event.value} cannot be used in a scenario", hint)
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
            yield self.node(event, depth)
            index += 1
        self._path = outer

    def _entries(self, mapping: Place, depth: int) -> dict[str, Entry]:
        outer = self._path
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            place = self._place(event)
            self._path = outer
            key = self._key(event, place, depth)
            # The value is read all the same, so that faults in it are found, too.
            if key is None:
                self._document.incomplete.add(mapping)
                self.node(depth=depth)
                continue
            self._path = (*outer, key)
            entry = Entry(*place, self.node(depth=depth))
            if key in entries:
                self._path = (*outer, key)
                first = entries[key].place
                message = f"this key is already in line {first.line}, column {first.column}"
                self._complain(place, message, "remove one of the two")
            # The first of two stays, so that faults in either are found where they stand.
            entries.setdefault(key, entry)
        self._path = outer
        return entries

    def _key(self, event: Any, place: Place, depth: int) -> str | None:
        node = self.node(event, depth, size=0)
        value = node.data()
        if not isinstance(node, ScalarNode):
            self._complain(place, f"a key is text, not {describe(value)}")
        elif node.plain and node.text == "<<":
            self._complain(place, "merge keys '<<' are not read", "write the keys out")
        elif isinstance(value, str):
            return value
        elif value is None:
            self._complain(place, "a key is missing before ':'")
        else:
            hint = f"write it in quotes: {quote(node.text)}"
            self._complain(place, f"a key is text, not {describe(value)}", hint)
        return None

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
        # Each use counts in full: a page of nested aliases can mean billions of values.
        self._check_limits(place, depth + anchor.height, anchor.size)
        self._from_aliases += anchor.size
        if self._from_aliases > MOST_REPEATED:
            shared = "aliases" if self._document.has_lines else "lists and mappings used again"
            values = f"{self._from_aliases:,} values; the most is {MOST_REPEATED:,}"
            raise self._limit(place, f"the {shared} repeat {values}", self._path)
        return anchor.node

    def _check_limits(self, place: Place, depth: int, size: int) -> None:
        self._deepest = max(self._deepest, depth)
        self._document.size += size
        if self._document.size > MOST_VALUES:
            raise self._limit(place, f"more than {MOST_VALUES} values, aliases written out")
        if depth > DEEPEST:
            raise self._limit(place, TOO_DEEP)

    def _limit(self, place: Place, message: str, path: Path = ()) -> _LimitError:
        return _LimitError(Fault(place.source, message, place.line, place.column, dotted(path)))

    def _complain(self, place: Place, message: str, hint: str = "") -> None:
        fault = Fault(place.source, message, place.line, place.column, dotted(self._path), hint)
        # A hostile file must not fill the memory with its faults.
        if len(self._document.faults) >= MOST_FAULTS:
            raise self._limit(place, "too many faults to go on")
        self._document.faults.append(fault)

    def _place(self, event: Any) -> Place:
        return Place(self._source, event.start_mark.line + 1, event.start_mark.column + 1)
