"""The threaded server: a pool of threads in each worker, under an interpreter lock or without."""

from __future__ import annotations

from functools import partial

from simsched.engine.reference.cpu import Cpu
from simsched.engine.reference.interpreter_lock import InterpreterLock
from simsched.engine.reference.model import Model
from simsched.engine.reference.phases import Process
from simsched.engine.reference.queues import Taker
from simsched.scenario.model.servers import ThreadedServer


class Threaded(Model[ThreadedServer]):
    """A thread takes the next request and keeps it to its end.

    The threads of a worker compute one at a time under an :class:`InterpreterLock`, unless the
    interpreter has none; I/O lets the others compute.
    """

    def open(self) -> None:
        """Set each thread to take requests; the workers' first threads are the first to be idle."""
        cpus = [self._cpu() for _ in range(self.server.workers)]
        for _ in range(self.server.per_worker):
            for worker, cpu in enumerate(cpus):
                taker = self.new_taker(worker)
                self.workers.employ(worker, partial(self._serve, taker, cpu))

    def _cpu(self) -> Cpu:
        interval = self.server.lock_interval
        if interval is None:
            return self.host
        return InterpreterLock(self.calendar, self.host, interval, self.server.overhead.switch)

    def _serve(self, taker: Taker, cpu: Cpu) -> Process:
        overhead = self.server.overhead
        again = overhead.switch if self.server.lock_interval is not None else 0
        while True:
            task = yield taker.next_task()
            yield from self.see_through(task, cpu, overhead.request, again)
