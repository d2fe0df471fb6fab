"""One long run as if it were many: consecutive batches stand in for replications.

The window is cut into batches of equal time. Their means are nearly independent once a batch is
long against the memory of the system; whether it is, is checked on the batches themselves, and
where it is not the interval is refused.

Sources: Schmeiser, Batch size effects in the analysis of simulation output, Operations Research 30
(3), 1982 (10 to 30 batches suffice); von Neumann, Annals of Mathematical Statistics 12, 1941, and
Fishman, Grouping observations in digital simulation, Management Science 24 (5), 1978 (the check).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from simsched.scenario.metrics import quantile_name, time_spent_name
from simsched.statistics.interval import refusal
from simsched.statistics.measurement import Measurement
from simsched.statistics.metrics import measure
from simsched.statistics.observation import Asked, Observation
from simsched.statistics.quantile import Sample, by_order_statistics
from simsched.statistics.words import refusals as words


def measure_run(run: Observation, asked: Asked) -> dict[str, Measurement]:
    """Return every metric of one *run*: values from the whole, influences from its batches."""
    whole = measure([run], asked)
    if not run.batches:
        return whole
    pieces = measure(run.batches, asked)
    together = {metric: joined(metric, whole[metric], pieces[metric]) for metric in whole}
    for metric, probability, samples in _quantiles(run.batches, asked):
        points = [one.points for one in samples if one.points is not None]
        if len(points) == len(samples):
            ordered = np.sort(np.concatenate(points))
            measured = together[metric]
            together[metric] = by_order_statistics(measured, points, ordered, probability)
    return together


def _quantiles(
    cut: Sequence[Observation], asked: Asked
) -> Iterator[tuple[str, float, list[Sample]]]:
    """Yield the quantiles by name, with their probability and the samples that they are of."""
    for probability in asked.responses:
        name = f"response_time_s.{quantile_name(probability)}"
        yield name, probability, [one.responses for one in cut]
    for part, probability in asked.parts:
        name = time_spent_name(quantile_name(probability), part)
        yield name, probability, [one.parts[part, probability] for one in cut]


def joined(metric: str, whole: Measurement, parts: Measurement) -> Measurement:
    """Return *metric* of a *whole* run with the influences of its *parts*, or why it has none."""
    if whole.value is None or whole.influence is None:
        return whole
    if metric == "order.kendall_tau":
        return _short(whole, words.TAU)
    if parts.influence is None:
        return _short(whole, parts.reason)
    if (correlated := refusal(parts.influence)) is not None:
        return _short(whole, correlated)
    return replace(whole, influence=parts.influence)


def _short(whole: Measurement, reason: str | None) -> Measurement:
    """Return *whole* without an interval: replications would give it one."""
    return replace(whole, influence=None, reason=reason, is_short=True)
