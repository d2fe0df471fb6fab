"""Points whose replications are tasks of their own.

A point is one task where that is enough to keep all workers busy: its traces then stay where they
are made. Where it is not, because few points are left or one takes long, each replication is a
task; it is kept when it is finished, and what follows from all of them is the last task. Figures
are the same either way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from simsched.experiment.cost import Pace
from simsched.experiment.sweep.job import Job
from simsched.scenario import Scenario

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
