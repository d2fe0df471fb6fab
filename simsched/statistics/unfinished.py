"""Requests that the end of a run cut off, and whether that is worth a word."""

from __future__ import annotations

from collections.abc import Sequence

from simsched.engine.trace import Status
from simsched.statistics.contender import Contender
from simsched.statistics.replication import Replication
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import warnings as words

FEW = 0.01
"""A smaller share of the requests is what is in flight at any moment of a stable server."""


def warning(contender: Contender, server: ServerSummary, runs: Sequence[Replication]) -> str | None:
    """Return a sentence if more requests were unfinished than at any moment of the run.

    Some requests are always being served at the end of a run: of a closed workload each user's
    latest request, of an open one those in flight.
    """
    count = server.requests.get(Status.UNFINISHED.name.lower(), 0)
    total = sum(server.requests.values())
    if not count or _is_usual(contender, runs, count / total):
        return None
    return words.unfinished(server.server, count, total, has_times=_has_response_times(server))


def _has_response_times(server: ServerSummary) -> bool:
    mean = server.estimates.get("response_time_s.mean")
    completed = server.requests.get(Status.COMPLETED.name.lower(), 0)
    return bool(completed) and (mean is None or mean.value is not None)


def _is_usual(contender: Contender, runs: Sequence[Replication], share: float) -> bool:
    if any(run.deadlock is not None for run in runs):
        return False
    workload, load = contender.scenario.workload, contender.load
    if workload.closed is not None:
        return max(run.statuses[Status.UNFINISHED] for run in runs) <= workload.closed.most_users
    return workload.duration is not None and share < FEW and load is not None and load.stable
