"""The serial server: a WSGI sync worker."""

from __future__ import annotations

from functools import partial

from simsched.engine.reference.model import Model
from simsched.engine.reference.phases import Process
from simsched.engine.reference.queue import Taker
from simsched.scenario.model.servers import SerialServer


class Serial(Model[SerialServer]):
    """Each worker takes the next request and keeps it to its end.

    While the request waits for I/O, its worker idles.
    """

    def open(self) -> None:
        """Set each worker to take requests."""
        for worker in range(self.server.workers):
            taker = self.new_taker(worker)
            self.workers.employ(worker, partial(self._serve, taker))

    def _serve(self, taker: Taker) -> Process:
        while True:
            task = yield taker.next_task()
            yield from self.see_through(task, self.host, self.server.overhead.request)
