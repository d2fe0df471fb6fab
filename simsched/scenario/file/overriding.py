"""Values given beside a scenario file: ``--set servers.cooperative.workers=2``.

They take their place in the tree before anything is validated, so that they pass the same checks.
"""

from __future__ import annotations

import re
from dataclasses import replace

from simsched.errors import Fault
from simsched.scenario.file.composing import compose, compose_values
from simsched.scenario.file.tree import (
    Document,
    Entry,
    ListNode,
    MappingNode,
    Node,
    Path,
    ScalarNode,
    dotted,
)
from simsched.scenario.file.wording import counted, describe

_NAME = r'(?:"(?P<quoted>[^"]+)"|(?P<plain>[^\s.\[\]="][^.\[\]="]*))'
_FIRST = re.compile(_NAME)
_NEXT = re.compile(rf"\.{_NAME}|\[(?P<index>[0-9]{{1,9}})\]")
_FORM = "write a path, '=' and a value, as in requests.page[0].cpu=5ms"
_LONGEST_SHOWN = 60


class NowhereError(Exception):
    """A path leads to nothing that can be set: ``message`` says why, ``hint`` what to write."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def override(document: Document, option: str) -> None:
    """Put the value that *option* gives into *document*, or add a fault of the option to it."""
    shown = option if len(option) <= _LONGEST_SHOWN else f"{option[: _LONGEST_SHOWN - 1]}…"
    source = f"--set {shown}"
    document.sources.append(source)
    try:
        path, text = parse_option(option)
        # A fault of the value has been noted: then nothing is set.
        value = _value(text, source, document)
        if value is not None and isinstance(document.root, MappingNode):
            document.root = put(document.root, path, value)
    except NowhereError as error:
        document.faults.append(Fault(source, error.message, hint=error.hint))


def assign(document: Document, path: str, value: object) -> None:
    """Put *value*, of Python, into *document* at *path*, or add a fault to it."""
    try:
        found = compose_values(value, document.sources[0])
        found.faults = [replace(fault, path=fault.path or path) for fault in found.faults]
        _take_faults(document, found)
        if found.root is not None and isinstance(document.root, MappingNode):
            document.root = put(document.root, parse_path(path), found.root)
    except NowhereError as error:
        fault = Fault(document.sources[0], error.message, path=path, hint=error.hint)
        document.faults.append(fault)


def parse_option(option: str) -> tuple[Path, str]:
    """Return the path and the value of an override, as in ``servers.serial.workers=2``.

    Raises:
        NowhereError: it is not of that form.
    """
    path, end = _path(option)
    if not path or option[end : end + 1] != "=":
        raise NowhereError("this sets nothing", _FORM)
    return path, option[end + 1 :]


def parse_path(text: str) -> Path:
    """Return the path that *text* is, as in ``requests.page[0].cpu``.

    Raises:
        NowhereError: it is not of that form.
    """
    path, end = _path(text)
    if not path or end < len(text):
        raise NowhereError("this is no path", "write one as in requests.page[0].cpu")
    return path


def _path(text: str) -> tuple[Path, int]:
    """Return the path that *text* begins with, and where it ends."""
    path: list[str | int] = []
    match = _FIRST.match(text)
    end = 0
    while match:
        path.append(_step(match))
        end = match.end()
        match = _NEXT.match(text, end)
    return tuple(path), end


def _step(match: re.Match[str]) -> str | int:
    parts = match.groupdict()
    if parts.get("index"):
        return int(parts["index"])
    return parts["quoted"] or parts["plain"].strip()


def _value(text: str, source: str, document: Document) -> Node | None:
    if not text.strip():
        raise NowhereError("there is no value after '='", _FORM)
    value = compose(text, source)
    _take_faults(document, value)
    return value.root


def _take_faults(document: Document, value: Document) -> None:
    """Add the faults of *value* to *document*."""
    # An option is one line: where in it a fault stands, needs no saying.
    document.faults += [replace(fault, line=None, column=None) for fault in value.faults]
    document.broken |= value.broken
    document.incomplete |= value.incomplete


def put(node: Node, path: Path, value: Node, done: Path = ()) -> Node:
    """Return *node*, which stands at *done*, with *value* at *path* within it.

    Raises:
        NowhereError: the path leads nowhere.
    """
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return _put_item(node, step, rest, value, done)
    return _put_entry(node, step, rest, value, done)


def _put_item(node: Node, index: int, rest: Path, value: Node, done: Path) -> Node:
    if not isinstance(node, ListNode):
        raise NowhereError(f"{dotted(done)} is {describe(node.data())}, not a list")
    if index >= len(node.items):
        count = counted(len(node.items), "item")
        raise NowhereError(f"{dotted(done)} has {count}, counted from 0; there is no [{index}]")
    item = put(node.items[index], rest, value, (*done, index))
    return replace(node, items=(*node.items[:index], item, *node.items[index + 1 :]))


def _put_entry(node: Node, key: str, rest: Path, value: Node, done: Path) -> Node:
    if isinstance(node, ScalarNode) and node.data() is None:
        node = MappingNode(*node.place, {})
    if not isinstance(node, MappingNode):
        hint = f"write {dotted((*done, 0))}" if isinstance(node, ListNode) else ""
        raise NowhereError(f"{dotted(done)} is {describe(node.data())}, not a mapping", hint)
    if key not in node.entries and rest and isinstance(rest[0], int):
        raise NowhereError(f"{dotted((*done, key))} does not exist, so it has no [{rest[0]}]")
    old = node.entries.get(key) or Entry(*value.place, MappingNode(*value.place, {}))
    entry = replace(old, value=put(old.value, rest, value, (*done, key)))
    return replace(node, entries={**node.entries, key: entry})
