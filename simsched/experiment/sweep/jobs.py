"""What is still to do of a sweep: points as jobs, split where that pays, handed out in batches.

A point is one task while there are enough points to keep all workers busy: its traces then stay
where they are made. When few points are left or one takes long, each replication is a task; its
traces are stored when it is finished, and the figures of all of them are the last task. The figures
are the same either way.

Tasks are handed out in batches, because a batch takes about two milliseconds beyond its tasks (to
send it, and to return its outcome). Batches of :data:`LONG` seconds keep that under 2 %, and little
is lost with a worker. Near the end batches become small again, so that all workers end together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from simsched.experiment.cost import Pace
from simsched.experiment.sweep.plan import Point
from simsched.experiment.sweep.task import Kind
from simsched.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Job:
    """A unit of work that is still to be handed out, with its weight and what it may take.

    Attributes:
        key: the name under which the point's figures are stored.
        point: the point.
        weight: how much work it is.
        replications: how many replications the point begins with.
        rows: about how many rows the traces of these have together.
        guess_s: about how many seconds it takes, by what is known before anything was measured.
        kept: the numbers of the replications that are in the store.
        kind: what is to be done for the point.
        number: which replication, if it is one.
    """

    key: str
    point: Point
    weight: float
    replications: int = 1
    rows: float = 0.0
    guess_s: float = 0.0
    kept: frozenset[int] = frozenset()
    kind: Kind = "point"
    number: int = 1

    @property
    def name(self) -> str:
        """A name that no other job has."""
        return f"{self.key} {self.kind} {self.number}"


LEAST_S = 0.1
"""A shorter replication, in seconds, is not worth sending alone."""

LOST_S = 5.0
"""A replication that takes so long is stored by itself, however many points there are."""

PASSED_S = 2e-6
"""How long it takes to send and store a row of a trace, in seconds."""

_MUCH = 0.2
"""A replication is not sent alone if that costs more than this share of its simulation."""

_SHARES = 2
"""A point is split if it is more than one in so many parts of the work left for each worker."""

_CONCLUDING = 0.1
"""About how much of the work of a point is to conclude from its replications."""


def is_worth_splitting(job: Job, left: float, workers: int, pace: Pace) -> bool:
    """Return whether the replications of *job* should be tasks, *left* being all the work left."""
    if job.kind != "point" or job.replications == 1:
        return False
    whole = pace.foresee(job.weight) if pace.known else job.guess_s
    seconds = whole / job.replications
    if job.rows * PASSED_S > _MUCH * whole:  # as with the compiled engine, which is that fast
        return bool(job.kept)
    is_large = job.weight * workers * _SHARES > left and workers > 1
    return bool(job.kept) or seconds > LOST_S or (is_large and seconds > LEAST_S)


class Split:
    """A point of *scenario* whose replications are tasks, until all of them are in the store."""

    def __init__(self, job: Job, scenario: Scenario) -> None:
        self.scenario = scenario
        self._job = job
        self._done = set(job.kept)
        self._wanted = job.replications

    @property
    def numbers(self) -> range:
        """The replications that are wanted."""
        return range(1, self._wanted + 1)

    def jobs(self) -> list[Job]:
        """Return what is to be done next: the replications that are missing, or to conclude."""
        each = self._job.weight / self._job.replications
        missing = [number for number in self.numbers if number not in self._done]
        if not missing:
            return [replace(self._job, kind="conclusion", weight=self._wanted * each * _CONCLUDING)]
        weight = each * (1 - _CONCLUDING)
        # The queue hands out the last first, and replications are wanted in their order.
        return [
            replace(self._job, kind="replication", number=number, weight=weight)
            for number in reversed(missing)
        ]

    def add(self, number: int) -> bool:
        """Note that a replication is stored; return whether it was the last that was missing."""
        self._done.add(number)
        return self._done.issuperset(self.numbers)

    def extend(self, more: int) -> None:
        """Want so many *more* replications, as a stopping rule asks for."""
        self._wanted += more


LONG = 0.2
"""How many seconds a batch of small tasks takes."""

_BATCHES = 4
"""The work that is left is cut into at least so many batches for each worker."""

_LIGHT = 16
"""A task is light if a worker's share of all consists of more than so many of them."""

_STRIKES = 3
"""How often a task may be lost before it is done alone."""


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
        """About how long the next task takes, or one of its replications; 0 without any."""
        if not self._jobs:
            return 0.0
        job = self._jobs[-1]
        return self.pace.foresee(job.weight / (job.replications if job.kind == "point" else 1))

    @property
    def must_wait(self) -> bool:
        """Whether the next task was lost so often that nothing else should run beside it."""
        return bool(self._jobs) and self.is_suspect(self._jobs[-1])

    @property
    def must_split(self) -> bool:
        """Whether the replications of the next task should be tasks of their own."""
        return bool(self._jobs) and is_worth_splitting(
            self._jobs[-1], self._left, self._workers, self.pace
        )

    def pop(self) -> Job:
        """Return the job to do next, alone."""
        self._left -= self._jobs[-1].weight
        return self._jobs.pop()

    def push(self, jobs: Iterable[Job]) -> None:
        """Add *jobs* to be done before all others, the last first."""
        new = list(jobs)
        self._jobs += new
        self._left += sum(job.weight for job in new)

    def drop(self, key: str) -> None:
        """Remove what was still to be done for the point that is stored under *key*."""
        self._left -= sum(job.weight for job in self._jobs if job.key == key)
        self._jobs = [job for job in self._jobs if job.key != key]

    def batch(self) -> list[Job]:
        """Return the jobs to do next, at least one."""
        taken = [self.pop()]
        if self.is_suspect(taken[0]) or not self.pace.known:
            return taken
        share = self.pace.foresee(self._left + taken[0].weight) / (self._workers * _BATCHES)
        most = min(LONG, share)
        seconds = self.pace.foresee(taken[0].weight)
        while self._jobs and not self.is_suspect(self._jobs[-1]):
            seconds += self.pace.foresee(self._jobs[-1].weight)
            if seconds > most:
                break
            taken.append(self.pop())
        return taken

    def give_back(self, jobs: Iterable[Job]) -> None:
        """Take back *jobs* whose worker died, to be done next; those that may be deadly last."""
        for job in jobs:
            self._lost[job.name] += 1
            self.push([job])
        self._jobs.sort(
            key=lambda job: (not self.is_suspect(job), job.kind != "point", self._order(job))
        )

    def _order(self, job: Job) -> tuple[float, str]:
        # A key is a hash, so light jobs come in an order that has nothing to do with their weight.
        least = job.weight / job.replications
        return (job.weight if least > self._heavy else 0.0, job.key)

    def is_suspect(self, job: Job) -> bool:
        """Return whether *job* was lost so often that its workers may have died of it."""
        return self._lost[job.name] >= _STRIKES
