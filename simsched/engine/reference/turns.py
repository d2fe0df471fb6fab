"""Turns on something that several share.

Cores that workers share, and the interpreter lock that the threads of a worker share, are the same
thing at two levels: so many may run at a time, the others wait in line, and a turn ends when others
wait for it and it has lasted long enough. Turns stack: a thread that has the lock computes on what
its worker has, which may be turns on the host's cores.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import deque

import simpy

from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.cpu import Cpu, Run
from simsched.engine.reference.tasks import Task


class Turns(Cpu):
    """At most ``places`` runs at a time execute on *below*; the others wait in line."""

    def __init__(self, calendar: Calendar, below: Cpu, places: int, quantum: int) -> None:
        super().__init__(calendar)
        self.below = below
        self.places = places
        self.quantum = quantum
        self.running: list[Run] = []
        self.waiting: deque[Run] = deque()

    @abstractmethod
    def allowance(self, turn: Run) -> int:
        """Return how much longer *turn* may last now that another user begins to wait for it."""

    def execute(self, task: Task, demand: int) -> simpy.Event:
        """Let *task* compute in turns."""
        executed = self.calendar.event()

        def done() -> None:
            task.run = None
            executed.succeed()

        task.run = Run(self, task, demand, done)
        self.start(task.run)
        return executed

    def start(self, run: Run) -> None:
        """Give *run* a turn, or let it wait for one."""
        if len(self.running) < self.places:
            self._give_turn(run)
            return
        self._wait(run)
        self._limit_running()

    def _limit_running(self) -> None:
        """Limit the turns of those who run, now that another has begun to wait."""
        if len(self.waiting) > 1:  # they have been limited when the first began to wait
            return
        for each in self.running:
            if each.turn is not None:
                self.below.limit(each.turn, self.allowance(each.turn))

    def executed(self, run: Run) -> int:
        """Return what earlier turns and the present one did of *run*."""
        return run.executed + (0 if run.turn is None else self.below.executed(run.turn))

    def limit(self, run: Run, most: int) -> None:
        """Shorten *run*, and its turn if it has one."""
        run.due = min(run.due, self.calendar.now + most)
        run.demand = min(run.demand, self.executed(run) + most)
        if run.turn is not None:
            self.below.limit(run.turn, most)

    def withdraw(self, run: Run) -> None:
        """Take *run* out of the line, or end its turn."""
        if run.turn is None:
            self.waiting.remove(run)
            return
        self.below.withdraw(run.turn)
        self._leave(run)
        self._give_turn_to_next()

    def resume(self, run: Run) -> None:
        """Prepare *run* for a turn that is not its first."""

    def _give_turn(self, run: Run) -> None:
        self._limit_by_clock(run)
        length = run.demand - run.executed
        run.turn = Run(self.below, run.task, length, lambda: self._turn_ended(run))
        run.turn.least = run.extra
        if self.waiting:
            most = run.extra + self.quantum
            run.turn.demand = min(length, most)
            run.turn.due = self.calendar.now + most
        self.running.append(run)
        self.below.start(run.turn)

    def _limit_by_clock(self, run: Run) -> None:
        """Shorten *run* by as much as it waited for this turn, if it has got on at all.

        Else those who wait for each other would take turns in which none of them gets on.
        """
        left = max(0, run.due - self.calendar.now)
        if run.executed + left > run.least:
            run.demand = min(run.demand, run.executed + left)

    def _turn_ended(self, run: Run) -> None:
        run.executed = self.executed(run)
        self._leave(run)
        if run.executed == run.demand:
            self._give_turn_to_next()
            run.done()
        elif self.waiting:
            self._wait(run)
            self.resume(run)
            self._give_turn_to_next()
        else:  # who waited has been withdrawn
            self._give_turn(run)

    def _give_turn_to_next(self) -> None:
        if self.waiting:
            self._give_turn(self.waiting.popleft())

    def _leave(self, run: Run) -> None:
        self.running.remove(run)
        run.turn = None

    def _wait(self, run: Run) -> None:
        run.task.wait_for_cpu(self.calendar.now)
        self.waiting.append(run)
