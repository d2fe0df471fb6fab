"""Queues of tasks, and the takers that serve them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import simpy

from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.discipline import Discipline
from simsched.engine.reference.tasks import Task
from simsched.scenario.model.batching import Batching


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may take from a queue, and when.

    Attributes:
        worker: whose accept queue it is; None if it is no accept queue, or that of all.
        has_room: whether a worker may take from it, or, of None, any worker.
        is_refused: refuses a task whose turn comes too late.
        batching: tasks are taken once there are so many, or the first has waited for so long.
    """

    worker: int | None = None
    has_room: Callable[[int | None], bool] = lambda _: True
    is_refused: Callable[[Task], bool] = lambda _: False
    batching: Batching | None = None


class Queue:
    """Tasks wait here for a taker, in the order of the discipline; or takers wait for a task.

    Idle takers are served in the order in which they became idle; with ``last_first``, the last
    worker's first.
    """

    def __init__(
        self,
        discipline: Discipline,
        rules: Rules | None = None,
        *,
        last_first: bool = False,
    ) -> None:
        rules = rules or Rules()
        self.worker = rules.worker
        self.batching = rules.batching
        self.idle: dict[Taker, None] = {}
        self._discipline = discipline
        self._has_room = rules.has_room
        self._is_refused = rules.is_refused
        self._last_first = last_first
        self._overdue = -1
        self._waiting: dict[Task, None] = {}
        self._heap: list[tuple[int, int, Task]] = []

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    @property
    def serves_at_once(self) -> bool:
        """Whether a task that joins now is taken without waiting."""
        return self._woken() is not None and self._is_batch(more=1)

    def put(self, task: Task, ticket: int) -> None:
        """Let *task* join; a higher ticket joins later."""
        task.joined = ticket
        task.queue = self
        self._waiting[task] = None
        heappush(self._heap, (self._discipline(task), ticket, task))
        self.serve()

    def wait_no_longer(self, task: Task) -> None:
        """Note that *task*, if it is still here, has waited for long enough for others."""
        if task.queue is self:
            self._overdue = task.joined
            self.serve()

    def serve(self) -> None:
        """Hand tasks to idle takers while there are both."""
        while (taker := self._woken()) is not None and self.head(taker.worker) is not None:
            if (task := self.take()) is not None:
                taker.hand(task)

    def _woken(self) -> Taker | None:
        """Return which of the idle takers is the next to be served, if one may be."""
        if not self.idle or not self._has_room(self.worker):
            return None
        able = (taker for taker in self.idle if self._has_room(taker.worker))
        if self._last_first:
            return max(able, key=lambda taker: taker.worker, default=None)
        return next(able, None)

    def _is_batch(self, more: int = 0) -> bool:
        """Return whether those who wait, and so many *more*, need not wait for others."""
        if self.batching is None or self.batching.wait == 0:
            return True
        first = next(iter(self._waiting), None)
        overdue = first is not None and first.joined <= self._overdue
        return overdue or len(self._waiting) + more >= self.batching.max

    def head(self, worker: int) -> tuple[int, int] | None:
        """Return the rank and ticket of the task that *worker* is to take next, if it may."""
        if not self._waiting or not self.has_next(worker) or not self._is_batch():
            return None
        return self._heap[0][:2]

    def has_next(self, worker: int) -> bool:
        """Return whether there is a task that *worker* may take, be it for a batch that it has."""
        while self._heap and self._heap[0][2] not in self._waiting:
            heappop(self._heap)
        return bool(self._heap) and self._has_room(worker)

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
    """A worker, a loop or a thread, which takes tasks from its queues, and has one at a time.

    A worker that serves batches takes more from its accept queue, the first of its ``queues``;
    those it has not begun are ``following``.
    """

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
        self.following: deque[Task] = deque()
        self._calendar = calendar
        self.queues = queues
        self._on_take = on_take
        self._open_queues = open_queues
        self._handed = calendar.event()

    def next_task(self) -> simpy.Event:
        """Return the event of being handed a task, which is its value."""
        self.task = None
        self._handed = self._calendar.event()
        if self.following:
            self.task = self.following.popleft()
            self._handed.succeed(self.task)
        else:
            self.look()
        return self._handed

    def look(self) -> None:
        """Be handed a task, or be idle.

        Of the queues that it may take from, the one whose head ranks first is served.
        """
        while (queue := self._first_queue()) is not None:
            if (task := queue.take()) is not None:
                self.hand(task)
                return
        for queue in self._open():
            queue.idle[self] = None

    def _first_queue(self) -> Queue | None:
        first = chosen = None
        for queue in self._open():
            head = queue.head(self.worker)
            if head is not None and (first is None or head < first):
                first, chosen = head, queue
        return chosen

    def _open(self) -> Sequence[Queue]:
        """Return the queues that it may take from at this instant."""
        return self._open_queues(self)

    def hand(self, task: Task) -> None:
        """Be handed *task*, and those of its batch."""
        self.leave()
        self.task = task
        self._on_take(task, self.worker)
        self._handed.succeed(task)
        accept_queue = self.queues[0]
        if accept_queue.batching is not None:
            self._take_others(accept_queue, accept_queue.batching.max)

    def _take_others(self, queue: Queue, most: int) -> None:
        """Take more for a batch, as long as there are any and there is room."""
        while len(self.following) + 1 < most:
            if queue not in self._open() or not queue.has_next(self.worker):
                return
            if (task := queue.take()) is not None:
                self._on_take(task, self.worker)
                task.wait_for_cpu(self._calendar.now)
                self.following.append(task)

    def leave(self) -> None:
        """Wait for tasks no longer."""
        self.task = None
        for queue in self.queues:
            queue.idle.pop(self, None)
