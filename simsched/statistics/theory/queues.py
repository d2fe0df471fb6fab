"""Single queues with Poisson arrivals: M/M/1, M/G/1, priorities, processor sharing, M/M/c, M/M/c/K.

Rates are per second and times in seconds, or all in another unit; loads are below 1, but for
M/M/c/K, which has room for K requests in all and refuses those that find it full.

Sources: Kleinrock, Queueing Systems, Volume 1: Theory, 1975, sections 3.2 and 5.6 (M/M/1), 3.5 and
3.6 (M/M/c, and Erlang, 1917) and 5.7 (M/G/1: Pollaczek, 1930, and Khinchine, 1932); Cobham,
Priority assignment in waiting line problems, Operations Research 2 (1), 1954, and Kleinrock,
Queueing Systems, Volume 2: Computer Applications, 1976, section 3.5 (priorities); Kleinrock 2,
section 4.4, and Sakata, Noguchi & Oizumi, Operations Research 19, 1971 (processor sharing); Gross,
Shortle, Thompson & Harris, Fundamentals of Queueing Theory, 4th ed., 2008, sections 2.3 and 2.5
(the response time of M/M/c, and M/M/c/K).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simsched.statistics.theory.known import Model

MM1 = Model("M/M/1", "Kleinrock, Queueing Systems 1 (1975), 3.2")
MG1 = Model("M/G/1 (Pollaczek-Khinchine)", "Kleinrock, Queueing Systems 1 (1975), 5.7")
MD1 = Model("M/D/1 (Pollaczek-Khinchine)", MG1.source)
PRIORITIES = Model("M/G/1 with priorities (Cobham)", "Cobham, Oper. Res. 2 (1954)")
SHARING = Model("M/G/1-PS", "Kleinrock, Queueing Systems 2 (1976), 4.4")
MMC = Model("M/M/{} (Erlang C)", "Kleinrock, Queueing Systems 1 (1975), 3.5")
MMCK = Model("M/M/{}/{} (loss)", "Kleinrock, Queueing Systems 1 (1975), 3.6")

# Bisections of a quantile; it is exact to the last digit well before.
_STEPS = 200

MOST_ROOM = 1_000_000
"""For more room the probabilities are not added up."""

# A smaller probability is taken for 0: its reciprocal may be beyond all floats.
_LEAST = 1e-300


def mm1_mean_response(arrival_rate: float, service_rate: float) -> float:
    """Return the mean response time of M/M/1, first come first served."""
    return 1 / (service_rate - arrival_rate)


def mm1_response_quantile(probability: float, arrival_rate: float, service_rate: float) -> float:
    """Return a quantile of the response time of M/M/1, which is exponential."""
    return -math.log1p(-probability) / (service_rate - arrival_rate)


def mm1_wait_quantile(probability: float, arrival_rate: float, service_rate: float) -> float:
    """Return a quantile of the wait of M/M/1: 0 with probability 1 - load, else exponential."""
    load = arrival_rate / service_rate
    if probability <= 1 - load:
        return 0.0
    return math.log(load / (1 - probability)) / (service_rate - arrival_rate)


@dataclass(frozen=True, slots=True)
class Service:
    """The first two moments of a service time, in seconds and seconds squared."""

    mean: float
    variance: float

    @property
    def second_moment(self) -> float:
        """The mean of the square."""
        return self.variance + self.mean**2


def mg1_mean_wait(arrival_rate: float, service: Service) -> float:
    """Return the mean wait of M/G/1, in an order that ignores service times.

    It is the arrival rate times the second moment of the service, over 2 (1 - load).
    """
    return arrival_rate * service.second_moment / (2 * (1 - arrival_rate * service.mean))


def mg1_mean_response(arrival_rate: float, service: Service) -> float:
    """Return the mean response time of M/G/1: the mean wait and the mean service."""
    return mg1_mean_wait(arrival_rate, service) + service.mean


@dataclass(frozen=True, slots=True)
class Stream:
    """The requests of one class: how many arrive per second, their service, and their place.

    Those of a smaller ``priority`` are served first; within one, who came first.
    """

    arrival_rate: float
    service: Service
    priority: int

    @property
    def load(self) -> float:
        """The share of the server's time that they take."""
        return self.arrival_rate * self.service.mean


def priority_mean_waits(streams: Sequence[Stream]) -> list[float]:
    """Return the mean wait of each stream, where no service is interrupted.

    The work that is found in service, over the share of time that no request of a smaller priority
    takes, and over that which no request of one at most as large takes.
    """
    found = sum(each.arrival_rate * each.service.second_moment for each in streams) / 2
    return [
        found
        / (1 - sum(other.load for other in streams if other.priority < each.priority))
        / (1 - sum(other.load for other in streams if other.priority <= each.priority))
        for each in streams
    ]


def sharing_slowdown(load: float) -> float:
    """Return the mean of response time over service time where all requests share the server.

    It is the same for every service time.
    """
    return 1 / (1 - load)


def sharing_mean_response(arrival_rate: float, mean_service: float) -> float:
    """Return the mean response time where all requests share the server equally.

    It depends on the service time by its mean alone.
    """
    return mean_service * sharing_slowdown(arrival_rate * mean_service)


def erlang_b(servers: int, offered: float) -> float:
    """Return the probability that all of *servers* are busy in a system without a queue.

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
    # The tail falls for ever, so an upper end of the bisection is found by doubling.
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
