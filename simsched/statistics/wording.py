"""How numbers are put into sentences."""

from __future__ import annotations

from simsched.units import format_number


def percent(share: float) -> str:
    """Return *share* with at most three digits, as in ``95 %`` or ``2.5 %``."""
    return f"{100 * share:.3g} %"


def times(ratio: float) -> str:
    """Return a *ratio* with two digits below ten, as in ``3.2``, and three above."""
    return format_number(ratio, 2 if ratio < 10 else 3)  # noqa: PLR2004
