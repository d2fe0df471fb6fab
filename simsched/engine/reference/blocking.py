"""What serial and threaded servers share: whoever takes a request waits with it."""

from __future__ import annotations

from abc import ABC
from typing import TypeVar

from simsched.engine.reference.cpu import Cpu
from simsched.engine.reference.model import Model
from simsched.engine.reference.phases import Process
from simsched.engine.reference.task import Task
from simsched.scenario.model.servers import Server

S = TypeVar("S", bound=Server)


class Blocking(Model[S], ABC):
    """A server whose workers or threads keep a request from its first phase to its last."""

    def see_through(self, task: Task, cpu: Cpu, first: int, again: int = 0) -> Process:
        """Do the phases of *task* one after another, and end it.

        Computing takes *first* ns more at the beginning, and *again* ns more after each wait.
        """
        yield from self.compute(task, cpu, first)
        while task.wanted:
            pending = self.begin(task, lambda child: self._launch(child, cpu, again))
            if pending is not None:
                yield pending
            if task.wanted:
                yield from self.compute(task, cpu, 0 if pending is None else again)
        self.finish(task)

    def _launch(self, child: Task, cpu: Cpu, again: int) -> None:
        """Let a thread of its own do *child*."""
        self.workers.employ_once(child.job.worker, self.see_through(child, cpu, again, again))
