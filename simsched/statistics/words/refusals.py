"""Why a figure, or its interval, is missing."""

from __future__ import annotations

from collections.abc import Sequence

from simsched.statistics.words.numbers import counted, is_or_are

BEYOND = "its interval reaches beyond the points of the run"
EMPTY = "a replication without completed requests"
CORRELATED = (
    "the run is too short for an interval: its batches are correlated; run longer, or ask for "
    "replications"
)
TAU = "Kendall's tau of a batch is not that of a run; ask for replications"
WAITS_FOR_EVER = "some wait for ever: deadlock"
NOT_RETRIED = "no request was tried again"


def few_points(quantile: str, needed: int, count: int) -> str:
    """Return that *count* completed requests are too few for a quantile."""
    found = is_or_are(count) if count else "there is none"
    return f"{quantile} needs at least {counted(needed, 'completed request')}; {found}"


def few_in_each(quantile: str, needed: int, replications: int) -> str:
    """Return how many completed requests the interval of a quantile needs in each replication."""
    each = counted(needed, "completed request")
    return f"an interval for {quantile} needs {each} in each of {replications} replications"


def few_together(quantile: str, needed: int, count: int) -> str:
    """Return that *count* completed requests are too few for the interval of a quantile."""
    requests = counted(needed, "completed request")
    return f"an interval for {quantile} needs {requests}; {is_or_are(count)}"


def no_interval(titles: Sequence[str], reason: str) -> str:
    """Return which figures have no interval, and why."""
    *first, last = titles
    figures = f"{', '.join(first)} and {last}" if first else last
    return f"{figures} {'have' if first else 'has'} no interval: {reason}"
