"""The values between two ends of a range, as they are written in a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Context, Decimal
from fractions import Fraction
from itertools import count, pairwise

from simsched import units
from simsched.scenario.sweep.model import MOST_VALUES, Range
from simsched.scenario.sweep.values import Quantity

DIGITS = 6
"""Values between the ends have so many digits, or more where that tells them apart."""

_MOST_DIGITS = 17
"""With so many digits, numbers are told apart that differ as floats."""

_FINE = 4
"""Values have so many digits more than would just tell a step from none."""

_EXACT = 100
"""More digits than an end of a range has."""

_SLACK = 1 + Fraction(1, 10**9)


def between(low: Quantity, high: Quantity, range_: Range, *, whole: bool) -> Iterator[str]:
    """Yield the values of *range_*, which has steps or a factor, as they are written in a file.

    ``whole`` values are rounded, and none of them comes twice. No range may have :func:`too_many`.
    """
    amounts = list(_amounts(low.amount, high.amount, range_))
    digits = _digits(amounts)
    if whole:
        amounts = list(dict.fromkeys(Fraction(round(amount)) for amount in amounts))
    yield from (_text(amount, low, high, digits) for amount in amounts)


def too_many(low: Quantity, high: Quantity, range_: Range) -> bool:
    """Return whether *range_* has more than :data:`MOST_VALUES` values before they are rounded."""
    if range_.factor is None:
        return False
    return low.amount * _factor(range_) ** MOST_VALUES <= high.amount * _SLACK


def at_share(low: Quantity, high: Quantity, share: float, *, log: bool, whole: bool) -> str:
    """Return the value that lies at a *share*, in [0, 1), of the way from *low* to *high*.

    ``whole`` values are rounded; of the way each has what is nearer to it than to any other.
    """
    margin = Fraction(1, 2) if whole else Fraction(0)
    amount = _part(low.amount - margin, high.amount + margin, Fraction(share), log=log)
    digits = _digits([high.amount - (high.amount - low.amount) / 100, high.amount])
    scale = _scale(low)
    near = Fraction(round(amount) if whole else _rounded(amount * scale, digits)) / scale
    return _text(min(max(near, low.amount), high.amount), low, high, digits)


def _amounts(low: Fraction, high: Fraction, range_: Range) -> Iterator[Fraction]:
    if range_.factor is not None:
        return _multiplied(low, high, _factor(range_))
    last = (range_.steps or 2) - 1
    log = range_.spacing == "log"
    inner = (_part(low, high, Fraction(number, last), log=log) for number in range(1, last))
    return iter([low, *inner, high])


def _part(low: Fraction, high: Fraction, share: Fraction, *, log: bool) -> Fraction:
    """Return what lies at *share* of the way, also where floats cannot hold the ratio."""
    return low * _power(high / low, share) if log else low + (high - low) * share


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    digits = Context(prec=_MOST_DIGITS + 6)
    return Fraction(digits.power(_rounded(base, digits.prec), _rounded(exponent, digits.prec)))


def _factor(range_: Range) -> Fraction:
    return Fraction(str(range_.factor))


def _multiplied(low: Fraction, high: Fraction, factor: Fraction) -> Iterator[Fraction]:
    for number in count():
        amount = low * _power(factor, Fraction(number))
        if amount > high * _SLACK:
            return
        yield min(amount, high)


def _digits(amounts: Iterable[Fraction]) -> int:
    """Return how many digits tell *amounts* apart, which rise."""
    finest = max(
        (max(-one, other) / (other - one) for one, other in pairwise(amounts) if one < other),
        default=Fraction(1),
    )
    return min(max(DIGITS, _rounded(finest, DIGITS).adjusted() + _FINE), _MOST_DIGITS)


def _text(amount: Fraction, low: Quantity, high: Quantity, digits: int) -> str:
    """Return *amount*, an end exactly and else with so many *digits*, as it stands in a file."""
    if amount not in {low.amount, high.amount}:
        return _written(amount, low, digits)
    # A third of a rate per s has no end in decimals, though it has one per h.
    ends = 10**_EXACT % (amount * _scale(low)).denominator == 0
    return _written(amount, low if ends or amount == low.amount else high, _EXACT)


def _written(amount: Fraction, like: Quantity, digits: int) -> str:
    number = _rounded(amount * _scale(like), digits)
    if like.unit == "duration":
        return _duration(round(number))
    return f"{_plain(number)}/{like.per}" if like.unit == "rate" else _plain(number)


def _scale(like: Quantity) -> int:
    return units.RATE_UNITS[like.per] if like.unit == "rate" else 1


def _rounded(amount: Fraction, digits: int) -> Decimal:
    """Return *amount* with so many *digits*, or as it is where it is whole."""
    numerator, denominator = map(Decimal, amount.as_integer_ratio())
    return numerator if denominator == 1 else Context(prec=digits).divide(numerator, denominator)


def _duration(duration_ns: int) -> str:
    """Return a duration in the unit that reads best: ``3.98107ms``, where exact would be ns."""
    unit = next((u for u in ("s", "ms", "us") if duration_ns >= units.DURATION_UNITS[u]), "ns")
    return f"{_plain(Decimal(duration_ns) / units.DURATION_UNITS[unit])}{unit}"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
