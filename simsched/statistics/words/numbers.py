"""How numbers are put into sentences."""

from __future__ import annotations

import math

from simsched.scenario.file.wording import counted
from simsched.units import CLOSE, format_number

__all__ = ["change", "counted", "is_or_are", "ordinal", "percent", "times", "whole_percent"]

SMALL = 1.5
"""A ratio nearer to 1 than this, either way, is written in percent and not as a factor."""


def percent(share: float) -> str:
    """Return *share* with at most three digits, as in ``95 %`` or ``2.5 %``."""
    return f"{100 * share:.3g} %"


def whole_percent(share: float) -> str:
    """Return *share* without a fraction, as in ``90 %``: for loads and parts of a run."""
    return f"{100 * share:,.0f} %"


def ordinal(number: int) -> str:
    """Return a place, as in ``1st``, ``12th`` or ``23rd``."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in {11, 12, 13} else ending}"


def is_or_are(count: int) -> str:
    """Return that so many are there, as in ``there is 1`` or ``there are 2``."""
    return f"there {'is' if count == 1 else 'are'} {count:,}"


def change(ratio: float, low: float, high: float) -> tuple[str, str]:
    """Return a ratio of two times in words, as in ``2.3 times faster`` or ``2 % slower``.

    Beside it stands its interval, as in ``2.1 to 2.5`` or ``1 to 3 %``; ``at least 2.1 times``
    where it has no end on the far side; and "" where both ends agree. Percentages are of the
    time that *ratio* is relative to.
    """
    word = "faster" if ratio < 1 else "slower"
    is_open = low <= 0 if ratio < 1 else math.isinf(high)
    if 1 / SMALL < ratio < SMALL:
        value, least, most = _percentages(ratio, low, high)
        told, unit, ends = f"{value} % {word}", " %", f"{least} to {most} %"
    else:
        figures = (1 / ratio, 1 / high, _inverse(low)) if ratio < 1 else (ratio, low, high)
        value, least, most = times(*figures)
        told, unit, ends = f"{value} times {word}", " times", f"{least} to {most}"
    if least == most:
        return told, ""
    return told, f"at least {least}{unit}" if is_open else ends


def _percentages(ratio: float, low: float, high: float) -> tuple[str, str, str]:
    """Return by how many percent a ratio and its ends differ from 1, the nearest end first."""
    near, far = (high, low) if ratio < 1 else (low, high)
    figures = [100 * abs(each - 1) for each in (ratio, near, far)]
    if high - low < CLOSE * ratio:
        figures = [figures[0]] * 3
    shown = [_plain(each, 2) for each in figures]
    for digits in range(2, 10):
        shown = [_plain(each, digits) for each in figures]
        if shown[1] != shown[2] or figures[1] == figures[2]:
            break
    return shown[0], shown[1], shown[2]


def _plain(value: float, digits: int) -> str:
    """Return *value* in at most so many digits, without zeros at the end."""
    if math.isinf(value):
        return "inf"
    shown = format_number(value, digits)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _inverse(ratio: float) -> float:
    return 1 / ratio if ratio > 0 else math.inf


def times(value: float, low: float, high: float) -> tuple[str, str, str]:
    """Return a ratio and the ends of its interval, in the fewest digits that separate the ends.

    They also separate the ratio and its ends from 1. There are at least two digits and at most
    nine. Ends that differ by less than :data:`simsched.units.CLOSE` are written alike.
    """
    middle = (value, value, value) if high - low < CLOSE * value else (value, low, high)
    for digits in range(2, 10):
        shown = [format_number(each, digits) for each in middle]
        is_one = any(float(t) == 1 != each for t, each in zip(shown, middle, strict=True))
        if not is_one and (shown[1] != shown[2] or len(set(middle)) == 1):
            break
    return shown[0], shown[1], shown[2]
