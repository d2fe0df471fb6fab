"""How servers stand, where the evidence tells: in order, and which is best in a metric."""

from __future__ import annotations

from simsched.experiment.result import Result
from simsched.experiment.runner import contenders_of
from simsched.report.metric import Metric
from simsched.statistics import ranking
from simsched.statistics.measurement import NOTHING_COMPLETED
from simsched.statistics.summary import ServerSummary


def best(result: Result, shown: Metric) -> str | None:
    """Return the server that is best in a metric; None where there is no best, or none is proven.

    Servers that were not simulated together have no ranking, and no best.
    """
    if shown.better is None or not result.ranking:
        return None
    servers = tuple(result.servers.values())
    higher = shown.better == "higher"
    certain = all(each.is_certain for each in contenders_of(result.scenarios))
    return ranking.best(
        servers, shown.name, higher=higher, confidence=result.confidence, certain=certain
    )


def ranked(result: Result) -> str | None:
    """Return how more than two servers stand, in a sentence; None where that cannot be told."""
    silent = {name for name, one in result.servers.items() if _is_silent(one)}
    return ranking.sentence(result.ranking, silent)


def _is_silent(one: ServerSummary) -> bool:
    """Say whether a server answered nobody; of one that cannot keep up there are no means."""
    mean = one.estimates.get("response_time_s.mean")
    return mean is not None and mean.reason == NOTHING_COMPLETED
