"""Operational bounds: what no order of work can beat.

They assume nothing of distributions, only that what goes in comes out.

Source: Denning & Buzen, The operational analysis of queueing network models, ACM Computing Surveys
10 (3), 1978; Lazowska, Zahorjan, Graham & Sevcik, Quantitative System Performance, 1984, chapter 5.
"""

from __future__ import annotations

NAME = "operational bounds"
SOURCE = "Denning & Buzen, ACM Comput. Surv. 10 (1978)"


def open_throughput(arrival_rate: float, demand_s: float, servers: int) -> float:
    """Return the most completions per second: those that arrive, up to the capacity."""
    return min(arrival_rate, servers / demand_s) if demand_s else arrival_rate


def closed_throughput(users: int, total_s: float, bottleneck_s: float, think_s: float) -> float:
    """Return the most completions per second: as if nobody waited, up to the capacity.

    *total_s* is the demand of one request everywhere, *bottleneck_s* what it occupies the busiest
    station for, over that station's number of servers.
    """
    alone = users / (total_s + think_s)
    return min(alone, 1 / bottleneck_s) if bottleneck_s else alone


def closed_response(users: int, total_s: float, bottleneck_s: float, think_s: float) -> float:
    """Return the least mean response time: the demand, or what the bottleneck imposes."""
    return max(total_s, users * bottleneck_s - think_s)
