"""What a load means where clients try again: it counts requests, and each attempt is work."""

from __future__ import annotations

from simsched.statistics.stability import Load
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import warnings as words

MANY = 0.01
"""Fewer repeated attempts, as a share of the requests, are not worth a sentence."""


def warning(load: Load | None, server: ServerSummary) -> str | None:
    """Return a sentence if repeated attempts brought more than the *load* tells, else None."""
    requests = sum(server.requests.values())
    if load is None or server.attempts is None or server.attempts < requests * (1 + MANY):
        return None
    with_them = load.utilisation * server.attempts / requests
    return words.retried(server.server, requests, server.attempts, load.utilisation, with_them)
