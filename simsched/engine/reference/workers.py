"""The workers of a server: what each has at hand, and whether it is up."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

import simpy

from simsched.engine.conditions import request_limit
from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.jobs import Job
from simsched.engine.reference.queues import Queue, Taker
from simsched.scenario.model.servers import Server

Serving = Callable[[], Generator[simpy.Event, Any, None]]
"""Makes the process of serving one request after another."""


@dataclass(slots=True)
class Life:
    """The process of a worker.

    Attributes:
        taken: how many requests it has taken.
        limit: after how many it ends; known once it has taken one.
        draining: whether it takes no new ones, and goes down when it has ended those it has.
        restarts: whether another takes its place by itself.
        number: distinguishes it from those before and after it.
        held: how many events keep the worker down, or drain it.
    """

    taken: int = 0
    limit: int = 0
    draining: bool = False
    restarts: bool = False
    number: int = 0
    held: int = 0

    def take(self, job: Job, server: Server) -> bool:
        """Note that it takes *job*; return whether that is its last."""
        if server.max_requests is None:
            return False
        if self.taken == 0:
            jitter = server.max_requests_jitter
            self.limit = request_limit(server.max_requests, jitter, job.draw)
        self.taken += 1
        return self.taken == self.limit

    def end(self) -> None:
        """Let another process begin."""
        self.taken = 0
        self.draining = self.restarts = False
        self.number += 1


class Workers:
    """The workers of a server, each with processes that go on for ever, except while it is down.

    ``serving`` holds, for each worker, the requests it has started and not ended, in order; ``up``
    the workers that are up and take new requests; ``speeds`` how fast each computes now.

    Args:
        calendar: when things happen.
        server: what they are workers of.
        own_queues: each worker's accept queue, or that of its kept connections; none where there
            is but one that all share.
        welcome: called with a worker that has come up, before it takes anything.
    """

    def __init__(
        self,
        calendar: Calendar,
        server: Server,
        own_queues: Sequence[Queue],
        welcome: Callable[[int], None],
    ) -> None:
        count = server.workers
        self.serving: list[dict[Job, None]] = [{} for _ in range(count)]
        self.up = list(range(count))
        self.speeds = list(server.speeds)
        self.takers: list[list[Taker]] = [[] for _ in range(count)]
        self._server = server
        self._own_queues = own_queues
        self._welcome = welcome
        self._lives = [Life() for _ in range(count)]
        self._load = [0] * count
        self._by_load = [(0, worker) for worker in range(count)]
        self._calendar = calendar
        self._processes: list[list[simpy.Process]] = [[] for _ in range(count)]
        self._down: dict[int, simpy.Event] = {}
        self._shut: set[int] = set()
        self._woken = (-1, -1)

    @property
    def restart(self) -> bool:
        """Whether any worker comes back by itself."""
        return any(life.restarts for life in self._lives)

    @property
    def awake(self) -> int | None:
        """Return the worker that accepted a request at this very instant, if it still would."""
        worker, moment = self._woken
        return worker if moment == self._calendar.now and self.is_open(worker) else None

    def wake(self, worker: int) -> None:
        """Note that *worker* accepts a request."""
        self._woken = (worker, self._calendar.now)

    def slow(self, worker: int, factor: float) -> None:
        """Let *worker* compute slower than it usually does, by that *factor*, from now on."""
        self.speeds[worker] = self._server.speeds[worker] / factor

    def change_load(self, worker: int, by: int) -> None:
        """Note that *worker* has so many more requests, which it was chosen for."""
        self._load[worker] += by
        heappush(self._by_load, (self._load[worker], worker))

    def least_busy(self) -> int:
        """Return the worker that is up with the fewest requests; of several, the first."""
        while not self._is_so(*self._by_load[0]):
            heappop(self._by_load)
        return self._by_load[0][1]

    def employ(self, worker: int, serve: Serving) -> None:
        """Let *serve* go on in a process of *worker*; after an outage it begins anew."""

        def work() -> Generator[simpy.Event, Any, None]:
            while True:
                try:
                    yield from serve()
                except simpy.Interrupt:
                    yield self._down[worker]

        self._processes[worker].append(self._calendar.process(work()))

    def employ_once(self, worker: int, process: Generator[simpy.Event, Any, None]) -> None:
        """Let *process* go on in *worker* until it ends, or an outage ends it."""

        def work() -> Generator[simpy.Event, Any, None]:
            with suppress(simpy.Interrupt):
                yield from process
            self._processes[worker].remove(running)

        running = self._calendar.process(work())
        self._processes[worker].append(running)

    def open_queues(self, taker: Taker) -> Sequence[Queue]:
        """Return the queues from which *taker* may take at this instant."""
        if not self._shut:
            return taker.queues
        if not self.is_up(taker.worker):
            return ()
        closed = self._server.has_one_queue and not self.is_open(taker.worker)
        return taker.queues[1:] if closed else taker.queues

    def is_up(self, worker: int) -> bool:
        """Return whether *worker* is up, and does not go down at this instant."""
        return worker not in self._down

    def is_open(self, worker: int) -> bool:
        """Return whether *worker* is up and takes new requests."""
        return worker not in self._shut

    def take(self, worker: int, job: Job) -> None:
        """Note that *worker* takes *job*, which may be the last of its process."""
        self.serving[worker][job] = None
        if self._lives[worker].take(job, self._server) and self.is_open(worker):
            self._drain(worker)
            self._lives[worker].restarts = True

    def process_of(self, worker: int) -> int:
        """Return the number of the process of *worker*, which a later one does not have."""
        return self._lives[worker].number

    def end(self, worker: int, job: Job) -> None:
        """Note that *worker* has ended *job*."""
        del self.serving[worker][job]

    def close(self, worker: int) -> None:
        """Let *worker* be up no longer, whatever it still has at hand."""
        self._lives[worker].end()
        self._lives[worker].held += 1
        self._go_down(worker)

    def interrupt(self, worker: int) -> None:
        """Interrupt the processes of *worker*, which is closed, until it is up again."""
        for process in list(self._processes[worker]):
            process.interrupt()

    def retire(self, worker: int) -> None:
        """Let *worker* end what it has, and go down."""
        self._lives[worker].held += 1
        self._drain(worker)

    def let_up(self, worker: int) -> None:
        """Let *worker* come up, unless something else keeps it from that."""
        self._lives[worker].held -= 1
        if self._lives[worker].held == 0:
            self._come_up(worker)

    def end_if_done(self, worker: int) -> None:
        """Let *worker* go down if it is to when it has ended what it has, and has."""
        life = self._lives[worker]
        if not life.draining or self.serving[worker]:
            return
        if self._own_queues and len(self._own_queues[worker]):
            return
        restarts = life.restarts
        life.end()
        life.restarts = restarts
        self._go_down(worker)
        if restarts:
            number = life.number
            booted = self._calendar.after(self._server.boot, Order.CAPACITY)
            booted.callbacks.append(lambda _: self._boot(worker, number))

    def _drain(self, worker: int) -> None:
        """Let *worker* take nothing new, and go down when it has ended what it has."""
        life = self._lives[worker]
        life.restarts = False
        if not life.draining and self.is_up(worker):
            life.draining = True
            self._shut_out(worker)
            for taker in self.takers[worker] if self._server.has_one_queue else ():
                taker.queues[0].idle.pop(taker, None)
            self.end_if_done(worker)
        elif not life.draining:
            life.end()  # it is booting: that no longer counts

    def _boot(self, worker: int, number: int) -> None:
        if self._lives[worker].number == number:
            self._come_up(worker)

    def _come_up(self, worker: int) -> None:
        """Let *worker* take requests again, whether or not it was down."""
        self._lives[worker].end()
        self._shut.remove(worker)
        insort(self.up, worker)
        self.change_load(worker, 0)
        anew = self._down.pop(worker, None) or self._calendar.event()
        anew.succeed()
        self._welcome(worker)
        anew.callbacks.append(lambda _: self._begin_anew(worker))

    def _begin_anew(self, worker: int) -> None:
        """Let those of *worker* look for tasks who have none."""
        for taker in self.takers[worker]:
            if taker.task is None:
                taker.look()

    def _go_down(self, worker: int) -> None:
        self._shut_out(worker)
        self._down[worker] = self._calendar.event()
        for taker in self.takers[worker]:
            taker.leave()

    def _shut_out(self, worker: int) -> None:
        """Let *worker* take no new requests."""
        if worker not in self._shut:
            self._shut.add(worker)
            self.up.remove(worker)

    def _is_so(self, load: int, worker: int) -> bool:
        return load == self._load[worker] and self.is_open(worker)
