"""Values of a sweep, told apart by what they mean."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from simsched import units
from simsched.scenario.metrics import parse_share
from simsched.scenario.node import ListNode, Node, Place, ScalarNode
from simsched.scenario.problem import Path
from simsched.scenario.wording import flow

Unit = Literal["duration", "rate", "number"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and what it is of: ``amount`` is in ns, per s or plain; ``per`` is a rate's unit."""

    unit: Unit
    amount: Fraction
    per: str = ""

    @property
    def value(self) -> float:
        """The amount in seconds, per second, or as it is."""
        return float(self.amount / units.SECOND if self.unit == "duration" else self.amount)


def quantity(value: object) -> Quantity | None:
    """Return the number, duration or rate that *value* of a file is, or None where it is none.

    A share such as ``5%`` is a number.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Quantity("number", Fraction(str(value))) if math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    try:
        return Quantity("duration", Fraction(units.parse_duration(value)))
    except ValueError:
        return _percentage(value) if value.endswith("%") else _rate(value)


def _percentage(text: str) -> Quantity | None:
    try:
        return Quantity("number", Fraction(str(parse_share(text))))
    except ValueError:
        return None


def _rate(text: str) -> Quantity | None:
    try:
        if not units.is_no_rate(text):
            units.parse_rate(text)
    except ValueError:
        return None
    number, _, per = (part.strip() for part in text.partition("/"))
    return Quantity("rate", Fraction(Decimal(number)) / units.RATE_UNITS[per], per)


def meaning(node: Node) -> object:
    """Return what tells values apart: ``1s`` and ``1000ms`` are the same."""
    return _scalar(node) if isinstance(node, ScalarNode) else frozenset(leaves(node))


def leaves(node: Node, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Yield what stands at *node*, and at each path within it, as far as it tells values apart."""
    if isinstance(node, ScalarNode):
        yield path, _scalar(node)
    elif isinstance(node, ListNode):
        yield path, (list, len(node.items))
        for number, item in enumerate(node.items):
            yield from leaves(item, (*path, number))
    else:
        yield path, dict
        for key, entry in node.entries.items():
            yield from leaves(entry.value, (*path, key))


def _scalar(node: ScalarNode) -> object:
    data = node.data()
    if data is None or isinstance(data, bool):
        return (data,)  # in whatever spelling, and not the text of it
    found = quantity(data)
    return node.text if found is None else (found.unit, found.amount)


def text_of(node: Node) -> str:
    """Return the value at *node* as it is written, on one line."""
    return node.text if isinstance(node, ScalarNode) else flow(node.data())


def placed(text: str, place: Place) -> Node:
    """Return the value *text*, which stands at *place*."""
    return ScalarNode(*place, text, plain=True)
