"""M/G/1: Poisson arrivals, any service, one server, an order that ignores service times.

Source: Pollaczek (1930) and Khinchine (1932); Kleinrock, Queueing Systems 1, 1975, section 5.7.
"""

from __future__ import annotations

from dataclasses import dataclass

NAME = "M/G/1 (Pollaczek-Khinchine)"
NAME_CONSTANT = "M/D/1 (Pollaczek-Khinchine)"
SOURCE = "Kleinrock, Queueing Systems 1 (1975), 5.7"


@dataclass(frozen=True, slots=True)
class Service:
    """The first two moments of a service time, in seconds and seconds squared."""

    mean: float
    variance: float

    @property
    def second_moment(self) -> float:
        """The mean of the square."""
        return self.variance + self.mean**2


def mean_wait(arrival_rate: float, service: Service) -> float:
    """Return the mean wait: arrival rate times second moment over 2 (1 - load)."""
    return arrival_rate * service.second_moment / (2 * (1 - arrival_rate * service.mean))


def mean_response(arrival_rate: float, service: Service) -> float:
    """Return the mean response time: the mean wait and the mean service."""
    return mean_wait(arrival_rate, service) + service.mean
