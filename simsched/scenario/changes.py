"""What differs between two scenarios, value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from simsched.scenario.file.wording import counted, flow, quote

if TYPE_CHECKING:
    from simsched.scenario.model.scenario import Scenario

_UNSAID = {"name", "description"}
"""What a scenario is called changes nothing in it."""

_LONGEST = 60


def changes(one: Scenario, other: Scenario) -> tuple[str, ...]:
    """Return what is different in *other*, as in ``servers.serial.workers 1 -> 2``.

    A value that only one of them has is added or removed. Values that a scenario leaves out count
    with their defaults.
    """
    before, after = (
        each.model_dump(by_alias=True, exclude=_UNSAID, mode="json") for each in (one, other)
    )
    return tuple(_changes("", before, after))


def _changes(path: str, before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from _entry(_joined(path, str(key)), key, before, after)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (ours, theirs) in enumerate(zip(before, after, strict=True)):
            yield from _changes(f"{path}[{number}]", ours, theirs)
    elif before != after:
        yield f"{path} {_shown(before)} -> {_shown(after)}"


def _entry(
    path: str, key: Any, before: Mapping[Any, Any], after: Mapping[Any, Any]
) -> Iterator[str]:
    ours, theirs = before.get(key), after.get(key)
    if ours == theirs:
        return
    if ours is None:
        yield f"{path} added" if isinstance(theirs, Mapping) else f"{path} added: {_shown(theirs)}"
    elif theirs is None:
        yield f"{path} removed"
    else:
        yield from _changes(path, ours, theirs)


def _joined(path: str, key: str) -> str:
    name = key if key.replace("_", "").replace("-", "").isalnum() else quote(key)
    return f"{path}.{name}" if path else name


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return counted(len(value), "entry")
    text = flow(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
