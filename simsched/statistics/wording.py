"""How numbers are put into sentences."""

from __future__ import annotations

from simsched.units import format_number


def percent(share: float) -> str:
    """Return *share* with at most three digits, as in ``95 %`` or ``2.5 %``."""
    return f"{100 * share:.3g} %"


def times(value: float, low: float, high: float) -> tuple[str, str, str]:
    """Return a ratio and the ends of its interval, in the fewest digits that tell the ends apart.

    There are at least two digits and at most five.
    """
    for digits in range(2, 6):
        told = [format_number(each, digits) for each in (value, low, high)]
        if told[1] != told[2] or low == high:
            break
    return told[0], told[1], told[2]
