"""Dispatch policies: each is a function that chooses the worker for an arriving request.

With ``shared`` there is nothing to choose: all workers take from one accept queue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from simsched.engine.reference.job import Job

Load = Callable[[int], int]
"""From a worker to how many requests it has."""

Dispatch = Callable[[Job, Load, Sequence[int], int], int]
"""From the request, the load, the workers that are up, and how many requests were dispatched
before, to a worker."""


def random(job: Job, load: Load, up: Sequence[int], before: int) -> int:
    """Any worker, as the request's draw says."""
    del load, before
    return up[int(job.draw * len(up))]


def round_robin(job: Job, load: Load, up: Sequence[int], before: int) -> int:
    """One worker after the other."""
    del job, load
    return up[before % len(up)]


def least_busy(job: Job, load: Load, up: Sequence[int], before: int) -> int:
    """The worker with the fewest requests; of several, the first."""
    del job, before
    return min(up, key=load)


DISPATCH: Mapping[str, Dispatch] = MappingProxyType(
    {"random": random, "round_robin": round_robin, "least_busy": least_busy}
)
