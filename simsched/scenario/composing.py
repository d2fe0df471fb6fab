"""From YAML text to a tree of nodes, within bounds of depth and size."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from simsched.errors import Fault
from simsched.scenario.node import Entry, ListNode, MappingNode, Node, Place, ScalarNode
from simsched.scenario.reading import Unreadable, check_characters

MOST_NODES = 500_000
"""The most values a file may hold, those repeated by aliases counted again."""

DEEPEST = 50
"""How deep values may lie inside each other."""

# PyYAML can be built without libyaml; its own parser gives the same events, slower.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def compose(text: str, source: str) -> tuple[Node, list[Fault]]:
    """Return the tree of the only document in *text*, and the faults that did not stop the reading.

    Raises:
        Unreadable: the text is not YAML, holds no or several documents, or is too deep or too large.
    """
    check_characters(text, source)
    composer = _Composer(source)
    try:
        return composer.document(yaml.parse(text, Loader=_Loader)), composer.faults
    except yaml.YAMLError as error:
        raise Unreadable(_syntax_fault(error, text, source)) from None


def _syntax_fault(error: yaml.YAMLError, text: str, source: str) -> Fault:
    return Fault(source, str(error))


class _Composer:
    def __init__(self, source: str) -> None:
        self.source = source
        self.faults: list[Fault] = []
        self.anchors: dict[str, tuple[Node, int, int] | None] = {}
        self.count = 0

    def document(self, events: Iterator[yaml.Event]) -> Node:
        self.events = events
        next(events)
        next(events)
        return self.node(next(events), 1)

    def place(self, mark: yaml.Mark) -> Place:
        return Place(self.source, mark.line + 1, mark.column + 1)

    def node(self, event: yaml.Event, depth: int) -> Node:
        place = self.place(event.start_mark)
        if isinstance(event, yaml.ScalarEvent):
            return ScalarNode(place, event.value, event.implicit[0])
        if isinstance(event, yaml.SequenceStartEvent):
            return ListNode(place, tuple(self.items(depth + 1)))
        return MappingNode(place, self.entries(depth + 1))

    def items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self.node(event, depth)

    def entries(self, depth: int) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            place = self.place(event.start_mark)
            value = self.node(next(self.events), depth)
            entries[event.value] = Entry(place, value)
        return entries
