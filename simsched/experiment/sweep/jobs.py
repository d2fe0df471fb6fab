"""What is still to do of a sweep: which points are simulated one by one, and batches of the others.

A point is one task of a worker while there are enough points to keep all workers busy: its traces
then stay where they are made. The replications of a large point are simulated side by side.

Tasks are handed out in batches, because a batch takes about two milliseconds beyond its tasks (to
send it, and to return its outcome). Batches of :data:`LONG` seconds keep that under 2 %, and little
is lost with a worker. Near the end batches become small again, so that all workers end together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from simsched.experiment.cost import Pace
from simsched.experiment.sweep.plan import Point


@dataclass(frozen=True, slots=True)
class Job:
    """A point that is still to be simulated.

    Attributes:
        key: the name under which its figures are stored.
        point: the point.
        weight: how much work it is.
        replications: how many replications it begins with.
        rows: about how many rows the traces of these have together.
        guess_s: about how many seconds it takes, by what is known before anything was measured.
    """

    key: str
    point: Point
    weight: float
    replications: int = 1
    rows: float = 0.0
    guess_s: float = 0.0


LEAST_S = 0.1
"""A shorter replication, in seconds, is not worth sending alone."""

LOST_S = 5.0
"""Replications that take so long are stored one by one, however many points there are."""

PASSED_S = 2e-6
"""How long it takes to send and store a row of a trace, in seconds."""

# A replication is not sent alone if that costs more than this share of its simulation.
_MUCH = 0.2

# A point is large if it is more than one in so many parts of the work left for each worker.
_SHARES = 2


def large(jobs: Iterable[Job], workers: int) -> list[Job]:
    """Return the points whose replications are best simulated side by side, the heaviest first."""
    heaviest_first = sorted(jobs, key=lambda job: -job.weight)
    left = sum(job.weight for job in heaviest_first)
    found: list[Job] = []
    for job in heaviest_first:
        is_heavy = workers > 1 and job.weight * workers * _SHARES > left
        is_long = job.guess_s > LOST_S * job.replications
        # Many workers have more to do with a point each than with the replications of one.
        keeps_busy = job.replications >= min(workers, len(heaviest_first) - len(found))
        if (is_heavy or is_long) and keeps_busy and _is_worth_sending(job):
            found.append(job)
            left -= job.weight
    return found


def _is_worth_sending(job: Job) -> bool:
    """Say whether the replications of *job* take longer than it takes to send their traces."""
    if job.replications == 1 or job.guess_s < LEAST_S * job.replications:
        return False
    # The compiled engine may simulate a row faster than that row is sent.
    return job.rows * PASSED_S <= _MUCH * job.guess_s


LONG = 0.2
"""How many seconds a batch of small tasks takes."""

# The work that is left is cut into at least so many batches for each worker.
_BATCHES = 4

# A task is light if a worker's share of all consists of more than so many of them.
_LIGHT = 16

# How often a task may be lost before it is done alone.
_STRIKES = 3


class Queue:
    """What is still to do, the heaviest first: so no worker is left with a long task at the end.

    That is true of tasks that are heavy compared with a worker's share. The others come in the
    order of a hash, which is as good as random, so that the first ones show how long all take.

    Source: Graham, Bounds on multiprocessing timing anomalies, SIAM Journal on Applied Mathematics
    17 (2), 1969 (the longest first ends within 4/3 of the best order).
    """

    def __init__(self, jobs: Iterable[Job], workers: int) -> None:
        self._jobs = list(jobs)
        self._left = sum(job.weight for job in self._jobs)
        self._workers = workers
        self._heavy = self._left / (workers * _LIGHT)
        self._jobs.sort(key=self._order)
        self._lost: Counter[str] = Counter()
        self.pace = Pace()

    def __bool__(self) -> bool:
        return bool(self._jobs)

    @property
    def weight(self) -> float:
        """How much work is left."""
        return self._left if self._jobs else 0.0

    @property
    def next_s(self) -> float:
        """About how long the next task takes; 0 without any."""
        return self.pace.foresee(self._jobs[-1].weight) if self._jobs else 0.0

    @property
    def must_wait(self) -> bool:
        """Whether the next task was lost so often that nothing else should run beside it."""
        return bool(self._jobs) and self.is_suspect(self._jobs[-1])

    def batch(self) -> list[Job]:
        """Return the jobs to do next, at least one."""
        taken = [self._pop()]
        # Before anything was measured a batch might take hours.
        if self.is_suspect(taken[0]) or not self.pace.known:
            return taken
        # Smaller near the end, so that no worker has a batch left when the others are done.
        share = self.pace.foresee(self._left + taken[0].weight) / (self._workers * _BATCHES)
        most = min(LONG, share)
        seconds = self.pace.foresee(taken[0].weight)
        while self._jobs and not self.is_suspect(self._jobs[-1]):
            seconds += self.pace.foresee(self._jobs[-1].weight)
            if seconds > most:
                break
            taken.append(self._pop())
        return taken

    def _pop(self) -> Job:
        self._left -= self._jobs[-1].weight
        return self._jobs.pop()

    def give_back(self, jobs: Iterable[Job]) -> None:
        """Take back *jobs* whose worker died, to be done next; those that may be deadly last."""
        for job in jobs:
            self._lost[job.key] += 1
            self._jobs.append(job)
            self._left += job.weight
        self._jobs.sort(key=lambda job: (not self.is_suspect(job), self._order(job)))

    def _order(self, job: Job) -> tuple[float, str]:
        # A key is a hash, so light jobs come in an order that has nothing to do with their weight.
        return (job.weight if job.weight > self._heavy else 0.0, job.key)

    def is_suspect(self, job: Job) -> bool:
        """Return whether *job* was lost so often that its workers may have died of it."""
        return self._lost[job.key] >= _STRIKES
