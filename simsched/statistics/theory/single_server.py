"""One server with Poisson arrivals: M/M/1, M/G/1, with priorities, and with processor sharing.

Rates are per second and times in seconds, or all in another unit; loads are below 1.

Sources: Kleinrock, Queueing Systems, Volume 1: Theory, 1975, sections 3.2 and 5.6 (M/M/1) and 5.7
(M/G/1: Pollaczek, 1930, and Khinchine, 1932); Cobham, Priority assignment in waiting line problems,
Operations Research 2 (1), 1954, and Kleinrock, Queueing Systems, Volume 2: Computer Applications,
1976, section 3.5 (priorities); Kleinrock 2, section 4.4, and Sakata, Noguchi & Oizumi, Operations
Research 19, 1971 (processor sharing).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from simsched.statistics.theory.known import Model

MM1 = Model("M/M/1", "Kleinrock, Queueing Systems 1 (1975), 3.2")
MG1 = Model("M/G/1 (Pollaczek-Khinchine)", "Kleinrock, Queueing Systems 1 (1975), 5.7")
MD1 = Model("M/D/1 (Pollaczek-Khinchine)", MG1.source)
PRIORITIES = Model("M/G/1 with priorities (Cobham)", "Cobham, Oper. Res. 2 (1954)")
SHARING = Model("M/G/1-PS", "Kleinrock, Queueing Systems 2 (1976), 4.4")


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
