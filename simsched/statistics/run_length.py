"""How many requests tell a mean, known from the load before a run.

Waits in a queue are so correlated that near saturation a hundred thousand of them say less than a
hundred independent ones. The asymptotic variance of the mean of n waits, times n, is known for
M/M/1 (unit mean service, load r): r (2 + 5 r - 4 r^2 + r^3) / (1 - r)^4. Other arrivals and
services are told by scaling it with the cube of their variability, (ca^2 + cs^2) / 2: in heavy
traffic every such queue is one reflected Brownian motion, and c servers wait 1/c as long.

Sources: Daley, The serial correlation coefficients of waiting times in a stationary single server
queue, Journal of the Australian Mathematical Society 8, 1968; Whitt, Planning queueing simulations,
Management Science 35 (11), 1989.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from simsched.statistics.interval import normal_quantile
from simsched.statistics.words import warnings as words

PRECISION = 0.10
"""The relative precision below which a run is called too short."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A station, for planning.

    Attributes:
        load: its utilisation, in (0, 1).
        arrival_scv: squared coefficient of variation of the times between arrivals.
        service_scv: that of the time a request occupies the station.
        servers: how many work side by side.
        lines: how many such stations there are, each with a part of the requests.
    """

    load: float
    arrival_scv: float = 1.0
    service_scv: float = 1.0
    servers: int = 1
    lines: int = 1

    @property
    def variability(self) -> float:
        """The mean of both squared coefficients of variation; 1 for M/M/1."""
        return (self.arrival_scv + self.service_scv) / 2

    @property
    def mean_wait(self) -> float:
        """The mean wait in units of the mean service, as Kingman's heavy traffic has it."""
        return self.variability * self.load / (1 - self.load) / self.servers


def asymptotic_variance(load: float) -> float:
    """Return n times the variance of the mean of n waits in M/M/1 with unit mean service."""
    return load * (2 + 5 * load - 4 * load**2 + load**3) / (1 - load) ** 4


def requests_needed(queue: Queue, precision: float = PRECISION, confidence: float = 0.95) -> int:
    """Return how many requests tell the mean wait within *precision* of it, at *confidence*.

    Where waits are shorter than services, within *precision* of the mean service: nobody needs
    a tenth of next to nothing.
    """
    tolerance = precision * max(queue.mean_wait, 1.0)
    # variance goes with the cube of variability: mean wait squared times relaxation time
    variance = asymptotic_variance(queue.load) * queue.variability**3 / queue.servers**2
    return math.ceil(normal_quantile((1 + confidence) / 2) ** 2 * variance / tolerance**2)


def warning(server: str, queue: Queue, requests: int, confidence: float = 0.95) -> str | None:
    """Return a sentence if *requests* after the warm-up are too few for the load, else None."""
    needed = requests_needed(queue, confidence=confidence)
    if requests >= needed:
        return None
    return words.run_too_short(server, queue.load, PRECISION, rounded_up(needed), requests)


def rounded_up(count: int) -> int:
    """Return *count* to three significant digits, never fewer."""
    step: int = 10 ** max(0, len(str(count)) - 3)
    return -(-count // step) * step
