"""Durations and rates: as people write them, and as simsched stores them.

Inside simsched time is a whole number of nanoseconds; a rate is a float per second.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from decimal import ROUND_HALF_EVEN, Context, Decimal

SECOND = 1_000_000_000
"""Nanoseconds in a second."""

LONGEST = 366 * 24 * 3600 * SECOND
"""The longest duration a scenario may name, in nanoseconds: a year, so that sums fit int64."""

SLOWEST = 1e-9
"""The lowest rate a scenario may name, per second: one arrival in 31 years."""

FASTEST = 1e9
"""The highest rate a scenario may name, per second: one arrival per nanosecond."""

CLOSE = 1e-9
"""Figures that differ by a smaller share are equal but for rounding."""

_NOTHING = 1e-15
"""The same where both figures are near 0: a difference in seconds, or of shares."""

DURATION_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": SECOND,
    "min": 60 * SECOND,
    "h": 3600 * SECOND,
}
"""Nanoseconds in each unit of time."""

RATE_UNITS = {"s": 1, "min": 60, "h": 3600}
"""Seconds in each unit of time that a rate may be per."""

NUMBER_PATTERN = r"(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?"
"""The numbers that may stand before a unit, as a regular expression."""

_DURATION = re.compile(rf"(?P<number>{NUMBER_PATTERN}) ?(?P<unit>[^\W\d_]+)")
_RATE = re.compile(rf"(?P<number>{NUMBER_PATTERN}) ?/ ?(?P<unit>[^\W\d_]+)")
_NUMBER = re.compile(NUMBER_PATTERN)

_CELL = re.compile(
    r"[+-]?(?:[0-9]{1,100}(?:\.[0-9]{0,100})?|\.[0-9]{1,100})(?:[eE][+-]?[0-9]{1,3})?"
)
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")

# Products keep every digit that may be written, so that there is only one rounding.
_EXACT = Context(prec=300)

_LONGEST_SHOWN = 40

_SPELLINGS = {
    "nanosecond": "ns",
    "usec": "us",
    "microsecond": "us",
    "μs": "us",  # the Greek letter, where the unit has the micro sign
    "msec": "ms",
    "millisecond": "ms",
    "sec": "s",
    "second": "s",
    "m": "min",
    "minute": "min",
    "hr": "h",
    "hour": "h",
}


def is_close(one: float, other: float) -> bool:
    """Return whether two figures are the same but for rounding.

    Means and rates are quotients of exact sums, so equal ones may differ in their last digits: 3
    requests in 300 ms, and 4 in 400 ms.
    """
    return math.isclose(one, other, rel_tol=CLOSE, abs_tol=_NOTHING)


def parse_duration(text: str) -> int:
    """Return the nanoseconds that *text* names, as in ``10ms``, ``1.5s`` or ``2min``.

    A fraction of a nanosecond is rounded half to even. ``0`` needs no unit.

    Raises:
        ValueError: not a duration, an unknown unit, not 0 but less than a nanosecond, or longer
            than :data:`LONGEST`; the message says which.
    """
    if text == "0":
        return 0
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(_not_a_duration(text))
    duration = nanoseconds(match["number"], match["unit"])
    if not duration and Decimal(match["number"]):
        raise ValueError(f"{_shown(text)} is too short; a duration is 0 or at least 1ns")
    return duration


def nanoseconds(number: str, unit: str) -> int:
    """Return *number* of *unit* in nanoseconds, rounded half to even.

    Raises:
        ValueError: not a number of at least 0, an unknown unit, or longer than :data:`LONGEST`.
    """
    if not _NUMBER.fullmatch(number):
        raise ValueError(f"{_shown(number)} is not a number of at least 0")
    if unit not in DURATION_UNITS:
        raise ValueError(f"{_shown(unit)} is not a unit of time; {_instead(unit, DURATION_UNITS)}")
    exact = _EXACT.multiply(Decimal(number), DURATION_UNITS[unit])
    if exact > LONGEST:
        raise ValueError(f"'{number}{unit}' is longer than a year; the longest duration is 8784h")
    return int(exact.to_integral_value(ROUND_HALF_EVEN))


class TooLongError(ValueError):
    """A time is longer than the longest that is possible."""


def recorded_nanoseconds(cell: object, unit: str, longest: int = LONGEST) -> int:
    """Return the time in the *cell* of a table, which is in *unit*, in nanoseconds.

    A cell is text, or a number of any type; a float counts as its shortest decimal notation. A
    fraction of a nanosecond is rounded half to even.

    Raises:
        TooLongError: it is longer than *longest* nanoseconds.
        ValueError: it is empty, or not a number of at least 0.
    """
    if cell is None or cell == "":
        raise ValueError("the cell is empty")
    text = str(cell)
    if not _CELL.fullmatch(text):
        comma = _DECIMAL_COMMA.fullmatch(text)
        instead = f"; write {text.replace(',', '.')}" if comma else ""
        raise ValueError(f"{_shown(text)} is not a number{instead}")
    number = Decimal(text)
    if number < 0:
        raise ValueError(f"{text} is not a time; it must be a number of at least 0")
    exact = _EXACT.multiply(number, DURATION_UNITS[unit])
    if exact > longest:
        years = longest // LONGEST
        raise TooLongError(
            f"{text} {unit} is longer than {'a year' if years == 1 else f'{years} years'}"
        )
    return int(exact.to_integral_value(ROUND_HALF_EVEN))


def parse_rate(text: str) -> float:
    """Return the rate per second that *text* names, as in ``80/s`` or ``600/min``.

    Raises:
        ValueError: not a rate, an unknown unit, or outside [:data:`SLOWEST`, :data:`FASTEST`]; the
            message says which.
    """
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(_not_a_rate(text))
    unit = match["unit"]
    if unit not in RATE_UNITS:
        raise ValueError(f"{_shown(unit)} is not a unit of a rate; {_instead(unit, RATE_UNITS)}")
    rate = float(Decimal(match["number"]) / RATE_UNITS[unit])
    if not SLOWEST <= rate <= FASTEST:
        raise ValueError(f"{_shown(text)} is out of range; a rate is from 1e-9/s to 1e9/s")
    return rate


def is_no_rate(text: str) -> bool:
    """Return whether *text* names the rate 0, as ``0/s`` does."""
    match = _RATE.fullmatch(text)
    return match is not None and match["unit"] in RATE_UNITS and not Decimal(match["number"])


def _not_a_duration(text: str) -> str:
    if text.startswith("-") and (_DURATION.fullmatch(text[1:]) or _NUMBER.fullmatch(text[1:])):
        return f"{_shown(text)} is negative; a duration is at least 0"
    if _NUMBER.fullmatch(text):
        return f"{text} has no unit; write {text}ms or {text}s"
    return f"{_shown(text)} is not a duration; write a number and a unit, such as 10ms or 1.5s"


def _not_a_rate(text: str) -> str:
    if _NUMBER.fullmatch(text) and Decimal(text):
        return f"{text} has no unit; write {text}/s or {text}/min"
    if _NUMBER.fullmatch(text):
        return f"{text} is out of range; a rate is from 1e-9/s to 1e9/s"
    if text.startswith("-") and (_RATE.fullmatch(text[1:]) or _NUMBER.fullmatch(text[1:])):
        return f"{_shown(text)} is negative; a rate is at least 1e-9/s"
    return f"{_shown(text)} is not a rate; write a number per unit of time, such as 80/s or 600/min"


def _instead(unit: str, known: Collection[str]) -> str:
    plain = unit.lower()
    singular = plain.removesuffix("s") if len(plain) > len("ms") else plain
    for spelling in (plain, singular, _SPELLINGS.get(plain, ""), _SPELLINGS.get(singular, "")):
        if spelling in known:
            return f"did you mean {spelling!r}?"
    return f"use one of {', '.join(known)}"


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…")


def write_duration(duration_ns: int) -> str:
    """Return *duration_ns* exactly, in the largest unit that gives a whole number: ``1500us``.

    :func:`parse_duration` reads it back.
    """
    for unit in ("h", "min", "s", "ms", "us"):
        if duration_ns and duration_ns % DURATION_UNITS[unit] == 0:
            return f"{duration_ns // DURATION_UNITS[unit]}{unit}"
    return f"{duration_ns}ns" if duration_ns else "0s"


def write_rate(rate: float) -> str:
    """Return *rate* exactly, per second: ``80/s``. :func:`parse_rate` reads it back."""
    return f"{int(rate) if rate.is_integer() else rate!r}/s"


def format_duration(seconds: float, digits: int = 3) -> str:
    """Return *seconds* in the unit that reads best, as in ``72.2 ms``.

    *digits* counts the significant digits.
    """
    magnitude = abs(seconds)
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if magnitude >= size * (1 - 0.5 * 10.0**-digits):
            return f"{format_number(seconds / size, digits)} {unit}"
    return "0 s" if seconds == 0 else f"{format_number(seconds / 1e-9, digits)} ns"


def format_number(value: float, digits: int = 3) -> str:
    """Return *value* with *digits* significant digits and no exponent, as in ``0.0412``."""
    rounded = Decimal(f"{value:.{digits - 1}e}")
    return f"{rounded:f}"
