"""Queue disciplines: each is a function that ranks a request joining a queue.

The lowest rank is served first. Requests of equal rank are served in the order in which they
joined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from simsched.engine.reference.job import Job

Discipline = Callable[[Job], int]


def fifo(job: Job) -> int:
    """First in, first out."""
    return job.joined


def lifo(job: Job) -> int:
    """Last in, first out."""
    return -job.joined


def shortest(job: Job) -> int:
    """Least remaining service demand first, without pre-emption."""
    return job.remaining_ns


DISCIPLINES: Mapping[str, Discipline] = MappingProxyType(
    {"fifo": fifo, "lifo": lifo, "shortest": shortest}
)
