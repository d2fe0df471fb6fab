"""M/G/1-PS: Poisson arrivals, any service, one server that all requests share equally.

The mean depends on the service time by its mean alone.

Source: Kleinrock, Queueing Systems, Volume 2: Computer Applications, 1976, section 4.4; Sakata,
Noguchi & Oizumi, Operations Research 19, 1971.
"""

from __future__ import annotations

NAME = "M/G/1-PS"
SOURCE = "Kleinrock, Queueing Systems 2 (1976), 4.4"


def slowdown(load: float) -> float:
    """Return the mean of response time over service time, the same for every service time."""
    return 1 / (1 - load)


def mean_response(arrival_rate: float, mean_service: float) -> float:
    """Return the mean response time."""
    return mean_service * slowdown(arrival_rate * mean_service)
