"""Tasks handed out in batches, so that passing them on takes little of the time.

What a batch costs besides its tasks (it is sent, and its outcome comes back) is about two
milliseconds. Batches of :data:`LONG` seconds keep that under 2 %, and still little is lost with a
worker. Near the end batches become small again, so that all workers end together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from simsched.experiment.cost import Pace
from simsched.experiment.sweep.job import Job
from simsched.experiment.sweep.splitting import is_worth_splitting

LONG = 0.2
"""How many seconds a batch of small tasks takes."""

_SHARES = 4
"""In how many batches for each worker what is left is cut, at least."""

_LIGHT = 16
"""So many tasks in a worker's share of all make each of them light."""

_STRIKES = 3
"""How often a task may be lost before it is done alone."""


class Queue:
    """What is still to do, the heaviest first: so no worker is left with a long task at the end.

    That goes for what is heavy beside a worker's share. The rest comes as a hash has it, which is
    as good as at random, so that the first that are done tell how long all take.

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
        """About how long the next task takes, or one of its replications; 0 without any."""
        if not self._jobs:
            return 0.0
        job = self._jobs[-1]
        return self.pace.foresee(job.weight / (job.replications if job.kind == "point" else 1))

    @property
    def must_wait(self) -> bool:
        """Whether the next task was lost so often that nothing else should be going on."""
        return bool(self._jobs) and self.is_suspect(self._jobs[-1])

    @property
    def must_split(self) -> bool:
        """Whether the replications of the next task are to be tasks of their own."""
        return bool(self._jobs) and is_worth_splitting(
            self._jobs[-1], self._left, self._workers, self.pace
        )

    def pop(self) -> Job:
        """Return the job to do next, alone."""
        self._left -= self._jobs[-1].weight
        return self._jobs.pop()

    def push(self, jobs: Iterable[Job]) -> None:
        """Take in *jobs* to be done before all others, the last first."""
        new = list(jobs)
        self._jobs += new
        self._left += sum(job.weight for job in new)

    def drop(self, key: str) -> None:
        """Forget what was still to be done for the point that is kept under *key*."""
        self._left -= sum(job.weight for job in self._jobs if job.key == key)
        self._jobs = [job for job in self._jobs if job.key != key]

    def batch(self) -> list[Job]:
        """Return the jobs to do next, at least one."""
        taken = [self.pop()]
        if not self.is_suspect(taken[0]) and self.pace.known:
            share = self.pace.foresee(self._left + taken[0].weight) / (self._workers * _SHARES)
            most = min(LONG, share)
            seconds = self.pace.foresee(taken[0].weight)
            while self._jobs and not self.is_suspect(self._jobs[-1]):
                seconds += self.pace.foresee(self._jobs[-1].weight)
                if seconds > most:
                    break
                taken.append(self.pop())
        return taken

    def give_back(self, jobs: Iterable[Job]) -> None:
        """Take back *jobs* whose worker died, to be done next; last what may be deadly."""
        for job in jobs:
            self._lost[job.name] += 1
            self.push([job])
        self._jobs.sort(
            key=lambda job: (not self.is_suspect(job), job.kind != "point", self._order(job))
        )

    def _order(self, job: Job) -> tuple[float, str]:
        least = job.weight / job.replications
        return (job.weight if least > self._heavy else 0.0, job.key)

    def is_suspect(self, job: Job) -> bool:
        """Return whether *job* was lost so often that it may be what its workers died of."""
        return self._lost[job.name] >= _STRIKES
