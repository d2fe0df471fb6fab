"""Queues of tasks, and the takers that serve them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush

import simpy

from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.discipline import Discipline
from simsched.engine.reference.task import Task


class Queue:
    """Tasks wait here for a taker, in the order of the discipline; or takers wait for a task.

    Idle takers are served in the order in which they became idle; with ``last_first``, the last
    worker's first. ``gate`` says whether a worker may take from it, or, of None, any worker.
    ``worker`` is whose accept queue it is; None if it is no accept queue, or that of all.
    ``is_refused`` refuses a task whose turn comes too late.
    """

    def __init__(
        self,
        discipline: Discipline,
        gate: Callable[[int | None], bool],
        worker: int | None = None,
        is_refused: Callable[[Task], bool] = lambda _: False,
        *,
        last_first: bool = False,
    ) -> None:
        self.worker = worker
        self.idle: dict[Taker, None] = {}
        self._discipline = discipline
        self._gate = gate
        self._is_refused = is_refused
        self._last_first = last_first
        self._waiting: dict[Task, None] = {}
        self._heap: list[tuple[int, int, Task]] = []

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    @property
    def serves_at_once(self) -> bool:
        """Whether a task that joins now is taken without waiting."""
        return self._woken() is not None

    def put(self, task: Task, ticket: int) -> None:
        """Let *task* join; a higher ticket joins later."""
        task.joined = ticket
        task.queue = self
        self._waiting[task] = None
        heappush(self._heap, (self._discipline(task), ticket, task))
        self.serve()

    def serve(self) -> None:
        """Hand tasks to idle takers while there are both."""
        while (taker := self._woken()) is not None and self.head(taker.worker) is not None:
            if (task := self.take()) is not None:
                taker.hand(task)

    def _woken(self) -> Taker | None:
        """Return which of the idle takers is the next to be served, if one may be."""
        if not self.idle or not self._gate(self.worker):
            return None
        able = (taker for taker in self.idle if self._gate(taker.worker))
        if self._last_first:
            return max(able, key=lambda taker: taker.worker, default=None)
        return next(able, None)

    def head(self, worker: int) -> tuple[int, int] | None:
        """Return the rank and ticket of the task that *worker* is to take next, if it may."""
        while self._heap and self._heap[0][2] not in self._waiting:
            heappop(self._heap)
        if not self._heap or not self._gate(worker):
            return None
        return self._heap[0][:2]

    def take(self) -> Task | None:
        """Take the task at the head; return None if that is refused: its turn comes too late."""
        task = heappop(self._heap)[2]
        if self._is_refused(task):
            return None
        self.forget(task)
        return task

    def forget(self, task: Task) -> None:
        """Let *task* wait here no longer."""
        task.queue = None
        del self._waiting[task]

    def waiting(self) -> list[Task]:
        """Return those who wait, in the order in which they joined."""
        return list(self._waiting)


class Taker:
    """A worker, a loop or a thread, which takes tasks from its queues, one at a time."""

    def __init__(
        self,
        calendar: Calendar,
        worker: int,
        queues: Sequence[Queue],
        on_take: Callable[[Task, int], None],
        open_queues: Callable[[Taker], Sequence[Queue]],
    ) -> None:
        self.worker = worker
        self.task: Task | None = None
        self._calendar = calendar
        self.queues = queues
        self._on_take = on_take
        self._open_queues = open_queues
        self._handed = calendar.event()

    def next_task(self) -> simpy.Event:
        """Return the event of being handed a task, which is its value."""
        self.task = None
        self._handed = self._calendar.event()
        self.look()
        return self._handed

    def look(self) -> None:
        """Be handed a task, or be idle.

        Of the queues that it may take from, the one whose head ranks first is served.
        """
        while heads := [
            (head, queue) for queue in self._open() if (head := queue.head(self.worker))
        ]:
            if (task := min(heads, key=lambda each: each[0])[1].take()) is not None:
                self.hand(task)
                return
        for queue in self._open():
            queue.idle[self] = None

    def _open(self) -> Sequence[Queue]:
        """Return the queues that it may take from at this instant."""
        return self._open_queues(self)

    def hand(self, task: Task) -> None:
        """Be handed *task*."""
        self.leave()
        self.task = task
        self._on_take(task, self.worker)
        self._handed.succeed(task)

    def leave(self) -> None:
        """Wait for tasks no longer."""
        self.task = None
        for queue in self.queues:
            queue.idle.pop(self, None)
