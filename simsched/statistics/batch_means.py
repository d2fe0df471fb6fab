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
from dataclasses import dataclass, field, replace

import numpy as np

from simsched.scenario.metrics import quantile_name, time_spent_name
from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import half_width, refusal
from simsched.statistics.measurement import Measurement
from simsched.statistics.metrics import measure
from simsched.statistics.observation import Asked, Observation
from simsched.statistics.quantile import Sample
from simsched.statistics.words import refusals as words
from simsched.units import SECOND
from simsched.workload.arrays import Floats, Int64s


def measure_run(run: Observation, asked: Asked) -> dict[str, Measurement]:
    """Return every metric of one *run*: values from the whole, influences from its batches."""
    whole = measure([run], asked)
    if not run.batches:
        return whole
    pieces = measure(run.batches, asked, run)
    together = {metric: joined(metric, whole[metric], pieces[metric]) for metric in whole}
    for probabilities, sample, samples in _quantiles(run, asked):
        points = [one.points for one in samples if one.points is not None]
        if sample.points is not None and len(points) == len(samples):
            for metric, probability in probabilities.items():
                measured = together[metric]
                together[metric] = by_order_statistics(measured, points, sample.points, probability)
    return together


def _quantiles(
    run: Observation, asked: Asked
) -> Iterator[tuple[dict[str, float], Sample, list[Sample]]]:
    """Yield the probabilities of quantiles by name, and the samples of the run and its batches."""
    responses = {f"response_time_s.{quantile_name(each)}": each for each in asked.responses}
    yield responses, run.responses, [one.responses for one in run.batches]
    for part, probability in asked.parts:
        name = time_spent_name(quantile_name(probability), part)
        of_part = [one.parts[part, probability] for one in run.batches]
        yield {name: probability}, run.parts[part, probability], of_part


def joined(metric: str, whole: Measurement, parts: Measurement) -> Measurement:
    """Return *metric* of a *whole* run with the influences of its *parts*, or why it has none."""
    if whole.value is None or whole.influence is None:
        return whole
    # Pairs of requests in different batches are in no batch, so batches do not make up the whole.
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


WIDEST = 1 - 1e-9
"""The points are kept that an interval of this confidence would need."""


@dataclass(frozen=True, eq=False)
class OrderStatistics(Measurement):
    """A quantile of one run, whose interval lies between two of its points.

    Attributes:
        probability: of the quantile.
        count: how many points the run has.
        before: how many of them are less than those that are kept.
        points: response times in nanoseconds, sorted: those that an interval may end at.
        below: (B,) how far each batch pulls the share of points at or below the quantile.
    """

    probability: float = 0.5
    count: int = 0
    before: int = 0
    points: Int64s = field(default_factory=lambda: np.empty(0, np.int64))
    below: Floats = field(default_factory=lambda: np.empty(0))

    def estimate(self, confidence: float, low: float = -np.inf, high: float = np.inf) -> Estimate:
        """Return the value between the points that an interval of the share's own names."""
        # The interval is that of the share at or below the quantile; its ends are points.
        half = half_width(self.below, confidence) if self.influence is not None else None
        if half is None:
            return Estimate(self.value, reason=self.reason)
        first, last = _ranks(self.count, self.probability, half)
        kept = self.before < first and last <= self.before + len(self.points)
        if not kept:
            return Estimate(self.value, reason=words.BEYOND)
        ends = self.points[[first - 1 - self.before, last - 1 - self.before]] / SECOND
        return Estimate(self.value, max(low, float(ends[0])), min(high, float(ends[1])))


def _ranks(count: int, probability: float, half: float) -> tuple[int, int]:
    """Return the ranks, from 1, of the points that a share *half* to each side comes to."""
    return int(np.floor(count * (probability - half))), int(np.ceil(count * (probability + half)))


def by_order_statistics(
    measured: Measurement, batches: Sequence[Int64s], ordered: Int64s, probability: float
) -> Measurement:
    """Return a quantile of one run with an interval between two of its order statistics.

    *ordered* are the points of all *batches*, sorted; those are kept that an interval may end at.

    The share of points at or below the quantile is a mean, so batches give its standard error, in
    which the correlation of neighbours has its part; for independent points it is the binomial's,
    and the interval the classical one (David & Nagaraja, Order Statistics, 3rd ed., 2003, section
    7.1). Source: Heidelberger & Lewis, Quantile estimation in dependent sequences, Operations
    Research 32 (1), 1984.
    """
    if measured.value is None or measured.influence is None:
        return measured
    counts = np.array([len(batch) for batch in batches], dtype=np.float64)
    # Points are in nanoseconds, figures in seconds.
    limit = measured.value * SECOND
    low = np.array([np.count_nonzero(batch <= limit) for batch in batches], dtype=np.float64)
    below = (low - probability * counts) / counts.mean()
    first, last = _ranks(len(ordered), probability, half_width(below, WIDEST) or 0.0)
    return OrderStatistics(
        measured.value,
        measured.replications,
        measured.influence,
        probability=probability,
        count=len(ordered),
        before=max(0, first - 1),
        points=ordered[max(0, first - 1) : last].copy(),
        below=below,
    )
