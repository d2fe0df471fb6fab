"""The workers of a server: what each has at hand, and whether it is up."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Generator
from contextlib import suppress
from heapq import heappop, heappush
from typing import Any

import simpy

from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.job import Job

Serving = Callable[[], Generator[simpy.Event, Any, None]]
"""Makes the process of serving one request after another."""


class Workers:
    """So many workers, each with processes that go on for ever, except while it is down.

    ``serving`` holds, for each worker, the requests it has started and not ended, in order; ``up``
    the workers that are up.
    """

    def __init__(self, calendar: Calendar, count: int) -> None:
        self.serving: list[dict[Job, None]] = [{} for _ in range(count)]
        self.up = list(range(count))
        self._load = [0] * count
        self._by_load = [(0, worker) for worker in range(count)]
        self._calendar = calendar
        self._processes: list[list[simpy.Process]] = [[] for _ in range(count)]
        self._down: dict[int, simpy.Event] = {}
        self._woken = (-1, -1)

    def change_load(self, worker: int, by: int) -> None:
        """Note that *worker* has so many more requests, which it was chosen for."""
        self._load[worker] += by
        heappush(self._by_load, (self._load[worker], worker))

    def least_busy(self) -> int:
        """Return the worker that is up with the fewest requests; of several, the first."""
        while not self._is_so(*self._by_load[0]):
            heappop(self._by_load)
        return self._by_load[0][1]

    def wake(self, worker: int) -> None:
        """Note that *worker* accepts a request."""
        self._woken = (worker, self._calendar.now)

    @property
    def awake(self) -> int | None:
        """Return the worker that accepted a request at this very instant, if it is still up."""
        worker, moment = self._woken
        return worker if moment == self._calendar.now and self.is_up(worker) else None

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

    def is_up(self, worker: int) -> bool:
        """Return whether *worker* is up, and does not go down at this instant."""
        return worker not in self._down

    def close(self, worker: int) -> None:
        """Note that *worker* is up no longer."""
        self._down[worker] = self._calendar.event()
        self.up.remove(worker)

    def interrupt(self, worker: int) -> None:
        """Interrupt the processes of *worker*, which is closed, until it is put up again."""
        for process in list(self._processes[worker]):
            process.interrupt()

    def put_up(self, worker: int) -> None:
        """Let the processes of *worker* begin anew."""
        self._down.pop(worker).succeed()
        insort(self.up, worker)
        self.change_load(worker, 0)

    def _is_so(self, load: int, worker: int) -> bool:
        return load == self._load[worker] and worker not in self._down
