"""Walking through the program of a request, on a loop and on threads alike.

A walk is a generator. It computes by itself, since that occupies its loop or thread in any case,
and yields whatever it has to wait for: a loop and a thread each wait in their own way.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from time import monotonic_ns
from typing import assert_never

from simsched.engine.trace import Activity, Status
from simsched.real.burning import burn
from simsched.real.jobs import Job, Task
from simsched.real.pools import Pool
from simsched.workload.steps import Resource, Step, StepKind


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait for so many nanoseconds."""

    duration_ns: int


@dataclass(frozen=True, slots=True)
class Take:
    """Wait for a slot of *pool*, at most for so long; the answer is whether there is one."""

    pool: Pool
    at_most_ns: int | None


@dataclass(frozen=True, slots=True)
class Together:
    """Do these walks at the same time, and wait for all of them."""

    walks: Sequence[Walk]


Wait = Sleep | Take | Together

Walk = Generator[Wait, bool | None, None]
"""Yields what it waits for, and is sent whether it has it; only a slot may not come."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What the requests of a worker use.

    Attributes:
        steps: what the rows of programs refer to.
        resources: what steps refer to, each with its slots here.
        turns: the turns of the loop that burns CPU time.
        sequential: whether the branches of a fan-out are done one after another.
        sleeps: whether all I/O keeps its worker or thread.
    """

    steps: Sequence[Step]
    resources: Sequence[tuple[Resource, Pool]]
    turns: int
    sequential: bool
    sleeps: bool


def serve(job: Job, worker: Equipment) -> Walk:
    """Do what *job* asks for, and answer it."""
    task = Task(job, 0, len(job.program), job.start or monotonic_ns())
    yield from _Walker(task, worker).walk()
    job.answer(Status.COMPLETED)


class _Walker:
    """Walks through the rows of a task; it holds ``slots``, each of a visit to a resource."""

    def __init__(self, task: Task, worker: Equipment) -> None:
        self.task = task
        self.job = task.job
        self.worker = worker
        self.at = task.begin
        self.slots: list[tuple[int, list[int | None]]] = []

    def walk(self) -> Walk:
        """Do the rows one after another, until the request has failed."""
        while self.at < self.task.end and not self.job.unwanted:
            step_id, operand, fails = self.job.program[self.at]
            self.at += 1
            step = self.worker.steps[step_id]
            yield from self._do(step, step_id, operand)
            if fails:
                self.job.fail()
        while self.slots:
            self._give_back(self.slots[-1][0])
        self.task.enter(None, monotonic_ns())

    def _do(self, step: Step, step_id: int, operand: int) -> Walk:
        match step.kind:
            case StepKind.CPU:
                self.task.computed(*burn(operand, self.worker.turns), step_id)
            case StepKind.IO:
                yield from self._io(step, step_id, operand)
            case StepKind.ACQUIRE:
                yield from self._take(step, None)
            case StepKind.RELEASE:
                self._give_back(_resource(step))
            case StepKind.RESPOND:
                self.job.answer(Status.COMPLETED)
            case StepKind.FORK:
                yield from self._fork(operand)
            case StepKind.BRANCH | StepKind.CALL | StepKind.TRIES:
                pass  # the rows of a branch follow; services are refused beforehand
            case _:
                assert_never(step.kind)

    def _io(self, step: Step, step_id: int, duration: int) -> Walk:
        """Wait for *duration*; for as long as the step allows, if that is less."""
        left = step.timeout_ns
        if step.resource is not None:
            asked = monotonic_ns()
            if not (yield from self._take(step, left)):
                return
            left = None if left is None else max(0, left - (monotonic_ns() - asked))
        length = duration if left is None else min(duration, left)
        yield from self._sleep(step, step_id, length)
        if step.resource is not None:
            self._give_back(step.resource)
            if length < duration and not step.goes_on:
                self.job.fail()

    def _sleep(self, step: Step, step_id: int, length: int) -> Walk:
        began = monotonic_ns()
        self.task.enter(Activity.IO, began, step_id)
        if step.blocking or self.worker.sleeps:
            time.sleep(length / 1e9)
        else:
            yield Sleep(length)
        now = monotonic_ns()
        self.task.enter(Activity.CPU_WAIT, min(began + length, now))

    def _take(self, step: Step, at_most: int | None) -> Generator[Wait, bool | None, bool]:
        """Wait for a slot of the step's resource; return whether there is one.

        A request that waits for too long fails, unless the step says that it goes on.
        """
        position = _resource(step)
        resource, pool = self.worker.resources[position]
        limits = [limit for limit in (at_most, resource.patience_ns) if limit is not None]
        limit = min(limits, default=None)
        visit: list[int | None] = [position, monotonic_ns(), None, None]
        self.job.visits.append(visit)
        self.task.enter(Activity.IO_WAIT, monotonic_ns())
        has_it = bool((yield Take(pool, limit)))
        now = monotonic_ns()
        self.task.enter(Activity.CPU_WAIT, now)
        if has_it:
            visit[2] = now
            self.slots.append((position, visit))
        else:
            visit[3] = now
            if not (step.goes_on and limit == at_most):
                self.job.fail()
        return has_it

    def _give_back(self, position: int) -> None:
        at = next(at for at, each in enumerate(self.slots) if each[0] == position)
        _, visit = self.slots.pop(at)
        visit[3] = monotonic_ns()
        self.worker.resources[position][1].give_back()

    def _fork(self, branches: int) -> Walk:
        if self.worker.sequential:  # their rows follow, one after another
            return
        tasks, now = [], monotonic_ns()
        for _ in range(branches):
            begin = self.at + 1
            self.at = begin + self.job.program[self.at][1]
            tasks.append(Task(self.job, begin, self.at, now))
        self.job.concurrent = True
        self.task.enter(None, now)
        yield Together([_Walker(each, self.worker).walk() for each in tasks])
        self.task.enter(Activity.CPU_WAIT, monotonic_ns())


def _resource(step: Step) -> int:
    if step.resource is None:
        raise AssertionError(f"{step} names no resource")
    return step.resource
