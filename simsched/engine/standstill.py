"""Users for whom time stands still."""

from __future__ import annotations

from simsched.errors import RunError
from simsched.units import SECOND, format_duration

MOST_AT_ONCE = 1000
"""After so many requests of one user at one moment, time is taken to stand still."""


def standstill(user: int, now: int) -> RunError:
    """Return the error of *user*, counting from 0, who goes on and on at the moment *now*."""
    moment = format_duration(now / SECOND)
    return RunError(
        f"at {moment} user {user + 1} sends request after request and time stands still: each is"
        " answered or refused at once, and the user asks again at once; let users think"
    )
