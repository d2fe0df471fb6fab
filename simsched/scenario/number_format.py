"""How figures are written for people, each by its kind: ``412 ms``, ``80.2/s``, ``63.0 %``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from simsched import units

Kind = Literal["duration", "rate", "share", "count", "number", "correlation"]
"""How a metric is written: in seconds, per second, as a share of 1, whole, or without a unit.

A correlation has four decimals.
"""

ABSENT = "—"
"""Stands where there is no figure."""

_ENDINGS = {"share": " %", "rate": "/s"}
_MOST_DIGITS = 9
_DISTINCT_DIGITS = 6


def show_value(value: float | None, kind: Kind, digits: int = 3) -> str:
    """Return *value* as people read it: ``412 ms``, ``80.2/s``, ``63.0 %``, ``3.20``, or a dash.

    *digits* counts the significant digits; of a correlation, the decimals but one. There are more
    where a whole number has more, and, up to nine, where it takes more to show that a value is not
    quite 1, or 100 %.
    """
    if value is None:
        return ABSENT
    if kind == "duration":
        return units.format_duration(value, _digits(value, digits))
    if kind == "count" and float(value).is_integer():
        return f"{value:,.0f}"
    if kind == "correlation":
        return f"{value:z.{digits + 1}f}"
    shown = 100 * value if kind == "share" else value
    number = units.format_number(shown, _digits(shown, _digits_unlike_one(value, digits)))
    return f"{number if value else 0}{_ENDINGS.get(kind, '')}"


def _digits(value: float, digits: int) -> int:
    return max(digits, len(f"{abs(value):.0f}"))


def _digits_unlike_one(value: float, digits: int) -> int:
    """Return how many digits show that *value* is not 1, at least *digits*; these if none do."""
    enough = range(digits, _MOST_DIGITS + 1)
    return next((n for n in enough if value == 1 or _rounded(value, n) != 1), digits)


def show_values(
    values: Sequence[float], kind: Kind, allows: Callable[[float], bool] = lambda _: True
) -> list[str]:
    """Return *values*, an estimate and its interval, with enough digits to keep them distinct.

    There are at least three digits and at most six; up to nine where with fewer a limit that a
    value misses, by *allows*, would seem to be kept, or the other way round.
    """
    shown: list[str] = []
    # More digits only where fewer would print two different values alike, or hide a miss.
    for digits in range(3, _MOST_DIGITS + 1):
        shown = [show_value(each, kind, digits) for each in values]
        distinct = len(set(shown)) == len(set(values)) or digits >= _DISTINCT_DIGITS
        if distinct and all(allows(_rounded(each, digits)) == allows(each) for each in values):
            break
    return shown


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")
