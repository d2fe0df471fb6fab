"""M/G/1 with priorities: who is first in line is told by the class; nobody is interrupted.

Source: Cobham, Priority assignment in waiting line problems, Operations Research 2 (1), 1954;
Kleinrock, Queueing Systems 2, 1976, section 3.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simsched.statistics.theory.mg1 import Service

NAME = "M/G/1 with priorities (Cobham)"
SOURCE = "Cobham, Oper. Res. 2 (1954)"


@dataclass(frozen=True, slots=True)
class Stream:
    """The requests of one class: how many arrive per second, their service, and their place.

    Those of a smaller ``priority`` are served first; within one, who came first.
    """

    arrival_rate: float
    service: Service
    priority: int

    @property
    def load(self) -> float:
        """The share of the server's time that they take."""
        return self.arrival_rate * self.service.mean


def mean_waits(streams: Sequence[Stream]) -> list[float]:
    """Return the mean wait of each stream; their loads add up to less than 1.

    The work that is found in service, over the share of time that nobody of a smaller priority
    takes, and over that which nobody of one at most as large takes.
    """
    found = sum(each.arrival_rate * each.service.second_moment for each in streams) / 2
    return [
        found
        / (1 - sum(other.load for other in streams if other.priority < each.priority))
        / (1 - sum(other.load for other in streams if other.priority <= each.priority))
        for each in streams
    ]
