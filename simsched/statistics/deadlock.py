"""Requests that wait for each other for ever."""

from __future__ import annotations

from collections.abc import Sequence

from simsched.statistics.replication import Replication
from simsched.statistics.words import warnings as words

SHOWN = 3
"""Of how many requests of a deadlock a warning says what they wait for."""


def warning(label: str, runs: Sequence[Replication]) -> str | None:
    """Return a sentence if requests waited for each other for ever, else None."""
    found = [run.deadlock for run in runs if run.deadlock is not None]
    if not found:
        return None
    waits = [str(wait) for wait in found[0].waits[:SHOWN]]
    return words.deadlock(label, len(found), len(runs), found[0].stuck, waits)
