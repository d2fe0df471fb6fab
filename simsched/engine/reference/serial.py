"""The serial server: a WSGI sync worker."""

from __future__ import annotations

from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.job import Job
from simsched.engine.reference.model import Model, Process
from simsched.scenario.servers import SerialServer


class Serial(Model[SerialServer]):
    """Each worker takes the next request from the one accept queue and keeps it to its end.

    While the request waits for I/O, its worker idles.
    """

    def __init__(self, calendar: Calendar, server: SerialServer) -> None:
        super().__init__(calendar, server)
        self.accept_queue = self.new_queue()

    def admit(self, job: Job) -> None:
        """Join the accept queue that all workers share."""
        self.accept_queue.put(job)

    def work(self, worker: int) -> Process:
        """Take a request, see it through, take the next."""
        while True:
            job = yield self.accept_queue.get()
            job.begin(worker, self.calendar.now)
            yield from self.compute(job, self.server.overhead.request)
            while not job.done:
                yield self.start_io(job)
                yield from self.compute(job, overhead=0)
            job.complete(self.calendar.now)
