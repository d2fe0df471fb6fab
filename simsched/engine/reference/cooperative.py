"""The cooperative server: an asyncio event loop per worker."""

from __future__ import annotations

from functools import partial

from simsched.engine.reference.model import Model
from simsched.engine.reference.phases import Process
from simsched.engine.reference.queue import Taker
from simsched.engine.reference.task import Task
from simsched.scenario.model.servers import CooperativeServer


class Cooperative(Model[CooperativeServer]):
    """Each worker is one loop, which runs what is ready while others wait for I/O.

    CPU phases run without pre-emption. Starting I/O frees the loop, unless the I/O blocks; when it
    ends, the request joins the loop's ready queue. A request whose last phase is I/O is answered
    when that ends.
    """

    def open(self) -> None:
        """Set each loop to run what is ready."""
        self.ready_queues = [self.new_queue() for _ in range(self.server.workers)]
        for worker, ready_queue in enumerate(self.ready_queues):
            taker = self.new_taker(worker, ready_queue)
            self.workers.employ(worker, partial(self._loop, taker))

    def _loop(self, taker: Taker) -> Process:
        while True:
            task = yield taker.next_task()
            yield from self._run(task)

    def _run(self, task: Task) -> Process:
        overhead = self.server.overhead
        again = task.begun
        yield from self.compute(task, self.host, overhead.switch if again else overhead.request)
        while task.wanted:
            blocking = task.step.blocking
            pending = self.begin(task, self._make_ready)
            if pending is not None and not blocking:
                pending.callbacks.append(lambda _: self._resume(task))
                return
            if pending is not None:
                yield pending
            yield from self.compute(task, self.host, overhead=0)
        self.finish(task)

    def _resume(self, task: Task) -> None:
        if task.stopped:
            return
        if task.wanted:
            self._make_ready(task)
        else:
            self.finish(task)

    def _make_ready(self, task: Task) -> None:
        task.wait_for_cpu(self.calendar.now)
        self.join(self.ready_queues[task.job.worker], task)
