"""The interpreter lock (GIL): of the threads of a worker, one computes at a time."""

from __future__ import annotations

from simsched.engine.conditions import lasting
from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.cpu import Cpu, Run
from simsched.engine.reference.turns import Turns


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
