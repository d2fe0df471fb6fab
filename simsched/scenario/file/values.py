"""Values of Python that stand for what a file would hold, as the events of a YAML parser."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import yaml
from pydantic import BaseModel

from simsched.scenario.file.wording import describe

_LARGEST = 10**100
"""Larger whole numbers are infinite, as any number of that size is in a file."""


class ForeignEvent(yaml.ScalarEvent):
    """A value that no file can hold."""


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
        plain = _plain(value)
        if isinstance(plain, Mapping):
            met[id(value)] = value
            yield yaml.MappingStartEvent(name, None, True, mark)
            for item in itertools.chain.from_iterable(plain.items()):
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
    if isinstance(value, str):
        return yaml.ScalarEvent(None, None, (False, True), value, mark)
    text = _written(value)
    if text is None:
        return ForeignEvent(None, None, (False, True), describe(value), mark)
    return yaml.ScalarEvent(None, None, (True, False), text, mark)


def _plain(value: object) -> object:
    """Return a part of a scenario, or what NumPy or pandas hold, as plain values."""
    if isinstance(value, BaseModel):
        return value.model_dump(by_alias=True, exclude_defaults=True)
    tolist = getattr(value, "tolist", None)
    return tolist() if callable(tolist) and not isinstance(value, type) else value


def _written(value: object) -> str | None:
    """Return how YAML writes a number, a truth or nothing; None where *value* is none of these."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Integral):
        return format(int(value), "d") if abs(int(value)) < _LARGEST else ".inf"
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Real):
        return repr(float(value)).replace("inf", ".inf").replace("nan", ".nan")
    return None
