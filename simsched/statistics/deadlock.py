"""Requests that wait for each other for ever."""

from __future__ import annotations

from collections.abc import Sequence

from simsched.statistics.replication import Replication

TOLD = 3
"""Of how many requests of a deadlock a warning says what they wait for."""


def warning(label: str, runs: Sequence[Replication]) -> str | None:
    """Return a sentence if requests waited for each other for ever, else None."""
    found = [run.deadlock for run in runs if run.deadlock is not None]
    if not found:
        return None
    often = f" in {len(found)} of {len(runs)} replications" if len(runs) > 1 else ""
    first = found[0]
    waits = "; ".join(str(wait) for wait in first.waits[:TOLD])
    more = first.stuck - TOLD
    rest = f"; and {more:,} more" if more > 0 else ""
    who = "1 request is stuck" if first.stuck == 1 else f"{first.stuck:,} requests are stuck"
    return f"{label}: deadlock{often}: {who}: {waits}{rest}"
