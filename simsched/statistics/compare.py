"""Servers held against a baseline: each met the same requests, so replications are paired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simsched.statistics import holm
from simsched.statistics.measurement import Measurement
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
    return _compared(baseline, [(one, None) for one in others], [*baseline.estimates], confidence)


def compare_classes(
    baseline: ServerSummary, others: Iterable[ServerSummary], confidence: float = 0.95
) -> tuple[Comparison, ...]:
    """Return the same for each class of requests, server by server and class by class.

    The intervals of one metric hold together over all servers and classes. Where all requests are
    of one class there is nothing to tell.

    Raises:
        ValueError: two servers were not measured in the same number of replications.
    """
    classes = [*baseline.classes]
    rivals = [(one, name) for one in others for name in classes if name in one.classes]
    metrics = [*baseline.classes[classes[0]].estimates] if classes else []
    return _compared(baseline, rivals, metrics, confidence)


_Rival = tuple[ServerSummary, str | None]
"""A server, and the class of requests that it is looked at for; None is every one."""


def _compared(
    baseline: ServerSummary, rivals: Sequence[_Rival], metrics: Iterable[str], confidence: float
) -> tuple[Comparison, ...]:
    by_metric = [_of_one_metric(metric, baseline, rivals, confidence) for metric in metrics]
    return tuple(metric[i] for i in range(len(rivals)) for metric in by_metric)


def _of_one_metric(
    metric: str, baseline: ServerSummary, rivals: Sequence[_Rival], confidence: float
) -> list[Comparison]:
    pairs = [
        Pair(_measurement(one, request, metric), _measurement(baseline, request, metric))
        for one, request in rivals
    ]
    told = {i: p for i, pair in enumerate(pairs) if (p := pair.p_value) is not None}
    p_values = dict(zip(told, holm.adjusted([*told.values()]), strict=True))
    levels = dict(zip(told, holm.levels([*told.values()], 1 - confidence), strict=True))
    return [
        Comparison(
            metric,
            one.server,
            baseline.server,
            pair.difference(1 - levels.get(i, 1 - confidence)),
            pair.ratio(1 - levels.get(i, 1 - confidence)),
            p_values.get(i),
            request,
        )
        for i, ((one, request), pair) in enumerate(zip(rivals, pairs, strict=True))
    ]


def _measurement(server: ServerSummary, request: str | None, metric: str) -> Measurement:
    one = server if request is None else server.classes[request]
    return one.measurements[metric]
