"""An attempt at a request, as client and server see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simsched.engine.reference.program import Program
from simsched.engine.segments import Stretch
from simsched.engine.trace import MISSING, Activity, Status
from simsched.workload.columns import Requests

if TYPE_CHECKING:
    from simsched.engine.reference.calls import Call
    from simsched.engine.reference.connections import Connection
    from simsched.engine.reference.tasks import Task

_ACTIVITIES = len(Activity)


@dataclass(slots=True, eq=False)
class Job:
    """One attempt at a request, from its arrival to its end. All times are nanoseconds.

    Attributes:
        number: its request's, counting from 1 in order of arrival.
        attempt: counts from 1.
        user: who sent it, counting from 0; -1 where no user did.
        requests: the columns that hold its request,
        index: and its position in them.
        arrival: when it arrived.
        program: what it asks for.
        priority: its class's; the smallest is served first.
        draw: a uniform draw on [0, 1) for a random choice of worker.
        stretches: its timeline so far, if it is to be kept.
        on_end: called when the client has its answer, or will never have one.
        tasks: what goes on for it in the server.
        late_cpu: the CPU time spent on it after it was over for its client,
        late_until: and when the last of that was spent.
        unwanted: whether the server is to stop working on it: it failed, or its client has left.
        halted: whether its worker goes down at this instant, so that it begins nothing more.
        within: the rows of the program that are a service's to do for a call; None for all.
        call: the call that it answers.
        connection: what it is sent on, if connections are kept alive.
        sent: when it was sent; later than its arrival if it waited for a connection.
    """

    number: int
    attempt: int
    user: int
    requests: Requests
    index: int
    arrival: int
    program: Program
    priority: int
    draw: float
    stretches: list[Stretch] | None
    on_end: Callable[[Job], None]
    worker: int = -1
    start: int = MISSING
    finish: int = MISSING
    status: Status = Status.UNFINISHED
    spent: list[int] = field(default_factory=lambda: [0] * _ACTIVITIES)
    tasks: list[Task] = field(default_factory=list)
    late_cpu: int = 0
    late_until: int = MISSING
    unwanted: bool = False
    halted: bool = False
    within: tuple[int, int] | None = None
    call: Call | None = None
    connection: Connection | None = None
    sent: int = MISSING

    @property
    def sent_by(self) -> Job:
        """The client's attempt for which it is, which is itself if it answers no call."""
        job = self
        while job.call is not None:
            job = job.call.exchange.caller
        return job

    @property
    def rows(self) -> tuple[int, int]:
        """The first row of the program that is to be done for it, and the one where that ends."""
        return self.within or (0, len(self.program.steps))

    @property
    def started(self) -> bool:
        """Whether a worker has taken it."""
        return self.start != MISSING

    @property
    def ended(self) -> bool:
        """Whether its client has an answer, or has stopped waiting for one."""
        return self.status is not Status.UNFINISHED

    def begin(self, worker: int, now: int) -> None:
        """Note that *worker* takes it."""
        self.worker = worker
        self.start = now

    def end(self, status: Status, now: int) -> None:
        """End it for its client, whatever the server goes on to do."""
        self.settle(now)
        self.status = status
        self.finish = now
        self.on_end(self)

    def answer(self, status: Status, now: int) -> None:
        """End it for a client who still waits, whatever the server goes on to do."""
        if not self.ended:
            self.end(status, now)

    def fail(self, now: int) -> None:
        """End it for a client who still waits, and do no more for it than end what is under way."""
        self.unwanted = True
        self.answer(Status.FAILED, now)

    def handoff(self, row: int) -> float:
        """Return the draw behind the choice of who gets the slot that a row gives back."""
        draws = self.requests.handoff
        return float(draws[self.attempt - 1, row]) if len(draws) else 0.0

    def fails(self, row: int) -> bool:
        """Return whether it fails at the end of a row."""
        fails = self.requests.fails
        return bool(fails[self.attempt - 1, row]) if len(fails) else False

    def settle(self, now: int) -> None:
        """Account for the time up to *now*."""
        for task in self.tasks:
            task.settle(now)
