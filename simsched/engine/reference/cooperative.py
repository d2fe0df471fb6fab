"""The cooperative server: an asyncio event loop per worker."""

from __future__ import annotations

import simpy

from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.job import Job
from simsched.engine.reference.model import Model, Process
from simsched.engine.reference.queue import Queue
from simsched.scenario.servers import CooperativeServer


class Cooperative(Model[CooperativeServer]):
    """Each worker is one loop with one ready queue; arrivals choose a loop at random.

    CPU phases run without pre-emption. Starting I/O frees the loop; when the I/O ends, the request
    joins the ready queue again. A request whose last phase is I/O is answered when that ends.
    """

    def __init__(self, calendar: Calendar, server: CooperativeServer) -> None:
        super().__init__(calendar, server)
        self.ready_queues = [self.new_queue() for _ in range(server.workers)]

    def admit(self, job: Job) -> None:
        """Join the ready queue of a loop chosen at random."""
        self.ready_queues[int(job.draw * self.server.workers)].put(job)

    def work(self, worker: int) -> Process:
        """Run whoever is ready until it starts I/O or is done; then the next."""
        ready_queue = self.ready_queues[worker]
        while True:
            job = yield ready_queue.get()
            yield from self.compute(job, self._overhead(job, worker))
            if job.done:
                job.complete(self.calendar.now)
            else:
                self._leave_to_io(job, ready_queue)

    def _overhead(self, job: Job, worker: int) -> int:
        if job.started:
            return self.server.overhead.switch
        job.begin(worker, self.calendar.now)
        return self.server.overhead.request

    def _leave_to_io(self, job: Job, ready_queue: Queue) -> None:
        def io_ended(_: simpy.Event) -> None:
            if job.done:
                job.complete(self.calendar.now)
            else:
                job.wait_for_cpu(self.calendar.now)
                ready_queue.put(job)

        self.start_io(job).callbacks.append(io_ended)
