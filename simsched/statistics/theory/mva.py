"""Closed product-form networks, exactly, by mean value analysis.

A customer who arrives at a queue sees it as it is on average with one customer less in the network;
from that the figures for one user after another follow.

Source: Reiser & Lavenberg, Mean-value analysis of closed multichain queueing networks, Journal of
the ACM 27 (2), 1980; Lazowska, Zahorjan, Graham & Sevcik, Quantitative System Performance, 1984,
section 6.4 (and 8.2 for several servers at a station).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NAME = "closed network (mean value analysis)"
SOURCE = "Reiser & Lavenberg, J. ACM 27 (1980)"


@dataclass(frozen=True, slots=True)
class Solution:
    """The figures of a closed network: completions per second, and the mean response time."""

    throughput_per_s: float
    response_s: float
    utilisation: tuple[float, ...]


def mva(users: int, demands_s: Sequence[float], delay_s: float = 0.0) -> Solution:
    """Return the solution of a network of single-server queues and pure delay.

    Args:
        users: how many circulate, at least 1.
        demands_s: the mean service at each queue over all visits of one cycle; each queue is
            first come first served with exponential service, or processor sharing.
        delay_s: time per cycle without any queue: think time, and I/O without a limit. What of it
            counts as response is the caller's to add; ``response_s`` is the time at the queues.
    """
    lengths = [0.0] * len(demands_s)
    response = throughput = 0.0
    for count in range(1, users + 1):
        stays = [demand * (1 + length) for demand, length in zip(demands_s, lengths, strict=True)]
        response = sum(stays)
        throughput = count / (delay_s + response)
        lengths = [throughput * stay for stay in stays]
    return Solution(throughput, response, tuple(throughput * demand for demand in demands_s))
