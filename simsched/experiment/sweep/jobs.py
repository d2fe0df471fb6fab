"""What is still to do of a sweep: points as jobs, split where that pays, handed out in batches.

A point is one task where that is enough to keep all workers busy: its traces then stay where they
are made. Where it is not, because few points are left or one takes long, each replication is a
task; it is kept when it is finished, and what follows from all of them is the last task. Figures
are the same either way.

Tasks are handed out in batches, so that passing them on takes little of the time. Beyond its tasks
a batch costs about two milliseconds (it is sent, and its outcome comes back). Batches of
:data:`LONG` seconds keep that under 2 %, and still little is lost with a worker. Near the end
batches become small again, so that all workers end together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from simsched.experiment.cost import Pace
from simsched.experiment.sweep.plan import Point
from simsched.scenario import Scenario

Kind = Literal["point", "replication", "conclusion"]
"""
point           all of a point at once
replication     one replication of it
conclusion      what follows from its replications, which are there
"""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do for a point.

    Attributes:
        key: the name that the point's figures are kept by.
        point: the point.
        weight: how much work it is.
        replications: how many replications the point begins with.
        rows: about how many rows they have together, of what is simulated and not yet figures.
        guess_s: about how many seconds it takes, by what is known before anything was measured.
        kept: the replications that the store has, by number.
        kind: what of the point is to be done.
        number: which replication, where it is one.
    """

    key: str
    point: Point
    weight: float
    replications: int = 1
    rows: float = 0.0
    guess_s: float = 0.0
    kept: Mapping[int, bytes] = field(default_factory=dict, hash=False)
    kind: Kind = "point"
    number: int | None = None

    @property
    def name(self) -> str:
        """What tells it from other jobs."""
        return f"{self.key} {self.kind} {self.number}"


LEAST_S = 0.1
"""How long a replication takes that is worth being sent alone, in seconds."""

LOST_S = 5.0
"""A replication that takes so long is kept for itself, however many points there are."""

PASSED_S = 2e-6
"""What a row of a trace costs that is sent and kept, in seconds."""

_MUCH = 0.2
"""A replication is not sent alone if that costs more than this part of its simulation."""

_SHARES = 2
"""A point is split that is more than one in so many parts of what is left for each worker."""

_CONCLUDING = 0.1
"""How much of the work of a point is to conclude, about."""


def is_worth_splitting(job: Job, left: float, workers: int, pace: Pace) -> bool:
    """Return whether the replications of *job* are to be tasks, *left* being all the work left."""
    if job.kind != "point" or job.replications == 1:
        return False
    whole = pace.foresee(job.weight) if pace.known else job.guess_s
    seconds = whole / job.replications
    if job.rows * PASSED_S > _MUCH * whole:
        return bool(job.kept)
    is_large = job.weight * workers * _SHARES > left and workers > 1
    return bool(job.kept) or seconds > LOST_S or (is_large and seconds > LEAST_S)


class Split:
    """A point of *scenario* whose replications are tasks, until they are all there."""

    def __init__(self, job: Job, scenario: Scenario) -> None:
        self.scenario = scenario
        self._job = job
        self._parts = dict(job.kept)
        self._wanted = job.replications

    @property
    def parts(self) -> tuple[bytes, ...]:
        """The replications that are wanted, in order."""
        return tuple(self._parts[number] for number in self._numbers)

    def jobs(self) -> list[Job]:
        """Return what is to be done next: the replications that are missing, or to conclude."""
        each = self._job.weight / self._job.replications
        missing = [number for number in self._numbers if number not in self._parts]
        if not missing:
            return [replace(self._job, kind="conclusion", weight=self._wanted * each * _CONCLUDING)]
        weight = each * (1 - _CONCLUDING)
        return [
            replace(self._job, kind="replication", number=number, weight=weight)
            for number in reversed(missing)
        ]

    def add(self, number: int, data: bytes) -> bool:
        """Take a replication; return whether it was the last that was missing."""
        self._parts[number] = data
        return all(wanted in self._parts for wanted in self._numbers)

    def go_on(self, more: int) -> None:
        """Want so many *more* replications, as a stopping rule asks for."""
        self._wanted += more

    @property
    def _numbers(self) -> Iterable[int]:
        return range(1, self._wanted + 1)


LONG = 0.2
"""How many seconds a batch of small tasks takes."""

_BATCHES = 4
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
