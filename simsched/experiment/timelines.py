"""Whose timelines a run keeps: the first requests', and the slowest ones'."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from simsched.engine import Trace
from simsched.statistics.time_spent import slowest

TIMELINE = 200
"""For how many of the first requests of the first replication the timeline is kept."""

MANY = 250_000
"""Of longer runs the slowest requests have no timeline."""


def with_slowest(simulate: Callable[..., Trace]) -> Trace:
    """Return what *simulate* returns, with the timelines of its slowest requests too.

    Which these are is known only in the end. As the same arguments always give the same trace, they
    are simulated once more, with ``also`` the numbers of those that are not among the first. A run
    of more than :data:`MANY` attempts is not: that would double its time and memory.
    """
    trace = simulate(timeline=TIMELINE)
    if len(trace) > MANY:
        return trace
    numbers = trace.requests.request[slowest(trace)]
    late = frozenset(numbers[numbers > TIMELINE].tolist())
    if not late:
        return trace
    return replace(trace, segments=simulate(timeline=TIMELINE, also=late).segments)
