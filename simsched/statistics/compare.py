"""Servers held against a baseline: each met the same requests, so replications are paired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from simsched.statistics import holm
from simsched.statistics.contrast import Contrast, Pair
from simsched.statistics.measurement import Measurement
from simsched.statistics.summary import Comparison, ServerSummary

Holding = Callable[[Measurement, Measurement], Contrast]
"""How two measurements are held against each other."""


@dataclass(frozen=True, slots=True)
class Rivals:
    """A server and whom it is held against, for a class of requests; None is every one."""

    server: ServerSummary
    baseline: ServerSummary
    request: str | None = None

    def measured(self, metric: str) -> tuple[Measurement, Measurement] | None:
        """Return both measurements of *metric*; None where one of them has none."""
        ours, theirs = (self._measurements(one).get(metric) for one in (self.server, self.baseline))
        return None if ours is None or theirs is None else (ours, theirs)

    def _measurements(self, one: ServerSummary) -> Mapping[str, Measurement]:
        if self.request is None:
            return one.measurements
        found = one.classes.get(self.request)
        return {} if found is None else found.measurements


def compare(
    baseline: ServerSummary, others: Iterable[ServerSummary], confidence: float = 0.95
) -> tuple[Comparison, ...]:
    """Return every metric of every server in *others* against *baseline*'s, server by server.

    The servers are tested together on each metric, and intervals widened, by Holm's procedure.

    Raises:
        ValueError: two servers were not measured in the same number of replications.
    """
    return hold([Rivals(one, baseline) for one in others], [*baseline.estimates], confidence)


def compare_classes(
    baseline: ServerSummary, others: Iterable[ServerSummary], confidence: float = 0.95
) -> tuple[Comparison, ...]:
    """Return the same for each class of requests, server by server and class by class.

    All servers and classes are tested together on each metric. Where all requests are of one class
    there is nothing to tell.

    Raises:
        ValueError: two servers were not measured in the same number of replications.
    """
    classes = [*baseline.classes]
    rivals = [
        Rivals(one, baseline, name) for one in others for name in classes if name in one.classes
    ]
    metrics = [*baseline.classes[classes[0]].estimates] if classes else []
    return hold(rivals, metrics, confidence)


def hold(
    rivals: Sequence[Rivals],
    metrics: Iterable[str],
    confidence: float,
    against: Holding = Pair,
) -> tuple[Comparison, ...]:
    """Return every one of *metrics* that both of some *rivals* have, pair of rivals by pair.

    All rivals are tested together on each metric, at *confidence*.
    """
    by_metric = [_of_one_metric(metric, rivals, confidence, against) for metric in metrics]
    return tuple(found[i] for i in range(len(rivals)) for found in by_metric if i in found)


def _of_one_metric(
    metric: str, rivals: Sequence[Rivals], confidence: float, against: Holding
) -> dict[int, Comparison]:
    """Return the comparison of each pair of rivals that has the metric, by position."""
    measured = {i: found for i, each in enumerate(rivals) if (found := each.measured(metric))}
    pairs = {i: against(*found) for i, found in measured.items()}
    told = {i: p for i, pair in pairs.items() if (p := pair.p_value) is not None}
    p_values = dict(zip(told, holm.adjusted([*told.values()]), strict=True))
    levels = dict(zip(told, holm.levels([*told.values()], 1 - confidence), strict=True))
    return {
        i: Comparison(
            metric,
            rivals[i].server.server,
            rivals[i].baseline.server,
            pair.difference(1 - levels.get(i, 1 - confidence)),
            pair.ratio(1 - levels.get(i, 1 - confidence)),
            p_values.get(i),
            rivals[i].request,
        )
        for i, pair in pairs.items()
    }
