"""One metric of one server over its replications, and a share of requests, even none or all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import ONE_REPLICATION, half_width
from simsched.workload.columns import Floats

NOTHING_COMPLETED = "no request was completed"
NOTHING_ENDED = "no request came to an end"

ROUNDING = 1e-12
"""Replications that pull a value by a smaller share of it agree: sums of floats are as inexact."""


@dataclass(frozen=True, eq=False)
class Measurement:
    """A metric measured in every replication.

    Attributes:
        value: the estimate over all replications; None where it is unknown.
        replications: (R,) the metric in each replication; NaN where a replication has no value.
        influence: (R,) how far each replication pulls the value, for intervals (see
            :mod:`simsched.statistics.interval`); None where no interval is honest.
        reason: why the value, or its interval, is missing.
        is_short: whether it is missing for want of replications: more of them would give it.
    """

    value: float | None
    replications: Floats
    influence: Floats | None = None
    reason: str | None = None
    is_short: bool = False

    @property
    def has_spread(self) -> bool:
        """Whether replications, or the batches of one, show how far the value may be off."""
        return self.influence is not None and len(self.influence) > 1

    def estimate(self, confidence: float, low: float = -np.inf, high: float = np.inf) -> Estimate:
        """Return the value with its interval, cut to the metric's range [*low*, *high*]."""
        if self.value is None or self.influence is None:
            return Estimate(self.value, reason=self.reason)
        half = half_width(self.influence, confidence)
        if half is None:
            return Estimate(self.value, reason=self.reason or ONE_REPLICATION)
        return Estimate(self.value, max(low, self.value - half), min(high, self.value + half))


def mean(values: Floats) -> Measurement:
    """Return the mean of one value per replication; there is none if one is NaN."""
    # Leaving such replications out would favour those that complete much.
    missing = np.flatnonzero(np.isnan(values))
    if len(missing):
        return Measurement(
            None,
            values,
            reason=f"replication {missing[0] + 1} completed too few requests for a value",
        )
    value = float(np.mean(values))
    return Measurement(value, values, _influence(values - value, value))


def ratio(numerator: Floats, denominator: Floats, missing: str = NOTHING_COMPLETED) -> Measurement:
    """Return the ratio estimator: the sum of numerators over the sum of denominators, (R,) each.

    A replication with more requests weighs more, so that a mean over requests stays one. Its
    influence is (numerator - value * denominator) / mean denominator. Where all denominators are 0
    there is no value, for the reason *missing*.

    Source: Law (2015), section 9.5.3, equation 9.3 and the discussion of the classical ratio
    estimator; Cochran, Sampling Techniques, 3rd ed., 1977, section 6.3.
    """
    total = float(np.sum(denominator))
    with np.errstate(invalid="ignore", divide="ignore"):
        values = numerator / denominator
    if total == 0:
        return Measurement(None, values, reason=missing)
    value = float(np.sum(numerator)) / total
    influence = (numerator - value * denominator) / np.mean(denominator)
    return Measurement(value, values, _influence(influence, value))


def _influence(found: Floats, value: float) -> Floats:
    """Return *found* without what rounding left of it where all replications agree."""
    return found if np.any(np.abs(found) > ROUNDING * abs(value)) else np.zeros_like(found)


def refused(values: Floats, reason: str, *, is_short: bool = False) -> Measurement:
    """Return a metric without a value, and the reason."""
    return Measurement(None, values, reason=reason, is_short=is_short)


@dataclass(frozen=True, eq=False)
class NoneOrAll(Measurement):
    """A share that is 0 in every replication, or 1, so that replications show no spread.

    No events are no certainty. The interval is that of Clopper & Pearson, which takes requests as
    independent: of none in n it reaches up to 1 - (a / 2)^(1 / n), with a = 1 - confidence.

    Source: Clopper & Pearson, The use of confidence or fiducial limits illustrated in the case of
    the binomial, Biometrika 26 (4), 1934.

    Attributes:
        count: how many requests it is a share of, at least one.
    """

    count: int = 1

    def estimate(self, confidence: float, low: float = -np.inf, high: float = np.inf) -> Estimate:
        """Return the share with its interval, if there are replications or batches enough."""
        plain = super().estimate(confidence, low, high)
        if plain.low is None:
            return plain
        short = ((1 - confidence) / 2) ** (1 / self.count)
        return Estimate(0.0, 0.0, 1 - short) if self.value == 0 else Estimate(1.0, short, 1.0)


def share(some: Floats, count: Floats) -> Measurement:
    """Return *some* of *count* requests that came to an end, (R,) each, as a share of them all."""
    found = ratio(some, count, NOTHING_ENDED)
    if found.value not in (0.0, 1.0):
        return found
    return NoneOrAll(found.value, found.replications, found.influence, count=int(count.sum()))


def without_chance(found: Mapping[str, Measurement]) -> dict[str, Measurement]:
    """Return what was *found* in runs that leave nothing to chance, where none is never any."""
    return {metric: _certain(one) for metric, one in found.items()}


def _certain(one: Measurement) -> Measurement:
    if not isinstance(one, NoneOrAll):
        return one
    return Measurement(one.value, one.replications, one.influence)
