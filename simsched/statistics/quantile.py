"""Quantiles of response times over replications, and how far each replication pulls them.

Where each replication has points enough beyond a quantile, its own quantile is compared with that
of all together: sectioning. The quantile of a few points lies too near to their middle, in every
replication alike, so that sections of thin replications agree with each other and not with the
truth. There the share of a replication's points at or below the quantile of all gives how far it
pulls, times the slope of the quantile function of all points (Bahadur's representation), taken
over as much of it as the share's own interval spans.

Sources: sectioning, Asmussen & Glynn, Stochastic Simulation, 2007, section III.5, and Nakayama, ACM
TOMACS 24 (4), 2014; shares, Bahadur, A note on quantiles in large samples, Annals of Mathematical
Statistics 37 (3), 1966; the slope, Bloch & Gastwirth, On a simple estimate of the reciprocal of the
density function, Annals of Mathematical Statistics 39 (3), 1968.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from simsched.scenario.metrics import quantile_name
from simsched.statistics.interval import half_width
from simsched.statistics.measurement import Measurement, mean, refused
from simsched.statistics.words import refusals
from simsched.units import SECOND
from simsched.workload.columns import Floats, Int64s

TAIL = 5
"""A quantile in a tail needs this many points beyond it, and in each replication for sections."""

SHARED = 10
"""Shares of thin replications need this many points beyond the quantile, of all together."""

FEWEST = 5
"""Shares of fewer replications than this do not show how they spread."""

SPAN = 0.95
"""The slope is taken over an interval of this confidence, as wide as most intervals are."""


def quantiles(values: Int64s, probabilities: Sequence[float]) -> Floats:
    """Return the quantiles of *values*, NaN where there are none.

    Linear interpolation between order statistics, as numpy and pandas do by default, so
    that anyone can check them against ``requests.parquet`` (Hyndman & Fan, The American
    Statistician 50, 1996, definition 7).
    """
    return _of_sorted(np.sort(values), probabilities)  # quicker than to select several


def _of_sorted(ordered: Int64s, probabilities: Sequence[float]) -> Floats:
    if not len(ordered):
        return np.full(len(probabilities), np.nan)
    # As np.quantile does to the last bit, but that partitions anew what is sorted.
    place = np.asarray(probabilities) * (len(ordered) - 1)
    first = np.floor(place).astype(np.int64)
    low, high = ordered[first], ordered[np.minimum(first + 1, len(ordered) - 1)]
    between = place - first
    step = high - low
    near_low: Floats = low + step * between
    return np.where(between < 0.5, near_low, high - step * (1 - between))  # noqa: PLR2004


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
        return cls._of_sorted(np.sort(values), probabilities)

    @classmethod
    def joined(cls, batches: Sequence[Sample], probabilities: Sequence[float]) -> Sample:
        """Return the sample of what is in all *batches*, whose points are held."""
        points = [one.points for one in batches if one.points is not None]
        return cls._of_sorted(merged(points), probabilities)

    @classmethod
    def _of_sorted(cls, points: Int64s, probabilities: Sequence[float]) -> Sample:
        found = dict(zip(probabilities, _of_sorted(points, probabilities).tolist(), strict=True))
        return cls(len(points), found, points)

    def without_points(self) -> Sample:
        """Return the sample without its points."""
        return replace(self, points=None)


def pooled(
    samples: Sequence[Sample], probabilities: Sequence[float], whole: Sample | None = None
) -> list[Measurement]:
    """Return quantiles, in seconds, over the *samples* of all replications.

    Where these are the batches of one run, its *whole* sample saves sorting them together.

    While the points are held they are the quantiles of all of them together, with the intervals of
    this module. Otherwise they are the means of each replication's own quantiles, which samples so
    large hardly bias.
    """
    held = [one.points for one in samples if one.points is not None]
    if len(held) == len(samples):
        return measured(Held(held, None if whole is None else whole.points), probabilities)
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


def merged(columns: Sequence[Int64s]) -> Int64s:
    """Return what is in all of some sorted *columns*, sorted.

    A stable sort merges what is sorted already, five times as fast as another sorts it anew.
    """
    return columns[0] if len(columns) == 1 else np.sort(np.concatenate(columns), kind="stable")


@dataclass(frozen=True, eq=False)
class Held:
    """The times, in nanoseconds, of several replications: a sorted array for each.

    ``together`` is all of them, sorted, where that is known.
    """

    columns: Sequence[Int64s]
    together: Int64s | None = None

    @cached_property
    def counts(self) -> Floats:
        """(R,) how many there are in each replication."""
        return np.array([len(column) for column in self.columns], dtype=np.float64)

    @cached_property
    def _together(self) -> Int64s:
        return merged(self.columns) if self.together is None else self.together

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


def too_few(count: int, probability: float) -> str | None:
    """Return why *count* points are too few for the quantile at *probability*; None where they can.

    At least :data:`TAIL` points must lie beyond it; with fewer it is the maximum by another name.
    The median is no tail, and one point is enough.
    """
    needed = _needed(TAIL, probability)
    if count >= needed:
        return None
    return refusals.few_points(quantile_name(probability), needed, count)


def measured(points: Held, probabilities: Sequence[float]) -> list[Measurement]:
    """Return the quantiles, in seconds: those of all *points* together.

    They have less bias than the mean of each replication's quantile.
    """
    return [*_measured(points, probabilities)]


def _measured(points: Held, probabilities: Sequence[float]) -> Iterator[Measurement]:
    values = points.quantiles(probabilities) / SECOND
    # Of a single replication the quantile of all is its own: it need not be sorted twice.
    alone = len(points.counts) == 1
    sections = values[:, None] if alone else points.of_each(probabilities).T / SECOND
    for probability, value, section in zip(probabilities, values, sections, strict=True):
        reason = too_few(int(points.counts.sum()), probability)
        if reason is not None:
            yield refused(section, reason, is_short=not np.isnan(section).any())
        else:
            influence, reason = _influence(points, probability, float(value), section)
            is_short = influence is None and reason != refusals.EMPTY
            yield Measurement(float(value), section, influence, reason, is_short)


def _influence(
    points: Held, probability: float, value: float, section: Floats
) -> tuple[Floats | None, str | None]:
    """Return how far each replication pulls the *value*, or why that is unknown."""
    if np.isnan(section).any():
        return None, refusals.EMPTY
    # Sections large enough to have their own quantile say how it spreads by themselves.
    if len(section) == 1 or points.counts.min() >= _needed(TAIL, probability):
        return section - value, None
    reason = _too_thin(points, probability)
    if reason is not None:
        return None, reason
    return _by_shares(points, probability, value, section)


def _too_thin(points: Held, probability: float) -> str | None:
    """Return why thin replications give no interval; None where they may."""
    name, replications = quantile_name(probability), len(points.counts)
    if replications < FEWEST:
        return refusals.few_in_each(name, _needed(TAIL, probability), replications)
    needed, found = _needed(SHARED, probability), int(points.counts.sum())
    if found >= needed:
        return None
    return refusals.few_together(name, needed, found)


def _by_shares(
    points: Held, probability: float, value: float, section: Floats
) -> tuple[Floats | None, str | None]:
    counts = points.counts
    below = points.up_to(value * SECOND)
    excess = (below - below.sum() / counts.sum() * counts) / counts.mean()
    # The slope is taken where an interval would reach, not at a single point.
    half = half_width(excess, SPAN)
    if not half:  # the same in all replications, by chance or because nothing is left to chance
        return section - value, None
    low, high = probability - half, probability + half
    if low < 0 or high > 1:
        return None, refusals.BEYOND
    first, last = points.quantiles([low, high]) / SECOND
    return -excess * (last - first) / (2 * half), None


def _needed(beyond: int, probability: float) -> int:
    """Return how many points have *beyond* of them beyond the quantile; for the median 1."""
    if probability == 0.5:  # noqa: PLR2004
        return 1
    return math.ceil(round(beyond / min(probability, 1 - probability), 6))
