"""What all server models share: workers that take requests from a queue.

A model is one small file beside this one. It says where an arriving request waits and what a worker
does with its time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import Generic, TypeVar

import simpy

from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.discipline import DISCIPLINES
from simsched.engine.reference.job import Job
from simsched.engine.reference.queue import Queue
from simsched.scenario.servers import CooperativeServer, SerialServer

S = TypeVar("S", bound=SerialServer | CooperativeServer)

Process = Generator[simpy.Event, Job, None]
"""What a SimPy process yields, and what comes back when a queue hands it a request."""


class Model(ABC, Generic[S]):
    """A server at work: it admits requests, and its workers are SimPy processes that never end.

    The workers begin when the simulation does, so that a model may make its queues after this
    constructor.
    """

    def __init__(self, calendar: Calendar, server: S) -> None:
        self.calendar = calendar
        self.server = server
        for worker in range(server.workers):
            calendar.process(self.work(worker))

    @abstractmethod
    def admit(self, job: Job) -> None:
        """Let an arriving request join a queue."""

    @abstractmethod
    def work(self, worker: int) -> Process:
        """Serve requests one after another, for ever."""

    def new_queue(self) -> Queue:
        """Return an empty queue under the server's discipline."""
        return Queue(self.calendar, DISCIPLINES[self.server.discipline])

    def compute(self, job: Job, overhead: int) -> Process:
        """Run the request's CPU phases up to its next I/O, after the server's own *overhead*."""
        burst = job.start_burst(overhead, self.calendar.now)
        if burst:
            yield self.calendar.after(burst, Order.COMPLETION)

    def start_io(self, job: Job) -> simpy.Event:
        """Start the request's next I/O phase and return the event of its end."""
        return self.calendar.after(job.start_io(self.calendar.now), Order.COMPLETION)
