"""A sweep simulated: what is kept already is taken, what is missing is done."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from simsched.engine.choice import foreseen_s
from simsched.errors import InputError, RunError, ScenarioError
from simsched.experiment.cost import rows, weight
from simsched.experiment.store import Store, key
from simsched.experiment.store_record import Record, unpack
from simsched.experiment.sweep.executing import execute
from simsched.experiment.sweep.jobs import Job
from simsched.experiment.sweep.result import SweepResult

if TYPE_CHECKING:
    from simsched.experiment.sweep.plan import Plan, Point
    from simsched.experiment.sweep.task import Outcome
    from simsched.experiment.workers import Workers
    from simsched.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Finished:
    """A point that is finished, and how the sweep stands.

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
    """What a sweep begins with.

    Attributes:
        total: how many points there are.
        kept: how many of them the store has.
        parts: how many replications it has of others.
    """

    total: int
    kept: int
    parts: int


Listener = Callable[[Started | Finished], None]
"""Told how the sweep goes on."""


def sweep(plan: Plan, store: Store, workers: Workers, told: Listener) -> SweepResult:
    """Return what the points of *plan* come to, the same whoever does the work, and how often.

    Every point is kept in *store* as soon as it is finished. A point that fails does not keep the
    others from going on.

    Raises:
        RunError: the store cannot be written; what is kept stays so.
    """
    run = _Sweep(plan, store, told)
    jobs = run.prepare()
    if jobs:
        execute(jobs, plan.scenario, workers, run)
    return SweepResult(plan, run.records, dict(sorted(run.failures.items())))


class _Sweep:
    """The points of a sweep as they become finished."""

    def __init__(self, plan: Plan, store: Store, told: Listener) -> None:
        self._plan = plan
        self._store = store
        self._told = told
        self._sharing: dict[str, list[Point]] = defaultdict(list)
        self._found: dict[int, Record] = {}
        self.failures: dict[int, str] = {}

    @property
    def records(self) -> dict[int, Record]:
        """What was simulated, in the order of the points."""
        return dict(sorted(self._found.items()))

    def prepare(self) -> list[Job]:
        """Take what the store has, and return what is to be done: each scenario once."""
        self._store.sweep_out()
        begun = self._store.begun()
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
                self._found[point.number] = found
            else:
                jobs[name] = jobs.get(name) or self._job(name, point, scenario, begun.get(name, ()))
        self._tell_start(jobs.values())
        return list(jobs.values())

    def _job(self, name: str, point: Point, scenario: Scenario, begun: Sequence[int]) -> Job:
        found = {number: self._store.part(name, number) for number in begun}
        return Job(
            name,
            point,
            weight=weight(scenario),
            replications=scenario.run.replications or 1,
            rows=rows(scenario),
            guess_s=foreseen_s(scenario.run.engine, weight(scenario)),
            kept={number: data for number, data in found.items() if data is not None},
        )

    def keep_part(self, key: str, number: int, data: bytes) -> None:
        """Keep the replication of that *number* of the point that is kept under *key*."""
        with self._writable():
            self._store.put_part(key, number, data)

    def finish(self, key: str, outcome: Outcome, left_s: float) -> None:
        """Keep what came of the point that is kept under *key*, and tell of it."""
        found = None
        if outcome.data is not None:
            with self._writable():
                self._store.put(key, outcome.data)
            found = unpack(outcome.data)
        for point in self._sharing[key]:
            if found is not None:
                self._found[point.number] = found
            else:
                self.failures[point.number] = outcome.error or "it failed"
            self._tell(point, found, outcome.error, left_s)

    @contextmanager
    def _writable(self) -> Iterator[None]:
        """Say of an error of the store what is kept, and how to go on."""
        try:
            yield
        except OSError as error:
            raise RunError(
                f"{self._store.root}: {error.strerror or error}; "
                f"{len(self._found)} of {len(self._plan.points)} points are kept: "
                "make room and run the same command again to go on"
            ) from error

    def _tell_start(self, jobs: Iterable[Job]) -> None:
        """Tell what is there, and which points are none."""
        parts = sum(len(job.kept) for job in jobs)
        self._told(Started(len(self._plan.points), len(self._found), parts))
        none = {p: self.failures[p.number] for p in self._plan.points if p.number in self.failures}
        for done, (point, error) in enumerate(none.items(), len(self._found) + 1):
            self._told(Finished(point, None, error, done, len(self._plan.points), math.nan))

    def _tell(self, point: Point, found: Record | None, error: str | None, left_s: float) -> None:
        done = len(self._found) + len(self.failures)
        total = len(self._plan.points)
        self._told(Finished(point, found, error, done, total, left_s))


def on_one_line(error: InputError) -> str:
    """Return *error* on one line, without the places in the sweep's file: one line has them all."""
    if not isinstance(error, ScenarioError):
        return str(error)
    whole = (replace(fault, line=None, column=None) for fault in error.faults)
    return ", and ".join(str(fault).removeprefix(f"{fault.file}: ") for fault in whole)
