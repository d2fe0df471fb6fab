"""How far a mean is off because each replication starts empty.

More replications narrow an interval, and leave it where it is: about a mean wait that is too small
as long as each of them is short against the time in which the queue fills. In heavy traffic every
queue is one reflected Brownian motion. Begun at 0, with drift -1 and variance 1, the part of its
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

from simsched.statistics.run_length import Queue, rounded_up
from simsched.statistics.words import warnings as words

MATERIAL = 0.05
"""A mean wait that is too small by a larger share of it is warned of."""


def bias(queue: Queue, skipped: float, requests: float) -> float:
    """Return the share of the mean wait that *requests* miss which follow the *skipped* first."""
    unit = _unit(queue)
    if not unit or not requests:
        return 0.0
    start, end = skipped / unit, (skipped + requests) / unit
    return (_missing_from(start) - _missing_from(end)) / (end - start)


def length_needed(queue: Queue) -> int:
    """Return after how many requests a replication misses no more than :data:`MATERIAL`.

    Without a warm-up; with one it misses less. Where waits are shorter than services it is a share
    of the mean service, as in :mod:`simsched.statistics.run_length`.
    """
    needed = _unit(queue) * _missing_from(0.0) * _weight(queue) / MATERIAL
    return math.ceil(round(needed, 6))


def warning(
    server: str, queue: Queue, skipped: float, requests: float, rate_per_s: float
) -> str | None:
    """Return a sentence if one replication is too short for the load, else None.

    Args:
        server: its name.
        queue: its busiest station.
        skipped: how many requests the warm-up of a replication takes, on average.
        requests: how many come after it, on average.
        rate_per_s: of arrivals, to tell a number of requests as a time.
    """
    share = bias(queue, skipped, requests)
    if share * _weight(queue) <= MATERIAL:
        return None
    needed = rounded_up(length_needed(queue))
    count = max(1, round(requests))
    long_enough = (needed, needed / rate_per_s)
    return words.replications_too_short(server, queue.load, count, share, long_enough)


def _unit(queue: Queue) -> float:
    """Return how many requests come in a unit of the time of the Brownian motion."""
    return 2 * queue.variability * queue.load / (1 - queue.load) ** 2 * queue.lines


def _weight(queue: Queue) -> float:
    """Return the mean wait over what it is told in parts of: itself, or a longer mean service."""
    return queue.mean_wait / max(queue.mean_wait, 1.0)


def _missing_from(time: float) -> float:
    """Return what the mean misses from *time* on, in all, of the Brownian motion above."""
    root = math.sqrt(time)
    tail = math.erfc(root / math.sqrt(2)) / 2
    density = math.exp(-time / 2) / math.sqrt(2 * math.pi)
    return max(0.0, (1 - 2 * time - time**2) * tail + (root**3 + root) * density)
