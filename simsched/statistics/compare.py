"""Servers held against a baseline: each met the same requests, so replications are paired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simsched.statistics import holm
from simsched.statistics.paired import Pair
from simsched.statistics.summary import Comparison, ServerSummary


def compare(
    baseline: ServerSummary, others: Iterable[ServerSummary], confidence: float = 0.95
) -> tuple[Comparison, ...]:
    """Return every metric of every server in *others* against *baseline*'s, server by server.

    The intervals of one metric hold together at *confidence*, by Holm's procedure.

    Raises:
        ValueError: two servers were not measured in the same number of replications.
    """
    others = tuple(others)
    by_metric = [
        _of_one_metric(metric, baseline, others, confidence) for metric in baseline.estimates
    ]
    return tuple(metric[i] for i in range(len(others)) for metric in by_metric)


def _of_one_metric(
    metric: str, baseline: ServerSummary, others: Sequence[ServerSummary], confidence: float
) -> list[Comparison]:
    pairs = {
        one.server: Pair(one.measurements[metric], baseline.measurements[metric]) for one in others
    }
    told = {server: p for server, pair in pairs.items() if (p := pair.p_value) is not None}
    p_values = dict(zip(told, holm.adjusted([*told.values()]), strict=True))
    levels = dict(zip(told, holm.levels([*told.values()], 1 - confidence), strict=True))
    return [
        Comparison(
            metric,
            server,
            baseline.server,
            pair.difference(1 - levels.get(server, 1 - confidence)),
            pair.ratio(1 - levels.get(server, 1 - confidence)),
            p_values.get(server),
        )
        for server, pair in pairs.items()
    ]
