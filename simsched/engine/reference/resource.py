"""A resource: a database pool, a rate-limited service, a thread pool."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import simpy

from simsched.engine.conditions import Slowdown
from simsched.engine.progress import delay
from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.job import Job
from simsched.engine.reference.task import Task
from simsched.engine.trace import MISSING


@dataclass(slots=True, eq=False)
class Visit:
    """A job asks for a slot, is granted it, and gives it back, at these moments (ns).

    Who leaves the line before it has a slot gives back its place in it.
    """

    resource: Resource
    job: Job
    asked: int
    granted: int = MISSING
    released: int = MISSING


class Resource:
    """So many slots; who finds none free waits in line, first come, first served.

    A slot is handed on at the moment it is given back.
    """

    def __init__(
        self,
        calendar: Calendar,
        name: str,
        capacity: int,
        slowdowns: Sequence[Slowdown] = (),
    ) -> None:
        self.name = name
        self.capacity = capacity
        self.in_use = 0
        self.visits: list[Visit] = []
        self.line: OrderedDict[Task, tuple[Visit, simpy.Event]] = OrderedDict()
        self._calendar = calendar
        self._slowdowns = slowdowns

    def take(self, task: Task) -> bool:
        """Give *task* a slot if one is free."""
        if self.in_use == self.capacity:
            return False
        self.in_use += 1
        self._grant(task, self._ask(task))
        return True

    def wait(self, task: Task) -> simpy.Event:
        """Let *task* wait in line; return the event of its having a slot."""
        task.wait_for_slot(self._calendar.now)
        task.waits_for = self
        granted = self._calendar.event()
        self.line[task] = (self._ask(task), granted)
        return granted

    def give_back(self, task: Task) -> None:
        """Hand one slot of *task* on to whoever is first in line."""
        visit = next(each for each in task.slots if each.resource is self)
        visit.released = self._calendar.now
        task.slots.remove(visit)
        if self.line:
            heir, (asked, granted) = self.line.popitem(last=False)
            heir.waits_for = None
            self._grant(heir, asked)
            granted.succeed()
        else:
            self.in_use -= 1

    def leave_line(self, task: Task) -> None:
        """Let *task* wait no longer."""
        task.waits_for = None
        visit, _ = self.line.pop(task)
        visit.released = self._calendar.now

    def use(self, task: Task) -> simpy.Event:
        """Let *task* do its next I/O phase on a slot; return the event of its end."""
        done = self._calendar.event()

        def begin(_: simpy.Event | None = None) -> None:
            if task.stopped or task.job.halted:  # at the moment at which it was granted its slot
                return
            now = self._calendar.now
            length = delay(now, task.start_io(now), self._slowdowns)
            self._calendar.after(length, Order.COMPLETION).callbacks.append(end)

        def end(_: simpy.Event) -> None:
            if not task.stopped:
                self.give_back(task)
                done.succeed()

        if self.take(task):
            begin()
        else:
            self.wait(task).callbacks.append(begin)
        return done

    def _ask(self, task: Task) -> Visit:
        visit = Visit(self, task.job, self._calendar.now)
        self.visits.append(visit)
        return visit

    def _grant(self, task: Task, visit: Visit) -> None:
        visit.granted = self._calendar.now
        task.slots.append(visit)
