"""Who computes when: a task wishes to compute, and a CPU executes that wish.

A CPU is a core of one's own or cores that workers share (``cores``), or an interpreter lock on top
of either (``interpreter_lock``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import simpy

from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.tasks import Task

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
