"""How many requests a mean needs, and how many each replication, known from the load before a run.

Waits in a queue are so correlated that near saturation a hundred thousand of them say less than a
hundred independent ones. The asymptotic variance of the mean of n waits, times n, is known for
M/M/1 (unit mean service, load r): r (2 + 5 r - 4 r^2 + r^3) / (1 - r)^4. Other arrivals and
services follow by scaling it with the cube of their variability, (ca^2 + cs^2) / 2: in heavy
traffic every such queue is one reflected Brownian motion, and c servers wait 1/c as long.

Sources: Daley, The serial correlation coefficients of waiting times in a stationary single server
queue, Journal of the Australian Mathematical Society 8, 1968; Whitt, Planning queueing simulations,
Management Science 35 (11), 1989.

More replications narrow an interval and leave its bias: each starts empty, so the mean wait is too
small as long as each is short against the time in which the queue fills. In heavy traffic every
queue is one reflected Brownian motion. Started at 0, with drift -1 and variance 1, the part of its
mean that is missing at time t is 2 (1 + t) Q(s) - 2 s q(s), where s is the root of t, q the
standard normal density and Q its upper tail; from t on it sums up to (1 - 2 t - t^2) Q(s) +
(s^3 + s) q(s), in all to 1/2. A unit of that time is 2 v r / (1 - r)^2 requests at a load r, with
the variability v of :class:`simsched.statistics.run_length.Queue`, whatever the number of servers
at one queue.

Sources: Abate & Whitt, Transient behavior of regulated Brownian motion, I: starting at the origin,
Advances in Applied Probability 19, 1987; Whitt, The efficiency of one long run versus independent
replications in steady-state simulation, Management Science 37 (6), 1991.
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
        """The mean wait in units of the mean service, by Kingman's heavy-traffic formula."""
        return self.variability * self.load / (1 - self.load) / self.servers


def asymptotic_variance(load: float) -> float:
    """Return n times the variance of the mean of n waits in M/M/1 with unit mean service."""
    return load * (2 + 5 * load - 4 * load**2 + load**3) / (1 - load) ** 4


def requests_needed(queue: Queue, precision: float = PRECISION, confidence: float = 0.95) -> int:
    """Return how many requests give the mean wait within *precision* of it, at *confidence*.

    Where waits are shorter than services, within *precision* of the mean service: a tenth
    of next to nothing is of no use.
    """
    # A tenth of a wait far below the service time is more precision than anyone needs.
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


MATERIAL_BIAS = 0.05
"""A mean wait that is too small by a larger share of it is warned of."""


def bias(queue: Queue, skipped: float, requests: float) -> float:
    """Return the share of the mean wait that *requests* miss which follow the *skipped* first."""
    # Time in the Brownian motion's own unit, in which all queues are one.
    unit = _unit(queue)
    if not unit or not requests:
        return 0.0
    start, end = skipped / unit, (skipped + requests) / unit
    return (_missing_from(start) - _missing_from(end)) / (end - start)


def length_needed(queue: Queue) -> int:
    """Return after how many requests a replication misses no more than :data:`MATERIAL_BIAS`.

    Without a warm-up; with one it misses less. Where waits are shorter than services it is a share
    of the mean service, as in :mod:`simsched.statistics.run_length`.
    """
    needed = _unit(queue) * _missing_from(0.0) * _weight(queue) / MATERIAL_BIAS
    return math.ceil(round(needed, 6))


def bias_warning(
    server: str, queue: Queue, skipped: float, requests: float, rate_per_s: float
) -> str | None:
    """Return a sentence if one replication is too short for the load, else None.

    Args:
        server: its name.
        queue: its busiest station.
        skipped: how many requests the warm-up of a replication takes, on average.
        requests: how many come after it, on average.
        rate_per_s: of arrivals, to convert a number of requests to a time.
    """
    share = bias(queue, skipped, requests)
    if share * _weight(queue) <= MATERIAL_BIAS:
        return None
    needed = rounded_up(length_needed(queue))
    count = max(1, round(requests))
    long_enough = (needed, needed / rate_per_s)
    return words.replications_too_short(server, queue.load, count, share, long_enough)


def _unit(queue: Queue) -> float:
    """Return how many requests come in a unit of the time of the Brownian motion."""
    return 2 * queue.variability * queue.load / (1 - queue.load) ** 2 * queue.lines


def _weight(queue: Queue) -> float:
    """Return the mean wait as a multiple of itself, or of the mean service where that is longer."""
    return queue.mean_wait / max(queue.mean_wait, 1.0)


def _missing_from(time: float) -> float:
    """Return what the mean misses from *time* on, in all, of the Brownian motion above."""
    root = math.sqrt(time)
    tail = math.erfc(root / math.sqrt(2)) / 2
    density = math.exp(-time / 2) / math.sqrt(2 * math.pi)
    return max(0.0, (1 - 2 * time - time**2) * tail + (root**3 + root) * density)
