"""What a load means where clients try again: it counts requests, and each attempt is work."""

from __future__ import annotations

from simsched.statistics.stability import Load
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words.numbers import counted

MANY = 0.01
"""Fewer repeated attempts, as a share of the requests, are not worth a sentence."""


def warning(load: Load | None, server: ServerSummary) -> str | None:
    """Return a sentence if repeated attempts brought more than the *load* tells, else None."""
    requests = sum(server.requests.values())
    if load is None or server.attempts is None or server.attempts < requests * (1 + MANY):
        return None
    with_them = load.utilisation * server.attempts / requests
    return (
        f"{server.server}: {counted(requests, 'request')} took {server.attempts:,} attempts; the "
        f"load of {load.utilisation:.0%} counts each request once, with every attempt it is up to "
        f"{with_them:.0%}"
    )
