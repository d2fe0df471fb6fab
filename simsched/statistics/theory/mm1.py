"""M/M/1: Poisson arrivals, exponential service, one server, first come first served.

Source: Kleinrock, Queueing Systems, Volume 1: Theory, 1975, sections 3.2 and 5.6.
"""

from __future__ import annotations

import math

NAME = "M/M/1"
SOURCE = "Kleinrock, Queueing Systems 1 (1975), 3.2"


def mean_response(arrival_rate: float, service_rate: float) -> float:
    """Return the mean response time; rates in the same unit, the first below the second."""
    return 1 / (service_rate - arrival_rate)


def response_quantile(probability: float, arrival_rate: float, service_rate: float) -> float:
    """Return a quantile of the response time, which is exponential."""
    return -math.log1p(-probability) / (service_rate - arrival_rate)


def wait_quantile(probability: float, arrival_rate: float, service_rate: float) -> float:
    """Return a quantile of the wait, which is 0 with probability 1 - load, else exponential."""
    load = arrival_rate / service_rate
    if probability <= 1 - load:
        return 0.0
    return math.log(load / (1 - probability)) / (service_rate - arrival_rate)
