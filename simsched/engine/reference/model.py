"""What all server models share: requests are admitted, taken by workers, and leave.

A model is one small file beside this one. It says what a worker does with its time.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from simsched.engine import off_loads
from simsched.engine.reference.admission import Admission
from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.calls import Service
from simsched.engine.reference.cores import Cores, OwnCore
from simsched.engine.reference.cpu import Cpu
from simsched.engine.reference.jobs import Job
from simsched.engine.reference.phases import Phases, Process
from simsched.engine.reference.queues import Queue, Taker
from simsched.engine.reference.resources import Pool, Resource
from simsched.engine.reference.tasks import Task
from simsched.engine.trace import Status
from simsched.scenario.model.servers import Server
from simsched.workload.steps import Where

S = TypeVar("S", bound=Server)


class Model(Admission, Phases, Generic[S]):
    """A server at work.

    Attributes:
        off_loads: whether anything is done in pools of its workers' threads and processes,
        used: and in which of these, and whether it computes without the lock.
        executors: those pools, of all workers.
        host: what its workers compute on.
    """

    server: S

    def __init__(
        self,
        calendar: Calendar,
        server: S,
        resources: Sequence[Resource],
        services: Sequence[Service] = (),
        used: off_loads.Use = off_loads.NOTHING,
    ) -> None:
        Phases.__init__(self, calendar, resources, services, server.overhead.io)
        Admission.__init__(self, calendar, server)
        self.off_loads = not server.keeps
        self.used = used
        self.executors: list[Pool] = []
        self.host = self._host()
        self.open()

    def speed_of(self, worker: int) -> float:
        """Return how fast *worker* computes now."""
        return self.workers.speeds[worker]

    @property
    def sequential(self) -> bool:
        """Whether the branches of a fan-out are done one after another."""
        return self.server.parallel == "sequential"

    @abstractmethod
    def open(self) -> None:
        """Set the workers to work."""

    def off_load(self, child: Task, where: Where) -> None:
        """Do *child* off the loop; a server without loops has nothing to relieve."""
        raise NotImplementedError(f"{child.job.number}: a {where} beside threads")

    def see_through(self, task: Task, cpu: Cpu, first: int, again: int = 0) -> Process:
        """Do the phases of *task* one after another, in a worker or thread, and end it.

        Computing takes *first* ns more at the beginning, and *again* ns more after each wait.
        """
        yield from self.compute(task, cpu, first)
        while task.wanted:
            pending = self.begin(task, lambda child: self._launch(child, cpu, again))
            if pending is not None:
                yield pending
            if task.wanted:
                yield from self.compute(task, cpu, 0 if pending is None else again)
        self.finish(task)

    def _launch(self, child: Task, cpu: Cpu, again: int) -> None:
        """Let a thread of its own do *child*."""
        self.workers.employ_once(child.job.worker, self.see_through(child, cpu, again, again))

    def finish(self, task: Task) -> None:
        """Let *task* end: a branch for its parent, a request's own for its client."""
        task.stop(self.calendar.now)
        if task.parent is None:
            self._leave(task.job, Status.COMPLETED)
        else:
            task.parent.end_branch()

    def abandon(self, job: Job) -> None:
        """Do no more for *job*, whose client has given up, than end the phase under way."""
        job.unwanted = True
        if not job.started:
            self.give_up(job.tasks[0])

    def close(self, worker: int) -> None:
        """Let *worker* begin nothing more: it goes down at this instant, when phases have ended."""
        self.workers.close(worker)
        for job in self.workers.serving[worker]:
            job.halted = True

    def fail(self, worker: int) -> None:
        """Let all that *worker* still has at hand fail, and whatever waits for it in particular."""
        self.workers.interrupt(worker)
        for job in list(self.workers.serving[worker]):
            for task in job.tasks:
                task.stop(self.calendar.now)
            self._leave(job, Status.CANCELLED)
        own_queue = self.own_queue(worker)
        for task in () if own_queue is None else own_queue.waiting():
            self.give_up(task)
            task.job.answer(Status.CANCELLED, self.calendar.now)

    def new_taker(self, worker: int, *own_queues: Queue) -> Taker:
        """Return a taker for *worker*'s accept queue, its kept queue and *own_queues*."""
        accept_queue = self.accept_queues[0 if self.shared else worker]
        queues = [accept_queue, *self.kept_queues[worker : worker + 1], *own_queues]
        taker = Taker(self.calendar, worker, queues, self._take, self.workers.open_queues)
        self.workers.takers[worker].append(taker)
        return taker

    def _host(self) -> Cpu:
        core = OwnCore(self.calendar)
        cores = self.server.core_count
        if off_loads.one_computes(self.used, self.server) and self.server.workers <= cores:
            return core
        preemptive = self.server.discipline == "preemptive"
        return Cores(self.calendar, core, cores, self.server.time_slice, preemptive=preemptive)

    def _take(self, task: Task, worker: int) -> None:
        if not task.job.started:
            task.job.begin(worker, self.calendar.now)
            self.in_flight += 1
            one = task.job.connection
            if one is not None and one.worker is None:
                one.accept(worker, self.workers)
            self.workers.take(worker, task.job)

    def _leave(self, job: Job, status: Status) -> None:
        self.in_flight -= 1
        self.workers.end(job.worker, job)
        self.change_load(job.worker, -1)
        job.answer(status, self.calendar.now)
        self.workers.end_if_done(job.worker)
        if self.server.max_in_flight is not None:
            for queue in (*self.accept_queues, *self.kept_queues):
                queue.serve()
