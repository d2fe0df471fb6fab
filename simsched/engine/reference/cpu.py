"""Who computes when: a core of one's own, or turns on something shared.

Cores that workers share, and the interpreter lock that the threads of a worker share, are the same
thing at two levels: so many may run at a time, the others wait in line, and a turn ends when others
wait for it and it has lasted long enough. Turns stack: a thread that has the lock computes on what
its worker has, which may be turns on the host's cores.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import simpy

from simsched.engine.conditions import lasting
from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.task import Task

NEVER = 2**63 - 1
"""The moment (ns) of what is not going to happen."""


@dataclass(slots=True, eq=False)
class Run:
    """A task's wish to compute for ``demand`` ns; then ``done`` is called.

    ``cpu`` is what executes it. ``executed`` is what earlier turns did of it, and ``turn`` the one
    it has now; ``extra`` is the overhead at the beginning of its turn, which does not count for its
    length. ``due`` is when it has to give way by the clock, once it has executed more than
    ``least``. ``since`` is when it began on a core; ``epoch`` numbers its appointments: earlier
    ones no longer count.
    """

    cpu: Cpu
    task: Task
    demand: int
    done: Callable[[], object]
    executed: int = 0
    turn: Run | None = None
    extra: int = 0
    due: int = NEVER
    least: int = 0
    since: int = 0
    epoch: int = 0


class Cpu(ABC):
    """Something that executes runs.

    ``switch`` is the overhead of returning to it.
    """

    switch: int = 0

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar

    @property
    def without_lock(self) -> Cpu | None:
        """What executes that which needs no lock, where there is one: None where there is none."""
        return None

    @abstractmethod
    def execute(self, task: Task, demand: int) -> simpy.Event:
        """Return the event of *task* having computed for *demand* ns."""

    @abstractmethod
    def start(self, run: Run) -> None:
        """Execute *run*, at once or when it may."""

    @abstractmethod
    def executed(self, run: Run) -> int:
        """Return how much of *run*, which has been started, is done by now."""

    @abstractmethod
    def limit(self, run: Run, most: int) -> None:
        """Let *run*, which has been started and is not done, go on for at most *most* ns more.

        They pass by the clock: while *run* waits for a core, too.
        """

    @abstractmethod
    def withdraw(self, run: Run) -> None:
        """Stop executing *run*, which has been started and is not done."""


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


class InterpreterLock(Turns):
    """The lock that lets one thread of a worker compute at a time.

    As in CPython, a thread that has waited for the switch interval asks for the lock, and the
    thread that has it then gives it up: at once if it has a core, else as soon as it has one. Each
    time the lock changes hands the interval begins anew.
    """

    def __init__(self, calendar: Calendar, below: Cpu, quantum: int, switch: int) -> None:
        super().__init__(calendar, below, places=1, quantum=quantum)
        self.switch = switch

    @property
    def without_lock(self) -> Cpu:
        """The cores, which need not be the worker's own."""
        return self.below

    def allowance(self, turn: Run) -> int:  # noqa: ARG002 - it counts from when the wait begins
        """Return the switch interval."""
        return self.quantum

    def resume(self, run: Run) -> None:
        """Add the overhead of being given the lock again."""
        switch = lasting(self.switch, run.task.speed)
        run.demand += switch
        run.extra = switch
        run.task.add_overhead(switch)
