"""cimba: compiled processes that hand requests over in stores, one for each core or waiting place.

A process per request would cost its engine a stack each; so the CPU is one process and so are the
places in which I/O is waited for, of which there are more than are ever in use.
"""

from __future__ import annotations

import cimba
from cimba import random

from contestants.work import Undrawn, Work
from contestants.work import draw_later as draw

__all__ = ["PACKAGE", "draw", "simulate", "warm_up"]

PACKAGE = "cimba"

PLACES = 48
"""How many requests may wait for I/O at once; beyond 40 there is one in 10^24 moments."""


class Queue(cimba.Model):
    """M/M/1."""

    requests: cimba.Param[int] = 1
    between_s: cimba.Param[float] = 1.0
    cpu_s: cimba.Param[float] = 1.0
    ready: cimba.Store[float]
    total: float = 0.0
    mean: cimba.Output[float]

    @cimba.process
    def arrivals(self):
        """Let requests arrive."""
        for _ in range(self.requests):
            cimba.hold(random.exponential(self.between_s))
            self.ready.put(cimba.now())

    @cimba.process
    def server(self):
        """Compute for one after the other."""
        for _ in range(self.requests):
            arrived = self.ready.get()
            cimba.hold(random.exponential(self.cpu_s))
            self.total += cimba.now() - arrived

    @cimba.on_end
    def tell(self):
        """Tell the mean response."""
        self.mean = self.total / self.requests


class Feedback(cimba.Model):
    """Two visits, with I/O between. Who comes back is told by a negative time of arrival."""

    requests: cimba.Param[int] = 1
    between_s: cimba.Param[float] = 1.0
    cpu_s: cimba.Param[float] = 1.0
    io_s: cimba.Param[float] = 1.0
    ready: cimba.Store[float]
    waiting: cimba.Store[float]
    total: float = 0.0
    mean: cimba.Output[float]

    @cimba.process
    def arrivals(self):
        """Let requests arrive."""
        for _ in range(self.requests):
            cimba.hold(random.exponential(self.between_s))
            self.ready.put(cimba.now())

    @cimba.process
    def server(self):
        """Compute for one after the other."""
        for _ in range(2 * self.requests):
            arrived = self.ready.get()
            cimba.hold(random.exponential(self.cpu_s))
            if arrived < 0.0:
                self.total += cimba.now() + arrived
            else:
                self.waiting.put(arrived)

    @cimba.process(copies=PLACES)
    def place(self):
        """Wait for the I/O of one request after the other."""
        while True:
            arrived = self.waiting.get()
            cimba.hold(random.exponential(self.io_s))
            self.ready.put(-arrived)

    @cimba.on_end
    def tell(self):
        """Tell the mean response."""
        self.mean = self.total / self.requests


def warm_up(work: Work) -> None:
    """Compile."""
    simulate(Undrawn(work, 10, 1))


def simulate(todo: Undrawn) -> float:
    """Return the mean response of so many requests, in seconds."""
    work = todo.work
    model = Queue() if work.visits == 1 else Feedback()
    model.requests = todo.requests
    model.between_s, model.cpu_s = 1 / work.rate, work.cpu_s
    if work.visits > 1:
        model.io_s = work.io_s
    experiment = cimba.Experiment(model, window=cimba.Window.until_idle(), seed=todo.seed)
    return float(experiment.run(workers=1)[model].mean.values[0, 0])
