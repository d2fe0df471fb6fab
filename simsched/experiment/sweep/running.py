"""A sweep simulated: what the store has is taken from it, what is missing is done."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from simsched.engine.choice import foreseen_s
from simsched.errors import InputError, RunError, ScenarioError
from simsched.experiment.checkpoint import Checkpoint
from simsched.experiment.cost import Pace, rows, weight
from simsched.experiment.record import Record, unpack
from simsched.experiment.runner import run
from simsched.experiment.simulating import OneByOne, SideBySide
from simsched.experiment.store import NotStoredError, Store, key
from simsched.experiment.sweep.executing import GONE, Execution
from simsched.experiment.sweep.jobs import Job, large
from simsched.experiment.sweep.result import SweepResult
from simsched.experiment.sweep.task import Outcome, attempt
from simsched.experiment.workers import Here
from simsched.statistics.contender import contenders_of

if TYPE_CHECKING:
    from simsched.experiment.sweep.plan import Plan, Point
    from simsched.experiment.workers import Workers
    from simsched.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Finished:
    """A point that is finished, and the progress of the sweep.

    Attributes:
        point: the point.
        record: its figures; None where it failed.
        error: why it failed.
        done: how many points are finished.
        total: how many there are.
        left_s: about how many seconds the rest takes; NaN where that is not known yet.
    """

    point: Point
    record: Record | None
    error: str | None
    done: int
    total: int
    left_s: float


@dataclass(frozen=True)
class Started:
    """The state of a sweep when it starts.

    Attributes:
        total: how many points there are.
        kept: how many of them are in the store.
        parts: how many replications of others are in the store.
    """

    total: int
    kept: int
    parts: int


Listener = Callable[[Started | Finished], None]
"""Called as the sweep progresses."""


def sweep(plan: Plan, store: Store, workers: Workers, listener: Listener) -> SweepResult:
    """Return the results of the points of *plan*, which do not depend on the *workers*.

    Every point is stored in *store* as soon as it is finished. A point that fails does not affect
    the others.

    Raises:
        RunError: the store cannot be written, or the workers are gone for good; what is in the
            store stays there.
    """
    found = _Sweep(plan, store, workers, listener)
    jobs = found.prepare()
    rest = found.simulate_large(jobs)
    if rest:
        Execution(rest, plan.scenario, workers, found.finish).run()
    records, failures = dict(sorted(found.records.items())), dict(sorted(found.failures.items()))
    return SweepResult(plan, records, failures)


class _Sweep:
    """The points of a sweep, which are stored as they finish."""

    def __init__(self, plan: Plan, store: Store, workers: Workers, listener: Listener) -> None:
        self._plan = plan
        self._store = store
        self._workers = workers
        self._listener = listener
        self._sharing: dict[str, list[Point]] = defaultdict(list)
        self._started: dict[str, Checkpoint] = {}
        self.records: dict[int, Record] = {}
        self.failures: dict[int, str] = {}

    def prepare(self) -> list[Job]:
        """Take what the store has, and return what is to be done: each scenario once."""
        self._store.sweep_out()
        stored = self._store.runs()
        jobs: dict[str, Job] = {}
        for point in self._plan.points:
            try:
                scenario = self._plan.scenario(point)
            except InputError as error:
                self.failures[point.number] = on_one_line(error)
                continue
            name = key(scenario)
            self._sharing[name].append(point)
            if (found := self._store.get(name)) is not None:
                self.records[point.number] = found
            elif name not in jobs:
                jobs[name] = _job(name, point, scenario)
                if name in stored:
                    self._started[name] = self._checkpoint(name, scenario)
        self._announce()
        return list(jobs.values())

    def _checkpoint(self, name: str, scenario: Scenario) -> Checkpoint:
        return Checkpoint(self._store, [scenario], contenders_of([scenario]), name)

    def simulate_large(self, jobs: Sequence[Job]) -> list[Job]:
        """Simulate the large ones of *jobs*, one by one, as runs are; return the others.

        A point of which there are replications in the store is one of them.

        Raises:
            RunError: the store cannot be written, or the workers are gone for good.
        """
        # These come first: what is stored of them is not asked for again later.
        started = [job for job in jobs if job.key in self._started]
        others = [job for job in jobs if job.key not in self._started]
        found = started + large(others, self._workers.count)
        pace, left = Pace(), sum(job.weight for job in jobs)
        for job in found:
            outcome = self._simulated(job)
            left -= job.weight
            pace.learn(job.weight, outcome.seconds)
            self.finish(job, outcome, pace.foresee(left))
        return [job for job in others if job not in found]

    def _simulated(self, job: Job) -> Outcome:
        scenario = self._plan.scenario(job.point)
        checkpoint = self._started.get(job.key) or self._checkpoint(job.key, scenario)
        # In this process a result is stored before the next replication begins.
        simulate = OneByOne() if isinstance(self._workers, Here) else SideBySide(self._workers)
        try:
            found = attempt(
                lambda: run([scenario], timelines="none", simulate=simulate, checkpoint=checkpoint)
            )
        except CancelledError:
            raise RunError(GONE) from None
        if found.data is not None:
            checkpoint.forget()
        return found

    def finish(self, job: Job, outcome: Outcome, left_s: float) -> None:
        """Store the point of *job*, and report it."""
        found = None
        if outcome.data is not None:
            try:
                self._store.put(job.key, outcome.data)
            except OSError as error:
                raise NotStoredError(
                    f"{self._store.root}: {error.strerror or error}; "
                    f"{len(self.records)} of {len(self._plan.points)} points are stored: "
                    "make room and run the same command again to continue"
                ) from error
            found = unpack(outcome.data)
        for point in self._sharing[job.key]:  # points may be equal by an option such as --seed
            if found is not None:
                self.records[point.number] = found
            else:
                self.failures[point.number] = outcome.error or "it failed"
            done = len(self.records) + len(self.failures)
            self._report(point, found, outcome.error, done, left_s)

    def _announce(self) -> None:
        """Report what the store has, and which points are invalid."""
        parts = sum(each.count for each in self._started.values())
        self._listener(Started(len(self._plan.points), len(self.records), parts))
        invalid = (point for point in self._plan.points if point.number in self.failures)
        for done, point in enumerate(invalid, len(self.records) + 1):
            self._report(point, None, self.failures[point.number], done, math.nan)

    def _report(
        self, point: Point, found: Record | None, error: str | None, done: int, left_s: float
    ) -> None:
        self._listener(Finished(point, found, error, done, len(self._plan.points), left_s))


def _job(name: str, point: Point, scenario: Scenario) -> Job:
    work = weight(scenario)
    return Job(
        name,
        point,
        work,
        replications=scenario.run.replications or 1,
        rows=rows(scenario),
        guess_s=foreseen_s(scenario.run.engine, work),
    )


def on_one_line(error: InputError) -> str:
    """Return *error* on one line, without positions, as all points share a line of the file."""
    if not isinstance(error, ScenarioError):
        return str(error)
    whole = (replace(fault, line=None, column=None) for fault in error.faults)
    return ", and ".join(str(fault).removeprefix(f"{fault.file}: ") for fault in whole)
