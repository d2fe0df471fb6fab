"""How numbers and lists are put into sentences."""

from __future__ import annotations

from collections.abc import Sequence

from simsched.units import format_number


def percent(share: float) -> str:
    """Return *share* with at most three digits, as in ``95 %`` or ``2.5 %``."""
    return f"{100 * share:.3g} %"


def listed(names: Sequence[str]) -> str:
    """Return *names* as a sentence lists them: ``a, b and c``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def times(ratio: float) -> str:
    """Return a *ratio* with two digits below ten, as in ``3.2``, and three above."""
    return format_number(ratio, 2 if ratio < 10 else 3)  # noqa: PLR2004
