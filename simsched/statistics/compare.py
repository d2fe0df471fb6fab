"""Servers compared with a baseline: each met the same requests, so replications are paired.

Several comparisons are tested together, so that none looks like a difference by the luck of many
tries. Holm's step-down procedure: the smallest of m p-values is compared with alpha / m, the next
one with alpha / (m - 1), and so on until one is not significant. The chance of finding any
difference where there is none is then at most alpha.

The intervals follow the same steps, so that one leaves zero out exactly where the procedure shows a
difference. Each covers its truth at least as often as it says. That *all* of them do at once is not
promised: where every difference is shown, the last of them is as narrow as if it were alone.

Sources: Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
Statistics 6, 1979; Efird & Nielsen, International Journal of Environmental Research and Public
Health 5 (5), 2008 (intervals at the level of each step).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from simsched.statistics.contrast import Contrast, Pair
from simsched.statistics.measurement import Measurement
from simsched.statistics.summary import Comparison, ServerSummary

Holding = Callable[[Measurement, Measurement], Contrast]
"""How two measurements are compared."""


@dataclass(frozen=True, slots=True)
class Rivals:
    """A server and what it is compared with, for a class of requests; None is every one."""

    server: ServerSummary
    baseline: ServerSummary
    request: str | None = None

    def measured(self, metric: str) -> tuple[Measurement, Measurement] | None:
        """Return both measurements of *metric*; None where one of them has none."""
        ours, theirs = (one.measured(metric, self.request) for one in (self.server, self.baseline))
        return None if ours is None or theirs is None else (ours, theirs)


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
    there is nothing to compare.

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
    # A class may be unknown to one of the two, so some rivals have no such metric.
    measured = {i: found for i, each in enumerate(rivals) if (found := each.measured(metric))}
    pairs = {i: against(*found) for i, found in measured.items()}
    # Pairs that cannot be tested do not count among the tests, which would weaken the others.
    tested = {i: p for i, pair in pairs.items() if (p := pair.p_value) is not None}
    p_values = dict(zip(tested, adjusted([*tested.values()]), strict=True))
    levels = dict(zip(tested, error_rates([*tested.values()], 1 - confidence), strict=True))
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


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Return each of *p_values* as it counts among the others: at most alpha means a difference."""
    count = len(p_values)
    result = [0.0] * count
    highest = 0.0
    for step, i in enumerate(_ascending(p_values)):
        # Holm's adjusted p-values never fall, however the steps do.
        highest = max(highest, min(1.0, (count - step) * p_values[i]))
        result[i] = highest
    return result


def error_rates(p_values: Sequence[float], alpha: float) -> list[float]:
    """Return the error rate of each interval.

    They stop growing at the first that shows no difference.
    """
    count = len(p_values)
    result = [0.0] * count
    level, going = alpha / max(1, count), True
    for step, i in enumerate(_ascending(p_values)):
        if going:
            level = alpha / (count - step)
        # Holm stops at the first p-value that is too large: no later one may be significant.
        going = going and p_values[i] <= level
        result[i] = level
    return result


def _ascending(p_values: Sequence[float]) -> list[int]:
    return sorted(range(len(p_values)), key=p_values.__getitem__)
