"""How requests get into a server: through its rate limit, into an accept queue, or not at all."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from simsched.engine.conditions import SYN_GIVEN_UP, until_next_syn
from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.connections import Connections
from simsched.engine.reference.discipline import DISCIPLINES
from simsched.engine.reference.dispatch import DISPATCH
from simsched.engine.reference.jobs import Job
from simsched.engine.reference.queues import Queue, Rules
from simsched.engine.reference.shedding import Shedding
from simsched.engine.reference.tasks import Task
from simsched.engine.reference.workers import Workers
from simsched.engine.trace import MISSING, Status
from simsched.scenario.model.servers import Server


class Admission:
    """The way into a server.

    Attributes:
        workers: who takes the requests.
        in_flight: how many requests are started and not ended.
        shared: whether all workers take from one accept queue.
        kept_queues: where requests wait that come on connections that a worker keeps; none where
            each worker has an accept queue of its own.
        lobby: where requests wait that no worker accepts, until one has restarted.
    """

    def __init__(self, calendar: Calendar, server: Server) -> None:
        self.calendar = calendar
        self.server = server
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
        self._most_at_once = server.most_at_once
        self._shedding = Shedding(calendar, server)
        self._dispatched = itertools.count()
        self._tickets = itertools.count()

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

    def has_room(self, worker: int | None) -> bool:
        """Return whether *worker* may serve one more request; of None, whether any might."""
        limit = self._most_at_once
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

    def own_queue(self, worker: int) -> Queue | None:
        """Return the queue of those who wait for *worker* in particular."""
        queues = self.kept_queues if self.shared else self.accept_queues
        return queues[worker] if queues else None

    def change_load(self, worker: int | None, by: int) -> None:
        """Note that *worker* has so many more requests, if that decides who gets the next."""
        if worker is not None and self.server.dispatch == "least_busy":
            self.workers.change_load(worker, by)

    def give_up(self, task: Task) -> None:
        """Do nothing for *task*, which may be all that its worker still had to do."""
        queue = task.queue
        task.stop(self.calendar.now)
        if queue is not None and queue.worker is not None:
            self.change_load(queue.worker, -1)
            self.workers.end_if_done(queue.worker)

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
            self.change_load(queue.worker, 1)
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
        self.give_up(task)
        task.job.answer(Status.REFUSED, self.calendar.now)

    def _is_refused_late(self, task: Task) -> bool:
        """Refuse *task*, which is the next in an accept queue, if it has waited too long."""
        limit, waited = self.server.queue_timeout, self.calendar.now - task.job.sent
        if (limit is None or waited <= limit) and not self._shedding.codel_refuses(task):
            return False
        self._refuse(task)
        return True

    def _queue_for(self, job: Job) -> Queue | None:
        one = job.connection
        if one is not None and one.worker is not None:
            if one.is_kept(self.workers):
                own_queue = self.own_queue(one.worker)
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
            self.change_load(worker, 1)
            self.join(self.accept_queues[worker], task)

    def _is_full(self, queue: Queue, job: Job) -> bool:
        """Return whether *job* finds no room; what a connection is kept for is not dropped."""
        one, room = job.connection, self.server.room
        if self.server.backlog_full == "drop" and one is not None and one.worker is not None:
            return False
        return room is not None and len(queue) >= room and not queue.serves_at_once
