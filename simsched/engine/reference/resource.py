"""A resource: a database pool, a rate-limited service, a thread pool."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import assert_never

import simpy

from simsched.engine.conditions import Slowdown
from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.job import Job
from simsched.engine.reference.task import Task
from simsched.engine.slowdowns import delay
from simsched.engine.trace import MISSING
from simsched.workload import steps


@dataclass(slots=True, eq=False)
class Visit:
    """A job asks for a slot, is granted it, and gives it back, at these moments (ns).

    Who leaves the line before it has a slot gives back its place in it. ``draw`` is behind a random
    choice of who gets the slot next.
    """

    pool: Pool
    job: Job
    asked: int
    draw: float
    granted: int = MISSING
    released: int = MISSING


class Resource:
    """The pools of a resource: one that all workers of a server share, or one for each.

    ``visits`` are those of all pools, in the order of asking.
    """

    def __init__(
        self,
        calendar: Calendar,
        resource: steps.Resource,
        workers: int,
        slowdowns: Sequence[Slowdown] = (),
    ) -> None:
        self.visits: list[Visit] = []
        self.pools = [
            Pool(calendar, resource, self.visits, slowdowns) for _ in range(resource.pools(workers))
        ]

    def pool_of(self, worker: int) -> Pool:
        """Return the pool that *worker* uses."""
        return self.pools[worker % len(self.pools)]


class Pool:
    """So many slots; who finds none free waits in line, and fails after too long a wait.

    A slot is handed on at the moment it is given back.
    """

    def __init__(
        self,
        calendar: Calendar,
        resource: steps.Resource,
        visits: list[Visit],
        slowdowns: Sequence[Slowdown],
    ) -> None:
        self.patience = resource.patience_ns
        self.line: OrderedDict[Task, tuple[Visit, simpy.Event]] = OrderedDict()
        self._calendar = calendar
        self._capacity = resource.capacity
        self._discipline = resource.discipline
        self._visits = visits
        self._slowdowns = slowdowns
        self._in_use = 0

    def take(self, task: Task) -> bool:
        """Give *task* a slot if one is free."""
        if self._in_use == self._capacity:
            return False
        self._in_use += 1
        self._grant(task, self._ask(task))
        return True

    def wait(self, task: Task) -> simpy.Event:
        """Let *task* wait in line; return the event of its having a slot, or of its failure."""
        task.wait_for_slot(self._calendar.now)
        task.waits_for = self
        granted = self._calendar.event()
        self.line[task] = (self._ask(task), granted)
        if self.patience is not None:
            enough = self._calendar.after(self.patience, Order.TIMER)
            enough.callbacks.append(lambda _: self._lose_patience(task, granted))
        return granted

    def give_back(self, task: Task) -> None:
        """Hand one slot of *task* on to one of those in line."""
        visit = next(each for each in task.slots if each.pool is self)
        visit.released = self._calendar.now
        task.slots.remove(visit)
        if self.line:
            heir = self._heir(visit.draw)
            asked, granted = self.line.pop(heir)
            heir.waits_for = None
            self._grant(heir, asked)
            granted.succeed()
        else:
            self._in_use -= 1

    def leave_line(self, task: Task) -> None:
        """Let *task* wait no longer."""
        task.waits_for = None
        visit, _ = self.line.pop(task)
        visit.released = self._calendar.now

    def use(self, task: Task, late: int) -> simpy.Event:
        """Let *task* do its next I/O phase on a slot; return the event of its end.

        The task learns of it *late* ns after the slot was given back.
        """
        done = self._calendar.event()

        def end_wait(visit: Visit) -> None:
            if visit.granted == MISSING:
                done.succeed()
            else:
                begin()

        def begin() -> None:
            if task.stopped or task.job.halted:  # at the moment at which it was granted its slot
                return
            now = self._calendar.now
            length = delay(now, task.start_io(now), self._slowdowns)
            self._calendar.after(length, Order.COMPLETION).callbacks.append(end)

        def end(_: simpy.Event) -> None:
            if not task.stopped:
                self.give_back(task)
                self._come_back(task, late, done)

        if self.take(task):
            begin()
        else:
            granted = self.wait(task)
            visit, _ = self.line[task]
            granted.callbacks.append(lambda _: end_wait(visit))
        return done

    def _come_back(self, task: Task, late: int, done: simpy.Event) -> None:
        """Let *done* happen *late* ns from now, unless *task* is stopped before."""
        if late == 0:
            done.succeed()
            return

        def come_back(_: simpy.Event) -> None:
            if not task.stopped:
                done.succeed()

        self._calendar.after(late, Order.COMPLETION).callbacks.append(come_back)

    def _lose_patience(self, task: Task, granted: simpy.Event) -> None:
        """Let *task* fail unless it has its slot, or has left the line."""
        if task in self.line and self.line[task][1] is granted:
            self.leave_line(task)
            task.job.fail(self._calendar.now)
            granted.succeed()

    def _heir(self, draw: float) -> Task:
        """Return who is handed a slot, as *draw*, uniform on [0, 1), decides at random."""
        match self._discipline:
            case "fifo":
                return next(iter(self.line))
            case "lifo":
                return next(reversed(self.line))
            case "random":
                return next(islice(self.line, int(draw * len(self.line)), None))
            case _:
                assert_never(self._discipline)

    def _ask(self, task: Task) -> Visit:
        visit = Visit(self, task.job, self._calendar.now, task.job.handoff(task.row))
        self._visits.append(visit)
        return visit

    def _grant(self, task: Task, visit: Visit) -> None:
        visit.granted = self._calendar.now
        task.slots.append(visit)
