"""Several servers with one queue, Poisson arrivals and exponential service: M/M/c and M/M/c/K.

M/M/c/K has room for K requests in all; those that find it full are refused.

Sources: Erlang (1917); Kleinrock, Queueing Systems 1, 1975, sections 3.5 and 3.6; the distribution
of the response time, and M/M/c/K: Gross, Shortle, Thompson & Harris, Fundamentals of Queueing
Theory, 4th ed., 2008, sections 2.3 and 2.5.
"""

from __future__ import annotations

import math

import numpy as np

from simsched.statistics.theory.known import Model

MMC = Model("M/M/{} (Erlang C)", "Kleinrock, Queueing Systems 1 (1975), 3.5")
MMCK = Model("M/M/{}/{} (loss)", "Kleinrock, Queueing Systems 1 (1975), 3.6")

_STEPS = 200
"""Bisections of a quantile; it is exact to the last digit well before."""

MOST_ROOM = 1_000_000
"""For more room the probabilities are not added up."""

_LEAST = 1e-300
"""A smaller probability is taken for 0: its reciprocal may be beyond all floats."""


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


def mmc_mean_response(arrival_rate: float, service_rate: float, servers: int) -> float:
    """Return the mean response time of M/M/c; the load is below 1."""
    waits = erlang_c(servers, arrival_rate / service_rate)
    return waits / (servers * service_rate - arrival_rate) + 1 / service_rate


def mmc_response_tail(time: float, arrival_rate: float, service_rate: float, servers: int) -> float:
    """Return the probability that a response of M/M/c takes longer than *time*."""
    waits = erlang_c(servers, arrival_rate / service_rate)
    drain = servers * service_rate - arrival_rate
    served = math.exp(-service_rate * time)
    if math.isclose(drain, service_rate, rel_tol=1e-9):
        return served * (1 + waits * service_rate * time)
    both = waits * service_rate / (drain - service_rate)
    return served * (1 + both) - both * math.exp(-drain * time)


def mmc_response_quantile(
    probability: float, arrival_rate: float, service_rate: float, servers: int
) -> float:
    """Return a quantile of the response time of M/M/c, by bisection of its tail."""
    low, high = 0.0, 1 / service_rate
    while mmc_response_tail(high, arrival_rate, service_rate, servers) > 1 - probability:
        high *= 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if mmc_response_tail(middle, arrival_rate, service_rate, servers) > 1 - probability:
            low = middle
        else:
            high = middle
    return high


def mmck_number_and_admitted(servers: int, room: int, offered: float) -> tuple[float, float]:
    """Return the mean number in the system, and the share of the arrivals that is not refused.

    With c servers busy, each further place is taken with offered / c times the probability of the
    one before: the probabilities follow from Erlang's loss formula, in units of that of c. Where
    that is too small for a float, all servers are never busy.

    Args:
        servers: how many work side by side, at least 1.
        room: how many requests fit in, at least *servers*.
        offered: arrival over service rate; it may be more than the servers can do.
    """
    blocked = erlang_b(servers, offered)
    if blocked < _LEAST:
        return offered, 1.0
    places = np.arange(room - servers + 1)
    growth = places * math.log(offered / servers)
    unit = math.exp(-max(0.0, growth[-1]))  # so that nothing overflows
    waiting = np.exp(growth - max(0.0, growth[-1]))
    # All states with fewer than c requests: 1 / blocked - 1, by the last step of the recursion.
    fewer = servers / (offered * erlang_b(servers - 1, offered))
    idle = unit * fewer
    # Of a loss system the mean number is offered (1 - loss), here without its full state.
    below = unit * (offered * fewer - servers)
    total = idle + float(np.sum(waiting))
    number = below + float(np.sum((servers + places) * waiting))
    return number / total, (idle + float(np.sum(waiting[:-1]))) / total


def mmck_throughput_per_s(
    arrival_rate: float, service_rate: float, servers: int, room: int
) -> float:
    """Return the completions per second of M/M/c/K: the arrivals that are not refused."""
    _, admitted = mmck_number_and_admitted(servers, room, arrival_rate / service_rate)
    return arrival_rate * admitted


def mmck_mean_response(arrival_rate: float, service_rate: float, servers: int, room: int) -> float:
    """Return the mean response time in M/M/c/K of those that get in, by Little's law."""
    number, admitted = mmck_number_and_admitted(servers, room, arrival_rate / service_rate)
    return number / (arrival_rate * admitted)
