"""The most common of some times: what passes where something is in the way of most of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simsched.workload.arrays import Int64s

_SEED = 1976
_LEAST_VALUES = 20
_RESAMPLES = 50
_COMMON = 0.2


class Moment(NamedTuple):
    """An estimated time in nanoseconds, with its standard error."""

    value: float
    error: float


NOTHING = Moment(0.0, 0.0)


def mean_of(values: Sequence[Moment | None]) -> Moment | None:
    """Return the mean of those that are known; None if none is."""
    known = [each for each in values if each is not None]
    if not known:
        return None
    error = sum(each.error**2 for each in known) ** 0.5 / len(known)
    return Moment(sum(each.value for each in known) / len(known), error)


def above(one: Moment, other: Moment) -> Moment:
    """Return by how much one time is longer than another, at least 0."""
    error = 0.0 if one is other else (one.error**2 + other.error**2) ** 0.5
    return Moment(max(0.0, one.value - other.value), error)


def mode(values: Int64s) -> Moment | None:
    """Return the half-sample mode, with its bootstrap's error; None of too few values."""
    if len(values) < _LEAST_VALUES:
        return None
    rng = np.random.default_rng(_SEED)
    resampled = [half_sample_mode(rng.choice(values, len(values))) for _ in range(_RESAMPLES)]
    found = Moment(half_sample_mode(values), float(np.std(resampled)))
    # Without a time that is common, hardly any request waited.
    return found if found.error <= found.value * _COMMON else None


def half_sample_mode(values: Int64s) -> float:
    """Return where *values* are densest: the half of them that is closest, again and again.

    Source: Bickel & Fruehwirth, On a fast, robust estimator of the mode, Computational Statistics &
    Data Analysis 50 (2006).
    """
    values = np.sort(values)
    while len(values) > 2:  # noqa: PLR2004
        half = (len(values) + 1) // 2
        widths = values[half - 1 :] - values[: len(values) - half + 1]
        at = int(np.argmin(widths))
        values = values[at : at + half]
    return float(values.mean())
