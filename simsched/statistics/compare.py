"""Servers held against a baseline under common random numbers.

Every server met the same requests, so replication r of one is paired with replication r of the
other: what chance did to both cancels in the difference (Law, 2015, sections 10.2.1 and 11.2).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import ONE_REPLICATION, half_width
from simsched.statistics.measurement import Measurement
from simsched.statistics.summary import Comparison, ServerSummary


def compare(
    baseline: ServerSummary, others: Iterable[ServerSummary], confidence: float = 0.95
) -> tuple[Comparison, ...]:
    """Return every metric of every server in *others* against *baseline*'s, paired by replication.

    Raises:
        ValueError: two servers were not measured in the same number of replications.
    """
    return tuple(
        Comparison(
            metric,
            other.server,
            baseline.server,
            difference(other.measurements[metric], measured, confidence),
            ratio(other.measurements[metric], measured, confidence),
        )
        for other in others
        for metric, measured in baseline.measurements.items()
    )


def difference(ours: Measurement, theirs: Measurement, confidence: float) -> Estimate:
    """Return *ours* - *theirs* with the interval of the paired differences."""
    if ours.value is None or theirs.value is None:
        return Estimate(None, reason=ours.reason or theirs.reason)
    value = ours.value - theirs.value
    if ours.influence is None or theirs.influence is None:
        return Estimate(value, reason=ours.reason or theirs.reason)
    _check_pairs(ours, theirs)
    half = half_width(ours.influence - theirs.influence, confidence)
    if half is None:
        return Estimate(value, reason=ONE_REPLICATION)
    return Estimate(value, value - half, value + half)


def ratio(ours: Measurement, theirs: Measurement, confidence: float) -> Estimate:
    """Return *ours* / *theirs*; both must be positive.

    The interval is symmetric on the logarithm, where a ratio and its inverse weigh the same, by the
    delta method: the paired difference of relative influences (Casella & Berger, Statistical
    Inference, 2nd ed., 2002, section 5.5.4).
    """
    if ours.value is None or theirs.value is None:
        return Estimate(None, reason=ours.reason or theirs.reason)
    if ours.value <= 0 or theirs.value <= 0:
        return Estimate(None, reason="a ratio needs two positive values")
    value = ours.value / theirs.value
    if ours.influence is None or theirs.influence is None:
        return Estimate(value, reason=ours.reason or theirs.reason)
    _check_pairs(ours, theirs)
    relative = ours.influence / ours.value - theirs.influence / theirs.value
    half = half_width(np.asarray(relative), confidence)
    if half is None:
        return Estimate(value, reason=ONE_REPLICATION)
    return Estimate(value, value * math.exp(-half), value * math.exp(half))


def _check_pairs(ours: Measurement, theirs: Measurement) -> None:
    if len(ours.replications) != len(theirs.replications):
        raise ValueError(
            f"{len(ours.replications)} and {len(theirs.replications)} replications cannot be paired"
        )
