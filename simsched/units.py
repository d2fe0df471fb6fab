"""Durations and rates as people write them, and as simsched counts them.

Inside simsched time is a whole number of nanoseconds; a rate is a float per second.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal

SECOND = 1_000_000_000
"""Nanoseconds in a second."""

LONGEST = 366 * 24 * 3600 * SECOND
"""The longest duration a scenario may name, in nanoseconds: a year, so that sums stay within int64."""

FASTEST = 1e9
"""The highest rate a scenario may name, per second: one arrival per nanosecond."""

DURATION_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": SECOND,
    "min": 60 * SECOND,
    "h": 3600 * SECOND,
}
RATE_UNITS = {"s": 1, "min": 60, "h": 3600}

_NUMBER = r"(?P<number>[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?)"
_DURATION = re.compile(rf"{_NUMBER} ?(?P<unit>[a-zµ]+)")
_RATE = re.compile(rf"{_NUMBER} ?/ ?(?P<unit>[a-z]+)")


def parse_duration(text: str) -> int:
    """Return the nanoseconds that *text* names, as in ``10ms``, ``1.5s`` or ``2min``.

    A fraction of a nanosecond is rounded half to even. ``0`` needs no unit.

    Raises:
        ValueError: not a duration, an unknown unit, or longer than :data:`LONGEST`; the message says which.
    """
    if text == "0":
        return 0
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("not a duration; write a number and a unit, such as 10ms or 1.5s")
    unit = match["unit"]
    if unit not in DURATION_UNITS:
        raise ValueError(f"{unit!r} is not a unit of time; use one of {', '.join(DURATION_UNITS)}")
    exact = Decimal(match["number"]) * DURATION_UNITS[unit]
    if exact > LONGEST:
        raise ValueError("longer than a year; the longest duration is 8784h")
    return int(exact.to_integral_value(ROUND_HALF_EVEN))


def parse_rate(text: str) -> float:
    """Return the rate per second that *text* names, as in ``80/s`` or ``600/min``.

    Raises:
        ValueError: not a rate, an unknown unit, or outside (0, :data:`FASTEST`]; the message says which.
    """
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError("not a rate; write a number per unit of time, such as 80/s or 600/min")
    unit = match["unit"]
    if unit not in RATE_UNITS:
        raise ValueError(f"{unit!r} is not a unit of a rate; use one of /{', /'.join(RATE_UNITS)}")
    rate = float(Decimal(match["number"]) / RATE_UNITS[unit])
    if not 0 < rate <= FASTEST:
        raise ValueError("out of range; a rate is more than 0/s and at most 1e9/s")
    return rate


def format_duration(seconds: float, digits: int = 3) -> str:
    """Return *seconds* with *digits* significant digits in the unit that reads best, as in ``72.2 ms``."""
    magnitude = abs(seconds)
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if magnitude >= size * (1 - 0.5 * 10.0**-digits):
            return f"{format_number(seconds / size, digits)} {unit}"
    return "0 s" if seconds == 0 else f"{format_number(seconds / 1e-9, digits)} ns"


def format_number(value: float, digits: int = 3) -> str:
    """Return *value* with *digits* significant digits, never in scientific notation, as in ``1230`` or ``0.0412``."""
    rounded = Decimal(f"{value:.{digits - 1}e}")
    return f"{rounded:f}"
