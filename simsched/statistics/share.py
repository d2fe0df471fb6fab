"""A share of requests, and what can be said of it where it is none of them, or all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import NOTHING_ENDED, Measurement, ratio
from simsched.workload.columns import Floats


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
