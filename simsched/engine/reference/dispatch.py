"""Dispatch policies: each is a function that chooses the worker for an arriving request.

With ``shared`` and ``last_idle`` there is nothing to choose: all workers take from one queue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from simsched.engine.reference.jobs import Job
from simsched.engine.reference.workers import Workers

Dispatch = Callable[[Job, Workers, int], int]
"""From the request, the workers, some of which are up, and how many requests were dispatched
before, to a worker."""


def race(job: Job, workers: Workers, before: int) -> int:
    """The first to accept: any worker, since an arrival wakes all of them.

    Of arrivals at one instant each is contested by the worker that accepted the one before, which
    is awake, and the first of the others, which are still waking up.
    """
    awake = workers.awake
    if awake is None or len(workers.up) == 1:
        chosen = random(job, workers, before)
    elif 2 * job.draw < 1:
        chosen = awake
    else:
        others = [worker for worker in workers.up if worker != awake]
        chosen = others[int((2 * job.draw - 1) * len(others))]
    workers.wake(chosen)
    return chosen


def random(job: Job, workers: Workers, before: int) -> int:
    """Any worker, as the request's draw says."""
    del before
    return workers.up[int(job.draw * len(workers.up))]


def round_robin(job: Job, workers: Workers, before: int) -> int:
    """One worker after the other."""
    del job
    return workers.up[before % len(workers.up)]


def least_busy(job: Job, workers: Workers, before: int) -> int:
    """The worker with the fewest requests; of several, the first."""
    del job, before
    return workers.least_busy()


DISPATCH: Mapping[str, Dispatch] = MappingProxyType(
    {"race": race, "random": random, "round_robin": round_robin, "least_busy": least_busy}
)
