"""Values of a sweep: told apart by what they mean, and made between the ends of a range."""

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
from simsched.scenario.sweep import MOST_VALUES, Range
from simsched.scenario.wording import flow

Unit = Literal["duration", "rate", "number"]

DIGITS = 6
"""Values between the ends of a range have at most so many digits, as people would write them."""

_SLACK = 1 + Fraction(1, 10**9)


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

    def written(self, amount: Fraction) -> str:
        """Return *amount* of the same unit as it stands in a file."""
        if self.unit == "duration":
            return _duration(int(_rounded(amount)))
        if self.unit == "rate":
            return f"{_number(amount * units.RATE_UNITS[self.per])}/{self.per}"
        return _number(amount)


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


def between(low: Quantity, high: Quantity, range_: Range, *, whole: bool) -> Iterator[str]:
    """Yield the values of *range_*, which has steps or a factor, as they are written in a file.

    ``whole`` values are rounded, and none of them comes twice. No range may have :func:`too_many`.
    """
    amounts = _amounts(low.amount, high.amount, range_)
    if whole:
        amounts = iter(dict.fromkeys(Fraction(round(amount)) for amount in amounts))
    yield from (low.written(amount) for amount in amounts)


def too_many(low: Quantity, high: Quantity, range_: Range) -> bool:
    """Return whether *range_* has more than :data:`MOST_VALUES` values before they are rounded."""
    if range_.factor is None:
        return False
    return low.amount * _exact(range_.factor) ** MOST_VALUES <= high.amount * _SLACK


def at_share(low: Quantity, high: Quantity, share: float, *, log: bool, whole: bool) -> str:
    """Return the value that lies at a *share*, in [0, 1), of the way from *low* to *high*.

    ``whole`` values are rounded; of the way each has what is nearer to it than to any other.
    """
    if whole:
        half = Fraction(1, 2)
        amount = round(_part(low.amount - half, high.amount + half, share, log=log))
        return low.written(min(max(Fraction(amount), low.amount), high.amount))
    return low.written(_part(low.amount, high.amount, share, log=log))


def placed(text: str, place: Place) -> Node:
    """Return the value *text*, which stands at *place*."""
    return ScalarNode(*place, text, plain=True)


def _part(low: Fraction, high: Fraction, share: float, *, log: bool) -> Fraction:
    if log:
        return low * Fraction(float(high / low) ** share)
    return low + (high - low) * Fraction(share)


def _amounts(low: Fraction, high: Fraction, range_: Range) -> Iterator[Fraction]:
    if range_.factor is not None:
        return _multiplied(low, high, _exact(range_.factor))
    steps = range_.steps or 1
    if range_.spacing == "linear":
        return (low + (high - low) * number / (steps - 1) for number in range(steps))
    ratio = float(high / low)
    inner = (low * Fraction(ratio ** (number / (steps - 1))) for number in range(1, steps - 1))
    return iter([low, *inner, high])


def _exact(factor: float) -> Fraction:
    return Fraction(str(factor))


def _multiplied(low: Fraction, high: Fraction, factor: Fraction) -> Iterator[Fraction]:
    amount = low
    while amount <= high * _SLACK:
        yield min(amount, high)
        amount *= factor


def _rounded(amount: Fraction) -> Fraction:
    """Return *amount* with :data:`DIGITS` digits, or as it is where it is whole."""
    if amount.denominator == 1:
        return amount
    return Fraction(f"{float(amount):.{DIGITS}g}")


def _duration(duration_ns: int) -> str:
    """Return a duration in the unit that reads best: ``3.98107ms``, where exact would be ns."""
    unit = next((u for u in ("s", "ms", "us") if duration_ns >= units.DURATION_UNITS[u]), "ns")
    number = f"{Decimal(duration_ns) / units.DURATION_UNITS[unit]:f}"
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number}{unit}"


def _number(amount: Fraction) -> str:
    if amount.denominator == 1:
        return str(amount.numerator)
    text = f"{Decimal(f'{float(amount):.{DIGITS}g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
