"""What all server models share: requests are admitted, taken by workers, and leave.

A model is one small file beside this one. It says what a worker does with its time.
"""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from simsched.engine import off_loads
from simsched.engine.conditions import SYN_GIVEN_UP, until_next_syn
from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.connections import Connections
from simsched.engine.reference.cpu import Cores, Cpu, OwnCore
from simsched.engine.reference.discipline import DISCIPLINES
from simsched.engine.reference.dispatch import DISPATCH
from simsched.engine.reference.job import Job
from simsched.engine.reference.phases import Phases, Process
from simsched.engine.reference.queue import Queue, Rules, Taker
from simsched.engine.reference.resource import Pool, Resource
from simsched.engine.reference.service import Service
from simsched.engine.reference.shedding import Shedding
from simsched.engine.reference.task import Task
from simsched.engine.reference.workers import Workers
from simsched.engine.trace import MISSING, Status
from simsched.scenario.model.servers import Server
from simsched.workload.steps import Where

S = TypeVar("S", bound=Server)


class Model(Phases, Generic[S]):
    """A server at work.

    Attributes:
        off_loads: whether anything is done in pools of its workers' threads and processes,
        used: and in which of these, and whether it computes without the lock.
        executors: those pools, of all workers.
        host: what its workers compute on.
        in_flight: how many requests are started and not ended.
        kept_queues: where requests wait that come on connections that a worker keeps; none where
            each worker has an accept queue of its own.
        lobby: where requests wait that no worker accepts, until one has restarted.
    """

    def __init__(
        self,
        calendar: Calendar,
        server: S,
        resources: Sequence[Resource],
        services: Sequence[Service] = (),
        used: off_loads.Use = off_loads.NOTHING,
    ) -> None:
        super().__init__(calendar, resources, services, server.overhead.io)
        self.server = server
        self.off_loads = not server.keeps
        self.used = used
        self.executors: list[Pool] = []
        self.host = self._host()
        self.shared = server.has_one_queue
        self.accept_queues = [
            self.new_queue(Rules(worker, self.has_room, self._is_refused_late, server.batching))
            for worker in ([None] if self.shared else range(server.workers))
        ]
        self.lobby = Queue(DISCIPLINES["fifo"])
        several = self.shared and server.workers > 1
        self.kept_queues = [
            self.new_queue(Rules(worker, self.has_room, self._is_refused_late))
            for worker in (range(server.workers) if several else ())
        ]
        own_queues = self.kept_queues if self.shared else self.accept_queues
        self.workers = Workers(calendar, server, own_queues, self._leave_lobby)
        self.in_flight = 0
        self._shedding = Shedding(calendar, server)
        self._dispatched = itertools.count()
        self._tickets = itertools.count()
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

    def admit(self, job: Job, connections: Connections | None = None) -> None:
        """Let *job* join an accept queue, try that again, or be refused.

        If its clients keep *connections*, it is sent when it has one.
        """
        task = Task(job, *job.rows, since=self.calendar.now)
        if connections is None or connections.connect(job):
            self.send(task)
        else:
            self.join(connections.line, task)

    def send(self, task: Task) -> None:
        """Let *task* reach the server."""
        task.job.sent = self.calendar.now
        wait = self._shedding.wait_for_token()
        if wait is None:
            self._refuse(task)
        elif wait == 0:
            self._let_in(task)
        else:
            self._later(wait, task, lambda: self._let_in(task))

    def is_outside(self, job: Job) -> bool:
        """Return whether *job* has not yet found room in an accept queue."""
        return not job.started and (job.sent == MISSING or job.tasks[0].queue is None)

    def join(self, queue: Queue, task: Task) -> None:
        """Let *task* join *queue*."""
        queue.put(task, next(self._tickets))

    def finish(self, task: Task) -> None:
        """Let *task* end: a branch for its parent, a request's own for its client."""
        self._stop(task)
        if task.parent is None:
            self._leave(task.job, Status.COMPLETED)
        else:
            task.parent.end_branch()

    def abandon(self, job: Job) -> None:
        """Do no more for *job*, whose client has given up, than end the phase under way."""
        job.unwanted = True
        if not job.started:
            self._give_up(job.tasks[0])

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
                self._stop(task)
            self._leave(job, Status.CANCELLED)
        own_queue = self._own_queue(worker)
        for task in () if own_queue is None else own_queue.waiting():
            self._stop(task)
            self._answer_client(task.job, Status.CANCELLED)

    def has_room(self, worker: int | None) -> bool:
        """Return whether *worker* may serve one more request; of None, whether any might."""
        limit = self.server.most_at_once
        if limit is None:
            return True
        if self.server.limits_each:
            return worker is None or len(self.workers.serving[worker]) < limit
        return self.in_flight < limit

    def new_queue(self, rules: Rules | None = None) -> Queue:
        """Return an empty queue under the server's discipline."""
        discipline = DISCIPLINES[self.server.discipline]
        last_first = self.server.dispatch == "last_idle"
        return Queue(discipline, rules, last_first=last_first)

    def new_taker(self, worker: int, *own_queues: Queue) -> Taker:
        """Return a taker for *worker*'s accept queue, its kept queue and *own_queues*."""
        accept_queue = self.accept_queues[0 if self.shared else worker]
        queues = [accept_queue, *self.kept_queues[worker : worker + 1], *own_queues]
        taker = Taker(self.calendar, worker, queues, self._take, self.workers.open_queues)
        self.workers.takers[worker].append(taker)
        return taker

    def _let_in(self, task: Task) -> None:
        waited = self.calendar.now - task.job.sent
        given_up = self.server.backlog_full == "drop" and waited >= SYN_GIVEN_UP
        queue = None if given_up else self._queue_for(task.job)
        wait = None
        if queue is not None:
            wait = 0 if queue is self.lobby else self._shedding.wait_for_token_of(queue)
        if queue is None or wait is None:
            self._refuse(task)
        elif wait == 0:
            self._enter(queue, task)
        else:
            self._later(wait, task, lambda: self._enter_late(queue, task))

    def _enter(self, queue: Queue, task: Task) -> None:
        if not self._is_full(queue, task.job):
            self._change_load(queue.worker, 1)
            self.join(queue, task)
        elif self.server.backlog_full == "drop":
            waited = self.calendar.now - task.job.sent
            self._later(until_next_syn(waited), task, lambda: self._let_in(task))
        else:
            self._refuse(task)

    def _enter_late(self, queue: Queue, task: Task) -> None:
        """Let *task*, which now has its token, join *queue*, or another if that is closed."""
        if queue.worker is not None and self.workers.is_open(queue.worker):
            self._enter(queue, task)
        else:
            self._let_in(task)

    def _later(self, delay: int, task: Task, then: Callable[[], None]) -> None:
        """Do *then* after a *delay*, unless *task* has been given up by then."""
        event = self.calendar.after(delay, Order.ARRIVAL)
        event.callbacks.append(lambda _: None if task.stopped else then())

    def _refuse(self, task: Task) -> None:
        self._give_up(task)
        self._answer_client(task.job, Status.REFUSED)

    def _give_up(self, task: Task) -> None:
        """Do nothing for *task*, which may be all that its worker still had to do."""
        queue = task.queue
        self._stop(task)
        if queue is not None and queue.worker is not None:
            self.workers.end_if_done(queue.worker)

    def _is_refused_late(self, task: Task) -> bool:
        """Refuse *task*, which is the next in an accept queue, if it has waited too long."""
        limit, waited = self.server.queue_timeout, self.calendar.now - task.job.sent
        if (limit is None or waited <= limit) and not self._shedding.codel_refuses(task):
            return False
        self._refuse(task)
        return True

    def _host(self) -> Cpu:
        core = OwnCore(self.calendar)
        cores = self.server.core_count
        if off_loads.one_computes(self.used, self.server) and self.server.workers <= cores:
            return core
        preemptive = self.server.discipline == "preemptive"
        return Cores(self.calendar, core, cores, self.server.time_slice, preemptive=preemptive)

    def _own_queue(self, worker: int) -> Queue | None:
        """Return the queue of those who wait for *worker* in particular."""
        queues = self.kept_queues if self.shared else self.accept_queues
        return queues[worker] if queues else None

    def _queue_for(self, job: Job) -> Queue | None:
        one = job.connection
        if one is not None and one.worker is not None:
            if self.workers.keeps(one):
                own_queue = self._own_queue(one.worker)
                return self.accept_queues[0] if own_queue is None else own_queue
            one.worker = None  # it is closed, so the request opens another
        if self.shared:
            return self.accept_queues[0]
        if not self.workers.up:
            return self.lobby if self.workers.restart else None
        choose = DISPATCH[self.server.dispatch]
        return self.accept_queues[choose(job, self.workers, next(self._dispatched))]

    def _leave_lobby(self, worker: int) -> None:
        """Let *worker* accept those whom no worker would."""
        for task in self.lobby.waiting():
            self.lobby.forget(task)
            self._change_load(worker, 1)
            self.join(self.accept_queues[worker], task)

    def _change_load(self, worker: int | None, by: int) -> None:
        """Note that *worker* has so many more requests, if that decides who gets the next."""
        if worker is not None and self.server.dispatch == "least_busy":
            self.workers.change_load(worker, by)

    def _is_full(self, queue: Queue, job: Job) -> bool:
        """Return whether *job* finds no room; what a connection is kept for is not dropped."""
        one, room = job.connection, self.server.room
        if self.server.backlog_full == "drop" and one is not None and one.worker is not None:
            return False
        return room is not None and len(queue) >= room and not queue.serves_at_once

    def _take(self, task: Task, worker: int) -> None:
        if not task.job.started:
            task.job.begin(worker, self.calendar.now)
            self.in_flight += 1
            one = task.job.connection
            if one is not None and one.worker is None:
                self.workers.accept(worker, one)
            self.workers.take(worker, task.job)

    def _stop(self, task: Task) -> None:
        if task.queue is not None:
            self._change_load(task.queue.worker, -1)
            task.queue.forget(task)
        if task.run is not None:
            task.run.cpu.withdraw(task.run)
            task.run = None
        if task.waits_for is not None:
            task.waits_for.leave_line(task)
        while task.slots:
            task.slots[-1].pool.give_back(task)
        if task.exchange is not None:
            task.exchange.drop()
            task.exchange = None
        task.rest(self.calendar.now)
        task.stopped = True

    def _answer_client(self, job: Job, status: Status) -> None:
        if not job.ended:
            job.end(status, self.calendar.now)

    def _leave(self, job: Job, status: Status) -> None:
        self.in_flight -= 1
        self.workers.end(job.worker, job)
        self._change_load(job.worker, -1)
        self._answer_client(job, status)
        self.workers.end_if_done(job.worker)
        if self.server.max_in_flight is not None:
            for queue in (*self.accept_queues, *self.kept_queues):
                queue.serve()
