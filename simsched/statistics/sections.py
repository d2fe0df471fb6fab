"""Quantiles of several replications together, and how far each replication pulls them.

Where each replication has points enough beyond a quantile, its own quantile is held against that
of all together: sectioning. The quantile of a few points lies too near to their middle, in every
replication alike, so that sections of thin replications agree with each other and not with the
truth. There the share of a replication's points at or below the quantile of all tells how far it
pulls, times the slope of the quantile function of all points (Bahadur's representation), taken
over as much of it as the share's own interval spans.

Sources: sectioning, Asmussen & Glynn, Stochastic Simulation, 2007, section III.5, and Nakayama, ACM
TOMACS 24 (4), 2014; shares, Bahadur, A note on quantiles in large samples, Annals of Mathematical
Statistics 37 (3), 1966; the slope, Bloch & Gastwirth, On a simple estimate of the reciprocal of the
density function, Annals of Mathematical Statistics 39 (3), 1968.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from simsched.scenario.metrics import quantile_name
from simsched.statistics.interval import half_width
from simsched.statistics.measurement import Measurement, refused
from simsched.statistics.words import refusals as words
from simsched.units import SECOND
from simsched.workload.columns import Floats

TAIL = 5
"""A quantile in a tail needs this many points beyond it, and in each replication for sections."""

SHARED = 10
"""Shares of thin replications need this many points beyond the quantile, of all together."""

FEWEST = 5
"""Shares of fewer replications than this do not tell how they spread."""

SPAN = 0.95
"""The slope is taken over an interval of this confidence, as wide as most intervals are."""


class Points(Protocol):
    """The points, in nanoseconds, of several replications."""

    @property
    def counts(self) -> Floats:
        """(R,) how many there are in each replication."""

    def quantiles(self, probabilities: Sequence[float]) -> Floats:
        """Return (Q,) the quantiles of all together, NaN where there are none."""

    def of_each(self, probabilities: Sequence[float]) -> Floats:
        """Return (R, Q) the quantiles of each replication, NaN where it has none."""

    def up_to(self, limit_ns: float) -> Floats:
        """Return (R,) how many are at or below the limit in each replication."""


def too_few(count: int, probability: float) -> str | None:
    """Return why *count* points are too few for the quantile at *probability*; None where they can.

    At least :data:`TAIL` points must lie beyond it; with fewer it is the maximum by another name.
    The median is no tail, and one point is enough.
    """
    needed = _needed(TAIL, probability)
    if count >= needed:
        return None
    return words.few_points(quantile_name(probability), needed, count)


def measured(points: Points, probabilities: Sequence[float]) -> list[Measurement]:
    """Return the quantiles, in seconds: those of all *points* together.

    They have less bias than the mean of each replication's quantile.
    """
    return [*_measured(points, probabilities)]


def _measured(points: Points, probabilities: Sequence[float]) -> Iterator[Measurement]:
    values = points.quantiles(probabilities) / SECOND
    alone = len(points.counts) == 1
    sections = values[:, None] if alone else points.of_each(probabilities).T / SECOND
    for probability, value, section in zip(probabilities, values, sections, strict=True):
        reason = too_few(int(points.counts.sum()), probability)
        if reason is not None:
            yield refused(section, reason, is_short=not np.isnan(section).any())
        else:
            influence, reason = _influence(points, probability, float(value), section)
            is_short = influence is None and reason != words.EMPTY
            yield Measurement(float(value), section, influence, reason, is_short)


def _influence(
    points: Points, probability: float, value: float, section: Floats
) -> tuple[Floats | None, str | None]:
    """Return how far each replication pulls the *value*, or why that cannot be told."""
    if np.isnan(section).any():
        return None, words.EMPTY
    if len(section) == 1 or points.counts.min() >= _needed(TAIL, probability):
        return section - value, None
    reason = _too_thin(points, probability)
    if reason is not None:
        return None, reason
    return _by_shares(points, probability, value, section)


def _too_thin(points: Points, probability: float) -> str | None:
    """Return why thin replications tell no interval; None where they may."""
    name, replications = quantile_name(probability), len(points.counts)
    if replications < FEWEST:
        return words.few_in_each(name, _needed(TAIL, probability), replications)
    needed, found = _needed(SHARED, probability), int(points.counts.sum())
    if found >= needed:
        return None
    return words.few_together(name, needed, found)


def _by_shares(
    points: Points, probability: float, value: float, section: Floats
) -> tuple[Floats | None, str | None]:
    counts = points.counts
    below = points.up_to(value * SECOND)
    excess = (below - below.sum() / counts.sum() * counts) / counts.mean()
    half = half_width(excess, SPAN)
    if not half:  # alike in all replications: by chance, or because nothing is left to it
        return section - value, None
    low, high = probability - half, probability + half
    if low < 0 or high > 1:
        return None, words.BEYOND
    first, last = points.quantiles([low, high]) / SECOND
    return -excess * (last - first) / (2 * half), None


def _needed(beyond: int, probability: float) -> int:
    """Return how many points have *beyond* of them beyond the quantile; for the median 1."""
    if probability == 0.5:  # noqa: PLR2004
        return 1
    return math.ceil(round(beyond / min(probability, 1 - probability), 6))
