"""What every contestant simulates: Poisson arrivals at one queue, visited once or more often."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    """Requests that visit one CPU in turn, with I/O between visits; all durations exponential.

    With one visit it is M/M/1; with more it is what an event loop does.

    Attributes:
        rate: arrivals per second.
        visits: how often a request computes.
        cpu_s: mean seconds of each visit.
        io_s: mean seconds between two visits.
    """

    name: str
    rate: float
    visits: int
    cpu_s: float
    io_s: float

    @property
    def mean_response_s(self) -> float:
        """The mean response time in the steady state, by theory.

        Each visit takes what it would in M/M/1 at the total load (Jackson, Operations Research 5,
        1957; Baskett et al., Journal of the ACM 22, 1975).
        """
        load = self.rate * self.visits * self.cpu_s
        return self.visits * self.cpu_s / (1 - load) + (self.visits - 1) * self.io_s


FEEDBACK = Work("feedback", rate=80.0, visits=2, cpu_s=0.004, io_s=0.050)
MM1 = Work("mm1", rate=80.0, visits=1, cpu_s=0.010, io_s=0.0)
WORKS = {work.name: work for work in (FEEDBACK, MM1)}


@dataclass(frozen=True)
class Undrawn:
    """What those need that draw as they go."""

    work: Work
    requests: int
    seed: int

    def chance(self) -> random.Random:
        """Return what to draw from."""
        return random.Random(self.seed)  # noqa: S311 - nothing here is secret

    def between_arrivals_s(self, chance: random.Random) -> float:
        """Return the seconds from one arrival to the next."""
        return chance.expovariate(self.work.rate)

    def cpu_s(self, chance: random.Random) -> float:
        """Return the seconds of one visit to the CPU."""
        return chance.expovariate(1 / self.work.cpu_s)

    def io_s(self, chance: random.Random) -> float:
        """Return the seconds of one wait between visits."""
        return chance.expovariate(1 / self.work.io_s)


def draw_later(work: Work, requests: int, seed: int) -> Undrawn:
    """Return what those draw from that draw as they go."""
    return Undrawn(work, requests, seed)
