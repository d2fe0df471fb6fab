"""Which server is best in a metric, where the evidence lets one be called so."""

from __future__ import annotations

from simsched.experiment.result import Result
from simsched.report.metric import Metric
from simsched.statistics import ranking


def best(result: Result, shown: Metric) -> str | None:
    """Return the server that is best in a metric; None where there is no best, or none is proven.

    Servers that were not simulated together have no ranking, and no best.
    """
    if shown.better is None or not result.ranking:
        return None
    servers = tuple(result.servers.values())
    higher = shown.better == "higher"
    return ranking.best(servers, shown.name, higher=higher, confidence=result.confidence)
