"""Quantiles of response times, over replications and of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import half_width
from simsched.statistics.measurement import Measurement, mean, refused
from simsched.statistics.sections import measured, too_few
from simsched.statistics.words import refusals
from simsched.units import SECOND
from simsched.workload.columns import Floats, Int64s

WIDEST = 1 - 1e-9
"""The points are kept that an interval of this confidence would need."""


def quantiles(values: Int64s, probabilities: Sequence[float]) -> Floats:
    """Return the quantiles of *values*, NaN where there are none.

    Linear interpolation between order statistics, as numpy and pandas do unless told otherwise, so
    that anyone can check them against ``requests.parquet`` (Hyndman & Fan, The American
    Statistician 50, 1996, definition 7).
    """
    return _of_sorted(np.sort(values), probabilities)  # quicker than to select several


def _of_sorted(ordered: Int64s, probabilities: Sequence[float]) -> Floats:
    if not len(ordered):
        return np.full(len(probabilities), np.nan)
    place = np.asarray(probabilities, dtype=np.float64) * (len(ordered) - 1)
    below = np.floor(place).astype(np.int64)
    low, high = ordered[below], ordered[np.minimum(below + 1, len(ordered) - 1)]
    return _between(low, high, place - below)


def _between(low: Int64s, high: Int64s, share: Floats) -> Floats:
    """Return *share* of the way from *low* to *high*, from the nearer end, to round as numpy."""
    step = high - low
    found: Floats = np.where(share < 0.5, low + step * share, high - step * (1 - share))  # noqa: PLR2004
    return found


@dataclass(frozen=True, eq=False)
class Sample:
    """The times of one replication, in nanoseconds.

    Attributes:
        count: how many there are.
        quantiles: by probability, those that were asked for; NaN of none.
        points: all of them, sorted; None where they are no longer held.
    """

    count: int
    quantiles: Mapping[float, float]
    points: Int64s | None

    @classmethod
    def of(cls, values: Int64s, probabilities: Sequence[float]) -> Sample:
        """Return the sample of *values*, with its quantiles at *probabilities*."""
        points = np.sort(values)
        found = dict(zip(probabilities, _of_sorted(points, probabilities).tolist(), strict=True))
        return cls(len(points), found, points)

    def without_points(self) -> Sample:
        """Return the sample without its points."""
        return replace(self, points=None)


def pooled(samples: Sequence[Sample], probabilities: Sequence[float]) -> list[Measurement]:
    """Return quantiles, in seconds, over the *samples* of all replications.

    While the points are held they are the quantiles of all of them together, with the intervals of
    :mod:`simsched.statistics.sections`. Otherwise they are the means of each replication's own
    quantiles, which samples so large hardly bias.
    """
    held = [one.points for one in samples if one.points is not None]
    if len(held) == len(samples):
        return measured(Held(held), probabilities)
    return [_averaged(samples, probability) for probability in probabilities]


def together(samples: Sequence[Sample], probabilities: Sequence[float]) -> Floats:
    """Return (Q,) quantiles of all *samples* together, in nanoseconds; their points are held."""
    points = [one.points for one in samples if one.points is not None]
    return Held(points).quantiles(probabilities)


def _averaged(samples: Sequence[Sample], probability: float) -> Measurement:
    sections = np.array([one.quantiles[probability] for one in samples]) / SECOND
    reason = too_few(sum(one.count for one in samples), probability)
    if reason is not None:
        return refused(sections, reason, is_short=not np.isnan(sections).any())
    return mean(sections)


@dataclass(frozen=True, eq=False)
class Held:
    """The :class:`simsched.statistics.sections.Points` of replications: a sorted array for each."""

    columns: Sequence[Int64s]

    @cached_property
    def counts(self) -> Floats:
        """(R,) how many there are in each replication."""
        return np.array([len(column) for column in self.columns], dtype=np.float64)

    @cached_property
    def _together(self) -> Int64s:
        return self.columns[0] if len(self.columns) == 1 else np.sort(np.concatenate(self.columns))

    def quantiles(self, probabilities: Sequence[float]) -> Floats:
        """Return (Q,) the quantiles of all together."""
        return _of_sorted(self._together, probabilities)

    def of_each(self, probabilities: Sequence[float]) -> Floats:
        """Return (R, Q) the quantiles of each replication."""
        return np.array([_of_sorted(column, probabilities) for column in self.columns])

    def up_to(self, limit_ns: float) -> Floats:
        """Return (R,) how many are at or below the limit in each replication."""
        counts = [np.searchsorted(column, limit_ns, side="right") for column in self.columns]
        return np.array(counts, dtype=np.float64)


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
        half = half_width(self.below, confidence) if self.influence is not None else None
        if half is None:
            return Estimate(self.value, reason=self.reason)
        first, last = _ranks(self.count, self.probability, half)
        kept = self.before < first and last <= self.before + len(self.points)
        if not kept:
            return Estimate(self.value, reason=refusals.BEYOND)
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
