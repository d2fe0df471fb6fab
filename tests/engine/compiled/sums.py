"""A function to compile."""

from __future__ import annotations


def add(one: int, other: int) -> int:
    """Return their sum."""
    return one + other
