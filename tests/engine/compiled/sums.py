"""Functions to compile."""

from __future__ import annotations

from simsched.engine.jit import apart


def add(one: int, other: int) -> int:
    """Return their sum."""
    return one + other


@apart
def more(number: int, by: int) -> int:
    """Return a larger number."""
    return number + by


def six_more(number: int) -> int:
    """Return *number* and six."""
    return more(more(more(number, 1), 2), 3)
