"""M/M/c: Poisson arrivals, exponential service, c servers with one queue, first come first served.

Source: Erlang (1917); Kleinrock, Queueing Systems 1, 1975, section 3.5; the distribution of the
response time: Gross, Shortle, Thompson & Harris, Fundamentals of Queueing Theory, 4th ed., 2008,
section 2.3.
"""

from __future__ import annotations

import math

NAME = "M/M/{} (Erlang C)"
SOURCE = "Kleinrock, Queueing Systems 1 (1975), 3.5"

_STEPS = 200
"""Bisections of a quantile; it is exact to the last digit well before."""


def erlang_b(servers: int, offered: float) -> float:
    """Return the probability that all of *servers* are busy where nobody waits.

    *offered* is arrival over service rate. The recursion neither overflows nor loses digits.
    """
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = offered * blocked / (count + offered * blocked)
    return blocked


def erlang_c(servers: int, offered: float) -> float:
    """Return the probability that an arrival must wait; *offered* is below *servers*."""
    blocked = erlang_b(servers, offered)
    return blocked / (1 - offered / servers * (1 - blocked))


def mean_response(arrival_rate: float, service_rate: float, servers: int) -> float:
    """Return the mean response time; the arrival rate is below servers times the service rate."""
    waits = erlang_c(servers, arrival_rate / service_rate)
    return waits / (servers * service_rate - arrival_rate) + 1 / service_rate


def response_tail(time: float, arrival_rate: float, service_rate: float, servers: int) -> float:
    """Return the probability that a response takes longer than *time*."""
    waits = erlang_c(servers, arrival_rate / service_rate)
    drain = servers * service_rate - arrival_rate
    served = math.exp(-service_rate * time)
    if math.isclose(drain, service_rate, rel_tol=1e-9):
        return served * (1 + waits * service_rate * time)
    both = waits * service_rate / (drain - service_rate)
    return served * (1 + both) - both * math.exp(-drain * time)


def response_quantile(
    probability: float, arrival_rate: float, service_rate: float, servers: int
) -> float:
    """Return a quantile of the response time, by bisection of its tail."""
    low, high = 0.0, 1 / service_rate
    while response_tail(high, arrival_rate, service_rate, servers) > 1 - probability:
        high *= 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if response_tail(middle, arrival_rate, service_rate, servers) > 1 - probability:
            low = middle
        else:
            high = middle
    return high
