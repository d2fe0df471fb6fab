"""The cores that workers compute on: one of a worker's own, or those that all share."""

from __future__ import annotations

import simpy

from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.cpu import Cpu, Run
from simsched.engine.reference.tasks import Task
from simsched.engine.reference.turns import Turns


class OwnCore(Cpu):
    """A core without other users."""

    def execute(self, task: Task, demand: int) -> simpy.Event:
        """Let *task* compute at once; nothing will interrupt it, so its end is certain."""
        task.compute(self.calendar.now)
        return self.calendar.after(demand, Order.COMPLETION)

    def start(self, run: Run) -> None:
        """Execute *run* at once."""
        run.task.compute(self.calendar.now)
        run.since = self.calendar.now
        self._appoint_end(run)

    def executed(self, run: Run) -> int:
        """Return the time since *run* began."""
        return self.calendar.now - run.since

    def limit(self, run: Run, most: int) -> None:
        """Bring the end of *run* forward to *most* ns from now, if it is later."""
        executed = self.executed(run)
        if run.demand > executed + most:
            run.demand = executed + most
            self._appoint_end(run)

    def withdraw(self, run: Run) -> None:
        """Forget the end of *run*."""
        run.epoch += 1

    def _appoint_end(self, run: Run) -> None:
        run.epoch += 1
        epoch = run.epoch

        def ended(_: simpy.Event) -> None:
            if run.epoch == epoch:
                run.done()

        left = run.demand - self.executed(run)
        self.calendar.after(left, Order.COMPLETION).callbacks.append(ended)


class Cores(Turns):
    """The cores of a host, shared in time slices.

    A run that others wait for gives its core up once it has had it for a time slice. Where they are
    ``preemptive``, the class with the smallest priority has them: a run is interrupted by one of a
    class before its own, and is then the first of its class in line.
    """

    def __init__(
        self, calendar: Calendar, below: Cpu, places: int, quantum: int, *, preemptive: bool
    ) -> None:
        super().__init__(calendar, below, places, quantum)
        self._preemptive = preemptive

    def start(self, run: Run) -> None:
        """Give *run* a core, be it another's, or let it wait for one."""
        victim = self._victim(run)
        if victim is not None and victim.turn is not None:
            victim.executed = self.executed(victim)
            self.below.withdraw(victim.turn)
            self._leave(victim)
            victim.task.wait_for_cpu(self.calendar.now)
            rank = _rank(victim)
            before = sum(_rank(each) < rank for each in self.waiting)
            self.waiting.insert(before, victim)
            self._limit_running()
        super().start(run)

    def _victim(self, run: Run) -> Run | None:
        """Return which of those who run *run* interrupts: of the last class, the last to begin.

        Who has computed all that it wants at this very moment is not interrupted.
        """
        if not self._preemptive or len(self.running) < self.places:
            return None
        busy = [each for each in self.running if self.executed(each) < each.demand]
        last = max(reversed(busy), key=_rank, default=None)
        return last if last is not None and _rank(last) > _rank(run) else None

    def _wait(self, run: Run) -> None:
        """Let *run* be the last in line, or of its class."""
        super()._wait(run)
        if self._preemptive:
            self.waiting.pop()
            rank = _rank(run)
            self.waiting.insert(sum(_rank(each) <= rank for each in self.waiting), run)

    def allowance(self, turn: Run) -> int:
        """Return what is left of the turn's time slice."""
        return max(0, self.quantum - self.below.executed(turn))


def _rank(run: Run) -> int:
    return run.task.job.priority
