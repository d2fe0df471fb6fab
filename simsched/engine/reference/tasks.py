"""A thread of control through a request's program, and where its time goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import simpy

from simsched.engine.conditions import lasting, without_lock
from simsched.engine.reference.jobs import Job
from simsched.engine.segments import Stretch
from simsched.engine.trace import Activity
from simsched.workload.steps import Step, StepKind

if TYPE_CHECKING:
    from simsched.engine.reference.calls import Exchange
    from simsched.engine.reference.cpu import Run
    from simsched.engine.reference.queues import Queue
    from simsched.engine.reference.resources import Pool, Visit


@dataclass(slots=True, eq=False)
class Task:
    """A request's own thread of control, or one branch of a fan-out.

    Attributes:
        job: the attempt that it belongs to.
        position: the row of the program to be taken up next.
        end: the row where it ends.
        since: when its present activity began.
        parent: who waits for this branch.
        remaining: the service demand of the rows not yet taken up.
        activity: what it is doing; None while it waits for its branches.
        branches: how many of its branches are not yet at their end.
        queue: the queue that it is in,
        joined: and its number in order of joining it.
        run: its latest wish to compute.
        slots: the slots that it has, one entry each.
        waits_for: the pool in whose line it is.
        joined_again: happens when all its branches are at their end.
        exchange: the call whose answer it waits for.
        speed: that at which its worker computes its latest burst.
        lock_free: for how long (ns) it then computes without the lock.
        stopped: whether the server has stopped working on it.
    """

    job: Job
    position: int
    end: int
    since: int
    parent: Task | None = None
    remaining: int = 0
    activity: Activity | None = Activity.QUEUE
    branches: int = 0
    queue: Queue | None = None
    joined: int = 0
    run: Run | None = None
    slots: list[Visit] = field(default_factory=list)
    waits_for: Pool | None = None
    joined_again: simpy.Event | None = None
    exchange: Exchange | None = None
    speed: float = 1.0
    lock_free: int = 0
    stopped: bool = False
    _row: int = -1
    _executed: int = 0  # of the burst's phases
    _overhead: int = 0  # still to be executed before the burst's phases go on

    _last: int = 0  # the row after the last that is more than giving a slot back

    def __post_init__(self) -> None:
        program = self.job.program
        self.remaining = program.demand(self.position, self.end)
        self._last = self.end
        while self._last > self.position and program.steps[self._last - 1].kind is StepKind.RELEASE:
            self._last -= 1
        self.job.tasks.append(self)

    @property
    def step(self) -> Step:
        """The step to be taken up next."""
        return self.job.program.steps[self.position]

    @property
    def row(self) -> int:
        """The row of the workload to be taken up next."""
        return self.job.program.row + self.position

    @property
    def has_started(self) -> bool:
        """Whether it has been given a loop or a lock before; a branch's request has."""
        return self.position > self.job.rows[0]

    @property
    def wanted(self) -> bool:
        """Whether there is more to be done than giving slots back, and a client that wants it."""
        return self.position < self._last and not self.job.unwanted

    @property
    def computes(self) -> bool:
        """Whether a burst of computing goes through the next row."""
        return self.position < self.end and self.job.program.is_computing(self.position)

    def take_up(self) -> int:
        """Take up the next row and return its operand."""
        operand = self.job.program.operands[self.position]
        self.position += 1
        return operand

    def start_burst(self, overhead: int, now: int, speed: float, *, locked: bool) -> int:
        """Take up all CPU phases up to the next I/O; return how long they and *overhead* take.

        They are computed at this *speed*. Where they are *locked*, they are those up to a phase
        that needs no lock for a part; that part is left.
        """
        self.settle(now)
        self._row = self.row
        self.speed = speed
        self._executed, self._overhead = 0, lasting(overhead, speed)
        burst, program = self._overhead, self.job.program
        while self.computes and not self.lock_free:
            step, operand = program.steps[self.position], program.operands[self.position]
            self.position += 1
            if step.kind is StepKind.CPU:
                self.remaining -= operand
                length = lasting(operand, speed)
                if locked:
                    self.lock_free = without_lock(length, step.lock_free)
                burst += length - self.lock_free
        return burst

    def take_lock_free(self) -> int:
        """Return how long the latest burst goes on without the lock, which it now does."""
        length, self.lock_free = self.lock_free, 0
        return length

    def start_io(self, now: int) -> int:
        """Take up the next row, an I/O phase, and return its length."""
        self.settle(now)
        self.activity = Activity.IO
        self._row = self.row
        duration = self.take_up()
        self.remaining -= duration
        return duration

    def start_call(self, now: int) -> None:
        """Take up the next row, a call, with the rows of the service, which it waits for."""
        self.settle(now)
        self.activity = Activity.IO
        self._row = self.row
        first, rows = self.position, self.take_up()
        self.position += rows
        self.remaining -= self.job.program.demand(first, self.position)

    def skip_io(self) -> None:
        """Go past the next row, an I/O phase that is given up before it has started."""
        self.remaining -= self.take_up()

    def end_branch(self) -> None:
        """Note that one more branch is at its end."""
        self.branches -= 1
        if self.branches == 0 and self.joined_again is not None:
            self.joined_again.succeed()

    def add_overhead(self, overhead: int) -> None:
        """Let *overhead* ns of the server's own come before the rest of the burst."""
        self._overhead += overhead

    def compute(self, now: int) -> None:
        """Enter the activity of computing."""
        self._enter(Activity.CPU, now)

    def wait_for_cpu(self, now: int) -> None:
        """Enter the activity of being ready to compute."""
        self._enter(Activity.CPU_WAIT, now)

    def wait_for_slot(self, now: int) -> None:
        """Enter the activity of waiting for a resource."""
        self._enter(Activity.IO_WAIT, now)

    def stop(self, now: int) -> None:
        """Leave whatever it is in, and do no more."""
        if self.queue is not None:
            self.queue.forget(self)
        if self.run is not None:
            self.run.cpu.withdraw(self.run)
            self.run = None
        if self.waits_for is not None:
            self.waits_for.leave_line(self)
        while self.slots:
            self.slots[-1].pool.give_back(self)
        if self.exchange is not None:
            self.exchange.drop()
            self.exchange = None
        self.rest(now)
        self.stopped = True

    def rest(self, now: int) -> None:
        """Enter no activity: the task waits for its branches, or is at its end."""
        self._enter(None, now)

    def settle(self, now: int) -> None:
        """Account for the present activity up to *now*."""
        length, activity, job = now - self.since, self.activity, self.job
        if length and activity is not None:
            if not job.ended:
                job.spent[activity] += length
            elif activity is Activity.CPU:
                job.late_cpu += length
                job.late_until = now
            if job.stretches is not None:
                job.stretches.append(self._stretch(activity, now))
            if activity is Activity.CPU:
                overhead = min(length, self._overhead)
                self._overhead -= overhead
                self._executed += length - overhead
        self.since = now

    def _enter(self, activity: Activity | None, now: int) -> None:
        if activity is not self.activity:
            self.settle(now)
            self.activity = activity

    def _stretch(self, activity: Activity, now: int) -> Stretch:
        return Stretch(
            self.job.number,
            activity,
            self.since,
            now,
            self.job.worker,
            self._row,
            self._executed,
            self._overhead,
            self.speed,
        )
