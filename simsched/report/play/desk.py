"""Who is served next: the newest change of each page, by a few processes in turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

from simsched.experiment.workers import cores
from simsched.report.play.worker import Job, Worker, refusal, superseded
from simsched.statistics.words import play as words

MOST_WAITING = 40
"""With more pages that wait than this, a change is refused."""

_MOST_PROCESSES = 2


@dataclass(eq=False)
class _Ticket:
    client: str
    job: Job
    future: Future[bytes] = field(default_factory=Future)
    stopped: Event = field(default_factory=Event)


class Desk:
    """Simulates changes; a newer one of the same page takes the place of an older one.

    Processes are started as they are needed. The first that is free does the next job, so that one
    page has one process, which remembers its unchanged scenario.
    """

    def __init__(self, processes: int | None = None) -> None:
        count = processes or min(_MOST_PROCESSES, cores())
        self._idle = [Worker() for _ in range(count)]
        self._workers = tuple(self._idle)
        self._waiting: deque[_Ticket] = deque()
        self._running: list[_Ticket] = []
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(count, "simulating")
        self._is_closed = False

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes that there are."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    def submit(self, client: str, job: Job) -> Future[bytes]:
        """Return the answer to *job* in JSON, once there is one; stop what *client* had before."""
        ticket = _Ticket(client, job)
        ticket.future.set_running_or_notify_cancel()  # who waits for it cannot cancel it
        with self._lock:
            self._stop(lambda ticket: ticket.client == client)
            if len(self._waiting) >= MOST_WAITING or self._is_closed:
                ticket.future.set_result(refusal(words.TOO_BUSY))
            else:
                self._waiting.append(ticket)
                self._start_next()
        return ticket.future

    def stop(self, answer: Future[bytes]) -> None:
        """Stop what *answer* is the answer to: its page was closed."""
        with self._lock:
            self._stop(lambda ticket: ticket.future is answer)

    def _stop(self, is_meant: Callable[[_Ticket], bool]) -> None:
        """Stop the tickets that are meant, those that wait and those that run; the lock is held."""
        for ticket in filter(is_meant, self._running):
            ticket.stopped.set()
        for ticket in [*filter(is_meant, self._waiting)]:
            self._waiting.remove(ticket)
            ticket.future.set_result(superseded())

    def _start_next(self) -> None:
        """Give what waits to the processes that are idle; the lock is held."""
        while self._idle and self._waiting:
            worker = min(self._idle, key=self._workers.index)
            self._idle.remove(worker)
            ticket = self._waiting.popleft()
            self._running.append(ticket)
            self._threads.submit(self._do, worker, ticket)

    def _do(self, worker: Worker, ticket: _Ticket) -> None:
        try:
            ticket.future.set_result(worker.do(ticket.job, ticket.stopped))
        except BaseException as error:
            worker.end()
            ticket.future.set_exception(error)
            raise
        finally:
            with self._lock:
                self._running.remove(ticket)
                self._idle.append(worker)
                if not self._is_closed:
                    self._start_next()

    def close(self) -> None:
        """End all processes, whatever they are doing."""
        with self._lock:
            self._is_closed = True
            self._stop(lambda _: True)
        self._threads.shutdown(wait=True)
        for worker in self._workers:
            worker.end()
