"""Connections that clients keep alive: each stays with the worker that accepted it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.discipline import DISCIPLINES
from simsched.engine.reference.jobs import Job
from simsched.engine.reference.queues import Queue
from simsched.engine.reference.tasks import Task
from simsched.engine.reference.workers import Workers
from simsched.engine.trace import Status
from simsched.scenario.model import client


@dataclass(slots=True, eq=False)
class Connection:
    """A connection to a server.

    Attributes:
        line: where requests wait that find all such connections in use.
        worker: the worker that accepted it, by taking its first request; None before that.
        process: the number of that worker's process.
        idle_since: when its latest request was answered (ns).
    """

    line: Queue
    worker: int | None = None
    process: int = 0
    idle_since: int = 0

    def accept(self, worker: int, workers: Workers) -> None:
        """Note that *worker* has accepted it."""
        self.worker = worker
        self.process = workers.process_of(worker)

    def is_kept(self, workers: Workers) -> bool:
        """Return whether the worker that accepted it has not closed it."""
        if self.worker is None:
            return False
        return workers.is_open(self.worker) and workers.process_of(self.worker) == self.process


class Connections:
    """The connections of the clients of a stream, under their *policy*.

    A request takes one that is idle, or opens one; while all are in use, it waits in ``line``. A
    worker that ends closes its connections, and so does a client that gives up.

    Args:
        calendar: when things happen.
        policy: how many there may be, and which is used again.
        workers: who accepts them.
        send: called with a task that had to wait, when it has one.
    """

    def __init__(
        self,
        calendar: Calendar,
        policy: client.Connections,
        workers: Workers,
        send: Callable[[Task], None],
    ) -> None:
        self.line = Queue(DISCIPLINES["fifo"])
        self._calendar = calendar
        self._policy = policy
        self._workers = workers
        self._send = send
        self._idle: deque[Connection] = deque()
        self._open = 0

    def connect(self, job: Job) -> bool:
        """Let *job* have a connection; return False where it has to wait for one."""
        while self._idle:
            one = self._idle.pop() if self._policy.reuse == "lifo" else self._idle.popleft()
            if self._is_alive(one):
                job.connection = one
                return True
            self._open -= 1
        if self._open == self._policy.max:
            return False
        self._open += 1
        job.connection = Connection(self.line)
        return True

    def release(self, job: Job) -> None:
        """Let others use the connection of *job*, which has ended, if it has one to be kept."""
        one = job.connection
        if one is None:
            return
        job.connection = None
        if job.status in (Status.COMPLETED, Status.FAILED) and one.is_kept(self._workers):
            one.idle_since = self._calendar.now
            self._idle.append(one)
        else:
            self._open -= 1
        if len(self.line):
            released = self._calendar.event()
            released.callbacks.append(lambda _: self._serve_line())
            released.succeed()

    def _serve_line(self) -> None:
        for task in self.line.waiting():
            if not self.connect(task.job):
                return
            self.line.forget(task)
            self._send(task)

    def _is_alive(self, one: Connection) -> bool:
        longest = self._policy.idle
        expired = longest is not None and self._calendar.now - one.idle_since >= longest
        return not expired and one.is_kept(self._workers)
