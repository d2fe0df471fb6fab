"""Requests that never got an answer, or took several attempts, and the warnings about them.

Response times are of the requests that were answered. A server that turns most away, or whose
clients give up on it, may answer the rest quickly: that says little of how it serves. Others were
still being served when the run ended, or were deadlocked.
"""

from __future__ import annotations

from collections.abc import Sequence

from simsched.engine.trace import Status
from simsched.scenario.model.workload import Workload
from simsched.statistics.replication import Replication
from simsched.statistics.stability import Load
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import comparison as words
from simsched.statistics.words import warnings

FAILED = "failed_fraction"

MATERIAL = 0.01
"""A smaller share of lost requests changes no mean or quantile by much."""

_COMPLETED = Status.COMPLETED.name.lower()
_FATES = (Status.REFUSED, Status.TIMED_OUT, Status.FAILED, Status.CANCELLED)


def share(server: ServerSummary, request: str | None = None, stream: str | None = None) -> float:
    """Return the share of requests that ended without an answer, of a class or stream if named.

    Where no request came to an end it is 0.
    """
    found = server.part(request, stream).estimates.get(FAILED)
    return 0.0 if found is None or found.value is None else found.value


def is_material(server: ServerSummary) -> bool:
    """Return whether so many requests were lost that the others do not stand for all."""
    return share(server) > MATERIAL


def warning(server: ServerSummary) -> str | None:
    """Return a sentence if a material share of the requests was lost, else None."""
    if not is_material(server):
        return None
    total = sum(server.requests.values())
    counts = {status: server.requests.get(status.name.lower(), 0) for status in _FATES}
    fates = {status.name.lower().replace("_", " "): count for status, count in counts.items()}
    name, is_cut = server.server, _is_cut(server)
    if share(server) < 1:
        has_times = not server.unstable
        return warnings.lost(name, share(server), fates, is_cut=is_cut, has_times=has_times)
    if server.requests.get(_COMPLETED):
        return warnings.nothing_answered_after_warmup(name, fates, is_cut=is_cut)
    return warnings.nothing_answered(name, total, fates)


def _is_cut(server: ServerSummary) -> bool:
    """Say whether requests are counted that a warm-up leaves out of the figures."""
    return any(cut.requests for cut in server.warmup)


def comparison(baseline: ServerSummary, other: ServerSummary) -> str | None:
    """Return a sentence on who answers how many, if either loses a material share, else None."""
    if not (is_material(baseline) or is_material(other)):
        return None
    ours, theirs = (1 - share(each) for each in (other, baseline))
    return words.answered((other.server, baseline.server), (ours, theirs))


MANY_RETRIES = 0.01
"""Fewer repeated attempts, as a share of the requests, are not worth a sentence."""


def retried(load: Load | None, server: ServerSummary) -> str | None:
    """Return a sentence if repeated attempts brought more than the *load* counts, else None.

    A load counts requests, but each attempt is work.
    """
    requests = sum(server.requests.values())
    # Without a rate there is no load that more attempts would raise.
    if load is None or server.attempts is None or server.attempts < requests * (1 + MANY_RETRIES):
        return None
    with_them = load.utilisation * server.attempts / requests
    return warnings.retried(server.server, requests, server.attempts, load.utilisation, with_them)


FEW_UNFINISHED = 0.01
"""A smaller share of the requests is what is in flight at any moment of a stable server."""


def unfinished(
    server: ServerSummary, runs: Sequence[Replication], workload: Workload, load: Load | None
) -> str | None:
    """Return a sentence if more requests were unfinished than at any moment of the run.

    Some requests are always being served at the end of a run: of a closed workload each user's
    latest request, of an open one those in flight.
    """
    count = server.requests.get(Status.UNFINISHED.name.lower(), 0)
    total = sum(server.requests.values())
    if not count or _is_usual(runs, workload, load, count / total):
        return None
    mean = server.estimates.get("response_time_s.mean")
    answered = bool(server.requests.get(_COMPLETED, 0))
    has_times = answered and (mean is None or mean.value is not None)
    return warnings.unfinished(server.server, count, total, has_times=has_times)


def _is_usual(
    runs: Sequence[Replication], workload: Workload, load: Load | None, share: float
) -> bool:
    # What is stuck is not simply cut off by the end of the run.
    if any(run.deadlock is not None for run in runs):
        return False
    sources = workload.sources.values()
    users = sum(one.closed.most_users for one in sources if one.closed is not None)
    if users:  # of requests beside theirs a few are in flight, too
        at_most = users + (FEW_UNFINISHED * runs[0].requests if len(sources) > 1 else 0)
        return max(run.statuses[Status.UNFINISHED] for run in runs) <= at_most
    settles = all(one.duration is not None for one in sources) and load is not None and load.stable
    return settles and share < FEW_UNFINISHED


SHOWN = 3
"""For how many requests of a deadlock the warning says what they wait for."""


def deadlocked(label: str, runs: Sequence[Replication]) -> str | None:
    """Return a sentence if requests were deadlocked, else None."""
    found = [run.deadlock for run in runs if run.deadlock is not None]
    if not found:
        return None
    waits = [str(wait) for wait in found[0].waits[:SHOWN]]
    return warnings.deadlock(label, len(found), len(runs), found[0].stuck, waits)
