"""What a server does for each kind of phase."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from typing import assert_never

import simpy

from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.calls import Service
from simsched.engine.reference.cpu import Cpu
from simsched.engine.reference.resources import Pool, Resource
from simsched.engine.reference.tasks import Task
from simsched.engine.trace import Activity, Status
from simsched.workload.steps import StepKind, Where

Process = Generator[simpy.Event, Task, None]
"""What a SimPy process yields, and what comes back when a queue hands it a task."""


class Phases(ABC):
    """The phases of tasks, with the resources that they use.

    Each I/O comes back ``late`` ns after it has ended. Tasks call the ``services``.
    """

    def __init__(
        self,
        calendar: Calendar,
        resources: Sequence[Resource],
        services: Sequence[Service],
        late: int,
    ) -> None:
        self.calendar = calendar
        self.resources = resources
        self.services = services
        self.late = late

    def compute(self, task: Task, cpu: Cpu, overhead: int) -> Process:
        """Run the CPU phases up to the next I/O, after the server's own *overhead*.

        Nothing is run for a client that gave up, where such work is to be stopped. A phase that
        needs no lock for a part gives it back for that part, at its end.
        """
        without_lock = cpu.without_lock
        while not task.job.unwanted:
            if task.job.halted:
                yield self._never()
            now, speed = self.calendar.now, self.speed_of(task.job.worker)
            burst = task.start_burst(overhead, now, speed, locked=without_lock is not None)
            if burst:
                yield cpu.execute(task, burst)
            if without_lock is not None and task.lock_free:
                yield without_lock.execute(task, task.take_lock_free())
            if not task.computes:
                return
            overhead = cpu.switch

    def begin(self, task: Task, launch: Callable[[Task], object]) -> simpy.Event | None:
        """Begin the next phase, which is not computing.

        Return the event that *task* then waits for, or None if it may go on. *launch* is called
        with each branch of a fan-out.
        """
        if task.job.halted:
            return self._never()
        match task.step.kind:
            case StepKind.IO | StepKind.CALL | StepKind.TRIES:
                return self.io(task)
            case StepKind.ACQUIRE:
                return self.acquire(task)
            case StepKind.FORK:
                return self.fork(task, launch)
            case StepKind.RELEASE:
                self.release(task)
                return None
            case StepKind.RESPOND:
                self.respond(task)
                return None
            case StepKind.CPU | StepKind.BRANCH as kind:
                raise AssertionError(f"{kind} is no phase to begin")
            case _:
                assert_never(task.step.kind)

    def io(self, task: Task) -> simpy.Event:
        """Let *task* do its next phase, which is I/O or a call; return the event of its end."""
        if task.step.service is not None:
            return self.services[task.step.service].call(task, self.late)
        fails = task.step.may_fail and task.job.fails(task.row)
        if task.step.resource is not None:
            return self._pool(task).use(task, self.late, fails=fails)
        length = task.start_io(self.calendar.now) + self.late
        ended = self.calendar.after(length, Order.COMPLETION)
        if fails:
            ended.callbacks.append(lambda _: self._fail(task))
        return ended

    def acquire(self, task: Task) -> simpy.Event | None:
        """Let *task* take the slot that it asks for, or return the event of its having it."""
        pool = self._pool(task)
        pending = pool.ask(task)
        task.take_up()
        return pending

    def release(self, task: Task) -> None:
        """Let *task* give back the slot that it no longer needs."""
        self._pool(task).give_back(task)
        task.take_up()

    def respond(self, task: Task) -> None:
        """Let the client of *task* have its answer."""
        task.take_up()
        task.job.answer(Status.COMPLETED, self.calendar.now)

    def fork(self, task: Task, launch: Callable[[Task], object]) -> simpy.Event:
        """Launch the branches of the fan-out that comes next; return the event of their join."""
        now = self.calendar.now
        branches = task.job.program.branches(task.position)
        where = task.step.where
        task.rest(now)
        children = [
            Task(task.job, *branch, since=now, parent=task, activity=Activity.CPU_WAIT)
            for branch in branches
        ]
        task.position = branches[-1][1]
        task.remaining -= max(child.remaining for child in children)
        task.branches = len(children)
        task.joined_again = self.calendar.event()
        for child in children:
            if where is None:
                launch(child)
            else:
                self.off_load(child, where)
        return task.joined_again

    @abstractmethod
    def speed_of(self, worker: int) -> float:
        """Return how fast a worker computes now."""

    @abstractmethod
    def off_load(self, child: Task, where: Where) -> None:
        """Let *child* be done in a thread or process of its worker's pool, when one is free."""

    def _fail(self, task: Task) -> None:
        if not task.stopped:
            task.job.fail(self.calendar.now)

    def _never(self) -> simpy.Event:
        """Return an event that does not happen: what waits for it fails with its worker."""
        return self.calendar.event()

    def _pool(self, task: Task) -> Pool:
        """Return the pool from which *task* takes its slot: its worker's, or the one of all."""
        position = task.step.resource
        if position is None:
            raise AssertionError(f"{task.step} names no resource")
        return self.resources[position].pool_of(task.job.worker)
