"""Queue disciplines: each is a function that ranks a task joining a queue.

The lowest rank is served first; tasks of equal rank in the order in which they joined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from simsched.engine.reference.tasks import Task

Discipline = Callable[[Task], int]


def fifo(task: Task) -> int:
    """First in, first out."""
    return task.joined


def lifo(task: Task) -> int:
    """Last in, first out."""
    return -task.joined


def priority(task: Task) -> int:
    """The class with the smallest priority first; who computes is not interrupted here."""
    return task.job.priority


def shortest(task: Task) -> int:
    """Least remaining service demand first, without pre-emption."""
    return task.remaining


DISCIPLINES: Mapping[str, Discipline] = MappingProxyType(
    {
        "fifo": fifo,
        "lifo": lifo,
        "priority": priority,
        "preemptive": priority,
        "shortest": shortest,
    }
)
