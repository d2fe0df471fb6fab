"""Requests that never got an answer, and what that leaves of the figures of those that did.

Response times are of the requests that were answered. A server that turns most away, or whose
clients give up on it, may answer the rest quickly: that says little of how it serves.
"""

from __future__ import annotations

from simsched.engine.trace import Status
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import comparison as words
from simsched.statistics.words import warnings

FAILED = "failed_fraction"

MATERIAL = 0.01
"""A smaller share of lost requests changes no mean or quantile by much."""

_COMPLETED = Status.COMPLETED.name.lower()
_FATES = (Status.REFUSED, Status.TIMED_OUT, Status.FAILED, Status.CANCELLED)


def share(server: ServerSummary, request: str | None = None) -> float:
    """Return the share of requests that ended without an answer, of one class if it is named.

    Where no request came to an end it is 0.
    """
    one = server.classes.get(request) if request is not None else None
    found = (server if one is None else one).estimates.get(FAILED)
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
