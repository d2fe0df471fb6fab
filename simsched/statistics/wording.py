"""How numbers are put into sentences."""

from __future__ import annotations

import math

from simsched.scenario.file.wording import counted
from simsched.units import CLOSE, format_number

__all__ = ["_inverse", "counted", "factor", "is_or_are", "ordinal", "percent", "times"]


def percent(share: float) -> str:
    """Return *share* with at most three digits, as in ``95 %`` or ``2.5 %``."""
    return f"{100 * share:.3g} %"


def ordinal(number: int) -> str:
    """Return a place, as in ``1st``, ``12th`` or ``23rd``."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in {11, 12, 13} else ending}"


def is_or_are(count: int) -> str:
    """Return that so many are there, as in ``there is 1`` or ``there are 2``."""
    return f"there {'is' if count == 1 else 'are'} {count:,}"


def factor(ratio: float, low: float, high: float) -> tuple[str, str]:
    """Return a ratio of two times in words, as in ``2.3 times sooner``, and its interval.

    The interval is ``2.1 to 2.5``, ``at least 2.1 times`` where it has no end on the far side, and
    "" where both ends agree.
    """
    word = "sooner" if ratio < 1 else "later"
    figures = (1 / ratio, 1 / high, _inverse(low)) if ratio < 1 else (ratio, low, high)
    value, least, most = times(*figures)
    if least == most:
        return f"{value} times {word}", ""
    interval = f"at least {least} times" if math.isinf(figures[-1]) else f"{least} to {most}"
    return f"{value} times {word}", interval


def _inverse(ratio: float) -> float:
    return 1 / ratio if ratio > 0 else math.inf


def times(value: float, low: float, high: float) -> tuple[str, str, str]:
    """Return a ratio and the ends of its interval, in the fewest digits that tell the ends apart.

    They also tell the ratio and its ends from 1. There are at least two digits and at most nine.
    Ends that differ by less than :data:`simsched.units.CLOSE` are told alike.
    """
    middle = (value, value, value) if high - low < CLOSE * value else (value, low, high)
    for digits in range(2, 10):
        told = [format_number(each, digits) for each in middle]
        is_one = any(float(t) == 1 != each for t, each in zip(told, middle, strict=True))
        if not is_one and (told[1] != told[2] or len(set(middle)) == 1):
            break
    return told[0], told[1], told[2]
