"""M/M/c/K: as M/M/c, with room for K requests in all; who finds it full is refused.

Source: Kleinrock, Queueing Systems 1, 1975, sections 3.5 and 3.6; Gross, Shortle, Thompson &
Harris, Fundamentals of Queueing Theory, 4th ed., 2008, section 2.5.
"""

from __future__ import annotations

import math

import numpy as np

from simsched.statistics.theory.mmc import erlang_b

NAME = "M/M/{}/{} (loss)"
SOURCE = "Kleinrock, Queueing Systems 1 (1975), 3.6"

MOST_ROOM = 1_000_000
"""For more room the probabilities are not added up."""

_LEAST = 1e-300
"""A smaller probability is taken for 0: its reciprocal may be beyond all floats."""


def mean_number_and_admitted(servers: int, room: int, offered: float) -> tuple[float, float]:
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


def throughput_per_s(arrival_rate: float, service_rate: float, servers: int, room: int) -> float:
    """Return the completions per second: the arrivals that are not refused."""
    _, admitted = mean_number_and_admitted(servers, room, arrival_rate / service_rate)
    return arrival_rate * admitted


def mean_response(arrival_rate: float, service_rate: float, servers: int, room: int) -> float:
    """Return the mean response time of those who get in, by Little's law."""
    number, admitted = mean_number_and_admitted(servers, room, arrival_rate / service_rate)
    return number / (arrival_rate * admitted)
