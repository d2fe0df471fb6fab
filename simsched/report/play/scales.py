"""The values that a slider moves through: as they are written in a scenario, in their order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from simsched.units import DURATION_UNITS, FASTEST, LONGEST, SLOWEST

_PER_DECADE = 20
"""How many values there are from one to ten times as much."""

_REACH = 10
"""A slider goes from a tenth of the value to ten times it."""

_EVERY = 40
"""Counts up to this are all on a slider."""

_FIRST_DURATION_NS = 1_000_000
"""What a duration that is 0 may be moved around."""


def durations(own: str, value_ns: int, *, or_none: bool) -> list[str]:
    """Return durations around *value_ns*, written as its *own* text; from 0 on if *or_none*."""
    values = {value_ns, *map(round, _logarithmic(value_ns or _FIRST_DURATION_NS))}
    values |= {0} if or_none else set()
    return _written((each for each in values if 0 <= each <= LONGEST), duration, own, value_ns)


def instants(own: str, value_ns: int) -> list[str]:
    """Return instants from 0 to beyond *value_ns*, evenly spaced."""
    step = _round(max(value_ns, 10 * _FIRST_DURATION_NS) / 40)
    return _written({*range(0, 61 * step, step), value_ns}, duration, own, value_ns)


def rates(own: str, value: float) -> list[str]:
    """Return rates around *value*, per second."""
    values = {value, *_logarithmic(value or 1.0)}
    bounded = (each for each in values if each == 0 or SLOWEST <= each <= FASTEST)
    return _written(bounded, "{:.6g}/s".format, own, value)


def counts(value: int, least: float, most: float) -> list[str]:
    """Return whole numbers from *least* to well beyond *value*."""
    end = int(min(most, max(4 * value, 8)))
    values = {*range(int(least), min(end, _EVERY) + 1), *map(round, _logarithmic(max(value, 1)))}
    inside = (each for each in values if least <= each <= end)
    return _written({*inside, value}, str, str(value), value)


def numbers(own: str, value: float, least: float, most: float) -> list[str]:
    """Return numbers around *value* within their bounds."""
    values = (each for each in _logarithmic(value or 1.0) if least <= each <= most)
    return _written({*values, value}, "{:.6g}".format, own, value)


def shares(own: str, value: float) -> list[str]:
    """Return shares from none to all, in per cent."""
    values = {0.0, 0.1, 0.2, 0.5, *range(1, 10), *range(10, 101, 5), 100 * value}
    return _written(map(float, values), "{:g}%".format, own, 100 * value)


def duration(value_ns: int) -> str:
    """Return a duration as people write it, as in ``1.5ms``."""
    if value_ns == 0:
        return "0ms"
    unit = next(unit for unit in ("s", "ms", "us", "ns") if value_ns >= DURATION_UNITS[unit])
    return f"{value_ns / DURATION_UNITS[unit]:.15g}{unit}"


def _logarithmic(value: float) -> Iterable[float]:
    """Yield values of two digits from a tenth of *value* to ten times it."""
    last = round(_PER_DECADE * math.log10(_REACH))
    for step in range(-last, last + 1):
        yield float(f"{value * 10 ** (step / _PER_DECADE):.2g}")


def _round(step: float) -> int:
    """Return 1, 2 or 5 times a power of ten, the next above *step*."""
    power = int(10 ** (len(str(int(step))) - 1))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= step)


def _written(
    values: Iterable[float], write: Callable[..., str], own: str, value: float
) -> list[str]:
    """Return *values* in their order as text; *value* is written as its *own* text."""
    return [*dict.fromkeys(own if each == value else write(each) for each in sorted(values))]
