"""The serial server: a WSGI sync worker, or one that serves requests in batches."""

from __future__ import annotations

from functools import partial

from simsched.engine.reference.calendar import Order
from simsched.engine.reference.model import Model
from simsched.engine.reference.phases import Process
from simsched.engine.reference.queues import Queue, Taker
from simsched.engine.reference.tasks import Task
from simsched.scenario.model.servers import SerialServer


class Serial(Model[SerialServer]):
    """Each worker takes the next request and keeps it to its end.

    While the request waits for I/O, its worker idles. A worker that takes a batch serves its
    requests one after another, but ends none of them before the last one is done.
    """

    def open(self) -> None:
        """Set each worker to take requests."""
        self._done: list[list[Task]] = [[] for _ in range(self.server.workers)]
        for worker in range(self.server.workers):
            taker = self.new_taker(worker)
            self.workers.employ(worker, partial(self._serve, taker))

    def join(self, queue: Queue, task: Task) -> None:
        """Let *task* join *queue*, and there wait for others of its batch for so long."""
        batch = self.server.batch
        if batch is not None and batch.wait and queue is not self.lobby:
            enough = self.calendar.after(batch.wait, Order.COMPLETION)
            enough.callbacks.append(lambda _: queue.wait_no_longer(task))
        super().join(queue, task)

    def finish(self, task: Task) -> None:
        """Let *task* end; one of a batch when all of that are done."""
        if self.server.batch is None:
            super().finish(task)
            return
        worker = task.job.worker
        (taker,), done = self.workers.takers[worker], self._done[worker]
        task.wait_for_cpu(self.calendar.now)
        done.append(task)
        if not taker.following:
            self._done[worker] = []
            for each in done:
                super().finish(each)

    def fail(self, worker: int) -> None:
        """Let all that *worker* still has at hand fail, its batch among it."""
        super().fail(worker)
        self._done[worker].clear()
        self.workers.takers[worker][0].following.clear()

    def _serve(self, taker: Taker) -> Process:
        while True:
            task = yield taker.next_task()
            yield from self.see_through(task, self.host, self._overhead(taker.worker))

    def _overhead(self, worker: int) -> int:
        """Return what comes before the next request of *worker*, which may begin a batch."""
        if self.server.batch is None:
            return self.server.overhead.request
        each = self.server.overhead.request + self.server.batch.duration.each
        return each if self._done[worker] else each + self.server.batch.duration.base
