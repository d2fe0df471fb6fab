"""A resource: a database pool, a rate-limited service, a thread pool."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import assert_never

import simpy

from simsched.engine.conditions import Slowdown
from simsched.engine.reference.calendar import Calendar, Order, Outcome
from simsched.engine.reference.jobs import Job
from simsched.engine.reference.shedding import Bucket
from simsched.engine.reference.tasks import Task
from simsched.engine.slowdowns import delay
from simsched.engine.trace import MISSING
from simsched.workload import steps


@dataclass(slots=True, eq=False)
class Visit:
    """A job asks for a slot, is granted it, and gives it back, at these moments (ns).

    Who leaves the line before it has a slot gives back its place in it, and some do so after a
    time (``gives_up``). ``draw`` is behind a random choice of who gets the slot next.
    """

    pool: Pool
    job: Job
    asked: int
    draw: float
    granted: int = MISSING
    released: int = MISSING
    gives_up: bool = False


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

    A slot is handed on at the moment it is given back. Where tokens are needed, who has none yet
    is ``early``, and in line when that is there.
    """

    def __init__(
        self,
        calendar: Calendar,
        resource: steps.Resource,
        visits: list[Visit],
        slowdowns: Sequence[Slowdown],
    ) -> None:
        self.resource = resource
        self.patience = resource.patience_ns
        self.line: OrderedDict[Task, tuple[Visit, simpy.Event]] = OrderedDict()
        self.early: dict[Task, tuple[Visit, simpy.Event]] = {}
        self.slowdowns = slowdowns
        self.calendar = calendar
        self._capacity = resource.capacity
        self._discipline = resource.discipline
        self._visits = visits
        self._in_use = 0
        self._bucket = None if resource.tokens is None else Bucket(calendar, resource.tokens)

    def ask(self, task: Task) -> simpy.Event | None:
        """Give *task* a slot if it may have one now.

        Else return the event of its having one, or of its failure.
        """
        wait = 0 if self._bucket is None else self._bucket.take()
        if wait == 0 and self._in_use < self._capacity:
            self._in_use += 1
            self._grant(task, self._visit(task))
            return None
        return self._wait(task, wait)

    def _wait(self, task: Task, wait: int | None) -> simpy.Event:
        """Let *task* wait, first for its token for so long; one who is refused that fails."""
        task.wait_for_slot(self.calendar.now)
        task.waits_for = self
        granted = self.calendar.event()
        visit = self._visit(task)
        (self.line if wait == 0 else self.early)[task] = (visit, granted)
        if wait is None:
            self._fail(task, granted)
            return granted
        if wait:
            token = self.calendar.after(wait, Order.ARRIVAL)
            token.callbacks.append(lambda _: self._get_in_line(task, granted))
        if self.patience is not None:
            visit.gives_up = True
            enough = self.calendar.after(self.patience, Order.TIMER)
            enough.callbacks.append(lambda _: self._lose_patience(task, granted))
        return granted

    def give_back(self, task: Task) -> None:
        """Hand one slot of *task* on to one of those in line."""
        visit = next(each for each in task.slots if each.pool is self)
        visit.released = self.calendar.now
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
        visit, _ = (self.line if task in self.line else self.early).pop(task)
        visit.released = self.calendar.now

    def use(self, task: Task, late: int, *, fails: bool) -> simpy.Event:
        """Let *task* do its next I/O phase on a slot; return the event of its end.

        The task learns of it *late* ns after the slot was given back; then the request may *fail*.
        """
        return _Use(self, task, late, fails=fails).over

    def _lose_patience(self, task: Task, granted: simpy.Event) -> None:
        """Let *task* fail unless it has its slot, or has left the line."""
        if self._waits(task, granted):
            self._fail(task, granted)

    def _fail(self, task: Task, granted: simpy.Event) -> None:
        self.leave_line(task)
        task.job.fail(self.calendar.now)
        granted.succeed()

    def _get_in_line(self, task: Task, granted: simpy.Event) -> None:
        """Let *task*, which has its token now unless it has left, have a slot or wait for it."""
        if not self._waits(task, granted):
            return
        waiting = self.early.pop(task)
        if self._in_use == self._capacity:
            self.line[task] = waiting
            return
        self._in_use += 1
        task.waits_for = None
        self._grant(task, waiting[0])
        granted.succeed()

    def _waits(self, task: Task, granted: simpy.Event) -> bool:
        """Return whether *task* still waits for what it has been waiting for."""
        waiting = self.line.get(task) or self.early.get(task)
        return waiting is not None and waiting[1] is granted

    @property
    def last_visit(self) -> Visit:
        """The latest visit of all."""
        return self._visits[-1]

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

    def _visit(self, task: Task) -> Visit:
        visit = Visit(self, task.job, self.calendar.now, task.job.handoff(task.row))
        self._visits.append(visit)
        return visit

    def _grant(self, task: Task, visit: Visit) -> None:
        visit.granted = self.calendar.now
        task.slots.append(visit)


class _Use:
    """An I/O phase that *task* does on a slot of *pool*; ``done`` when it ends or is given up.

    The task learns of that *late* ns after, and at once of its being refused: then it is ``over``.
    """

    def __init__(self, pool: Pool, task: Task, late: int, *, fails: bool) -> None:
        self.done = Outcome(pool.calendar)
        self.over: simpy.Event = self.done
        self._pool = pool
        self._task = task
        self._late = late
        self._step = task.step
        self._fails = fails
        self._due = MISSING
        self._over = False
        granted = pool.ask(task)
        self._visit = pool.last_visit
        if granted is None:
            self._begin()
        elif self._visit.released != MISSING:  # it was refused
            self.over = granted
        else:
            granted.callbacks.append(lambda _: self._end_wait())
        if self._step.timeout_ns is not None:
            self._visit.gives_up = True
            enough = pool.calendar.after(self._step.timeout_ns, Order.COMPLETION)
            enough.callbacks.append(lambda _: self._give_up())

    def _end_wait(self) -> None:
        if self._visit.granted != MISSING:
            self._begin()
        elif not self._over:  # it has failed
            self.done.happen()

    def _begin(self) -> None:
        task, now = self._task, self._pool.calendar.now
        if task.stopped or task.job.halted:  # at the moment at which it was granted its slot
            return
        length = delay(now, task.start_io(now), self._pool.slowdowns)
        self._due = now + length
        self._pool.calendar.after(length, Order.COMPLETION).callbacks.append(lambda _: self._end())

    def _end(self) -> None:
        if self._over or self._task.stopped:
            return
        self._pool.give_back(self._task)
        self._come_back(fails=self._fails)

    def _give_up(self) -> None:
        """Let the request fail, or go on, before the I/O has ended, or has started.

        I/O that ends at this very moment has ended; and what was granted its slot as its worker
        goes down does not begin.
        """
        if self._over or self._task.stopped:
            return
        if self._due not in (MISSING, self._pool.calendar.now):
            self._pool.give_back(self._task)
        elif self._task.waits_for is not None:
            self._pool.leave_line(self._task)
            self._task.skip_io()
        else:
            return
        self._come_back(fails=not self._step.goes_on)

    def _come_back(self, *, fails: bool) -> None:
        """Let the task learn that the I/O is over, and whether the request *fails* with it."""
        self._over = True

        def come_back(then: Callable[[], object]) -> None:
            if self._task.stopped:
                return
            if fails:
                self._task.job.fail(self._pool.calendar.now)
            then()

        if self._late == 0:
            come_back(self.done.succeed)
        else:
            later = self._pool.calendar.after(self._late, Order.COMPLETION)
            later.callbacks.append(lambda _: come_back(self.done.happen))
