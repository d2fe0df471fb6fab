"""A sweep simulated: what the store has is taken from it, what is missing is done."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from simsched.engine.choice import foreseen_s
from simsched.errors import InputError, RunError, ScenarioError
from simsched.experiment.cost import rows, weight
from simsched.experiment.record import Record, unpack
from simsched.experiment.store import Store, key
from simsched.experiment.sweep.executing import execute
from simsched.experiment.sweep.jobs import Job
from simsched.experiment.sweep.result import SweepResult
from simsched.experiment.workers import Cluster

if TYPE_CHECKING:
    from simsched.experiment.sweep.plan import Plan, Point
    from simsched.experiment.sweep.task import Outcome
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
        RunError: the store cannot be written; what is in it stays there.
    """
    run = _Sweep(plan, store, listener, shares_files=not isinstance(workers, Cluster))
    jobs = run.prepare()
    if jobs:
        execute(jobs, plan.scenario, workers, run)
    return SweepResult(plan, dict(sorted(run.records.items())), dict(sorted(run.failures.items())))


class _Sweep:
    """The points of a sweep, which are stored as they finish."""

    def __init__(self, plan: Plan, store: Store, listener: Listener, *, shares_files: bool) -> None:
        self._plan = plan
        self._store = store
        self._listener = listener
        self._shares_files = shares_files
        self._sharing: dict[str, list[Point]] = defaultdict(list)
        self.records: dict[int, Record] = {}
        self.failures: dict[int, str] = {}

    def prepare(self) -> list[Job]:
        """Take what the store has, and return what is to be done: each scenario once."""
        self._store.sweep_out()
        parts = self._store.begun()
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
                jobs[name] = self._job(name, point, scenario, parts.get(name, ()))
        self._announce(jobs.values())
        return list(jobs.values())

    def _job(self, name: str, point: Point, scenario: Scenario, parts: Iterable[int]) -> Job:
        return Job(
            name,
            point,
            weight=weight(scenario),
            replications=scenario.run.replications or 1,
            rows=rows(scenario),
            guess_s=foreseen_s(scenario.run.engine, weight(scenario)),
            kept=frozenset(n for n in parts if self._store.part(name, n) is not None),
        )

    def keep_part(self, key: str, number: int, data: bytes) -> None:
        """Store the replication of that *number* of the point with that *key*."""
        with self._writable():
            self._store.put_part(key, number, data)

    def part(self, key: str, number: int) -> Path | bytes:
        """Return a replication that is stored: its file, for workers that can read it."""
        path = self._store.part_path(key, number)
        return path if self._shares_files else self._store.part(key, number) or b""

    def finish(self, key: str, outcome: Outcome, left_s: float) -> None:
        """Store the point with that *key*, and report it."""
        found = None
        if outcome.data is not None:
            with self._writable():
                self._store.put(key, outcome.data)
            found = unpack(outcome.data)
        for point in self._sharing[key]:  # points may be equal by an option such as --seed
            if found is not None:
                self.records[point.number] = found
            else:
                self.failures[point.number] = outcome.error or "it failed"
            done = len(self.records) + len(self.failures)
            self._report(point, found, outcome.error, done, left_s)

    @contextmanager
    def _writable(self) -> Iterator[None]:
        """Turn an error of the store into one that says what is stored, and how to continue."""
        try:
            yield
        except OSError as error:
            raise RunError(
                f"{self._store.root}: {error.strerror or error}; "
                f"{len(self.records)} of {len(self._plan.points)} points are stored: "
                "make room and run the same command again to continue"
            ) from error

    def _announce(self, jobs: Iterable[Job]) -> None:
        """Report what the store has, and which points are invalid."""
        parts = sum(len(job.kept) for job in jobs)
        self._listener(Started(len(self._plan.points), len(self.records), parts))
        invalid = (point for point in self._plan.points if point.number in self.failures)
        for done, point in enumerate(invalid, len(self.records) + 1):
            self._report(point, None, self.failures[point.number], done, math.nan)

    def _report(
        self, point: Point, found: Record | None, error: str | None, done: int, left_s: float
    ) -> None:
        self._listener(Finished(point, found, error, done, len(self._plan.points), left_s))


def on_one_line(error: InputError) -> str:
    """Return *error* on one line, without positions, as all points share a line of the file."""
    if not isinstance(error, ScenarioError):
        return str(error)
    whole = (replace(fault, line=None, column=None) for fault in error.faults)
    return ", and ".join(str(fault).removeprefix(f"{fault.file}: ") for fault in whole)
