"""Closed product-form networks with several servers at a station, by convolution.

The recursion adds up positive terms alone, so it is exact to rounding where mean value analysis
with several servers loses all its digits near saturation.

Source: Buzen, Computational algorithms for closed queueing networks with exponential servers,
Communications of the ACM 16 (9), 1973; Lazowska, Zahorjan, Graham & Sevcik, Quantitative System
Performance, 1984, section 8.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simsched.workload.columns import Floats

NAME = "closed network (convolution)"
SOURCE = "Buzen, Commun. ACM 16 (1973)"

MOST_USERS = 2000
"""For more users the recursion, which takes the square of their number, is not begun."""


def throughput_per_s(
    users: int, stations: Sequence[tuple[float, int]], delay_s: float = 0.0
) -> float:
    """Return the completions per second of a network of stations and pure delay.

    Args:
        users: how many circulate, at least 1.
        stations: of each, the mean service over all visits of one cycle, in seconds and above 0,
            and how many servers it has; first come first served with exponential service.
        delay_s: time per cycle without any queue. Without stations it is above 0.
    """
    weights = _delay(users, delay_s)
    for demand_s, servers in stations:
        weights = _convolved(weights, _station(users, demand_s, servers))
    return math.exp(weights[users - 1] - weights[users])


def _delay(users: int, delay_s: float) -> Floats:
    """Return (users + 1,) the logarithms of the weights of 0, 1, .. users in a delay."""
    if not delay_s:
        return np.concatenate(([0.0], np.full(users, -np.inf)))
    count = np.arange(1, users + 1)
    return np.concatenate(([0.0], np.cumsum(math.log(delay_s) - np.log(count))))


def _station(users: int, demand_s: float, servers: int) -> Floats:
    busy = np.minimum(np.arange(1, users + 1), servers)
    return np.concatenate(([0.0], np.cumsum(math.log(demand_s) - np.log(busy))))


def _convolved(some: Floats, others: Floats) -> Floats:
    """Return the logarithms of the sums over all ways to divide 0, 1, .. users between two."""
    return np.array([np.logaddexp.reduce(some[: n + 1] + others[n::-1]) for n in range(len(some))])
