"""A request in a worker: what it asks for, and where its time goes.

All moments are nanoseconds of ``time.monotonic_ns``, a clock that all processes of a machine share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic_ns
from typing import Any, NamedTuple

from simsched.engine.trace import Activity, Status

Row = tuple[int, int, bool]
"""A row of a program: its step, by position, its operand, and whether the request fails with it."""

Program = Sequence[Row]


class Stretch(NamedTuple):
    """One activity of a request, from ``start`` to ``finish``; ``step`` is -1 where it has none."""

    activity: Activity
    start: int
    finish: int
    step: int = -1


class Visit(NamedTuple):
    """A request for a slot of a resource; a moment is None if it did not come."""

    resource: int
    asked: int
    granted: int | None
    released: int | None


class Record(NamedTuple):
    """What a worker knows of a request.

    Attributes:
        number: its number, as its client counts.
        worker: who served it.
        start: when the worker took it; None if it was refused.
        spent: the time of each activity, but for what passed between the worker and the client.
        late_cpu: the CPU time after the answer,
        late_until: and when that ended; None if there was none.
        stolen: how much longer its computing took than it should, since something else ran.
        concurrent: whether branches of it ran at the same time.
        visits: its requests for slots.
        stretches: its timeline, if it is kept.
    """

    number: int
    worker: int
    start: int | None
    spent: tuple[int, ...]
    late_cpu: int
    late_until: int | None
    stolen: int
    concurrent: bool
    visits: tuple[Visit, ...]
    stretches: tuple[Stretch, ...]


def record_from(fields: Sequence[Any]) -> Record:
    """Return the record that JSON has as *fields*."""
    found = Record(*fields)
    return found._replace(
        spent=tuple(found.spent),
        visits=tuple(Visit(*each) for each in found.visits),
        stretches=tuple(Stretch(Activity(each[0]), *each[1:]) for each in found.stretches),
    )


@dataclass(slots=True, eq=False)
class Job:
    """A request that a worker has received.

    Attributes:
        number: its number, as its client counts.
        arrival: when it was meant to arrive.
        program: what it asks for.
        kept: whether its timeline is kept.
        send: sends its client the answer.
        start: when the worker took it.
        unwanted: whether it has failed, so that no more is done for it.
        answered: when it was answered.
        visits: its requests for slots, as lists of what becomes of them.
    """

    number: int
    arrival: int
    program: Program
    kept: bool
    send: Callable[[Status], object]
    start: int | None = None
    unwanted: bool = False
    answered: int | None = None
    concurrent: bool = False
    visits: list[list[int | None]] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)

    def answer(self, status: Status) -> None:
        """Let the client have its answer, if it has none yet."""
        if self.answered is not None:
            return
        self.answered = monotonic_ns()
        for task in self.tasks:
            task.settle(self.answered)
        self.send(status)

    def fail(self) -> None:
        """Fail: what is under way is ended, and nothing more is done."""
        self.unwanted = True
        self.answer(Status.FAILED)

    def record(self, worker: int) -> Record:
        """Return what is known of it, on *worker*."""
        spent = zip(*(task.spent for task in self.tasks), strict=True)
        late = [task.late_until for task in self.tasks if task.late_cpu]
        return Record(
            number=self.number,
            worker=worker,
            start=self.start,
            spent=tuple(map(sum, spent)) or (0,) * len(Activity),
            late_cpu=sum(task.late_cpu for task in self.tasks),
            late_until=max(late, default=None),
            stolen=sum(task.stolen for task in self.tasks),
            concurrent=self.concurrent,
            visits=tuple(Visit(*each) for each in self.visits),  # type: ignore[arg-type]
            stretches=tuple(each for task in self.tasks for each in task.stretches),
        )


class Task:
    """A request's own thread of control, or one branch of a fan-out: rows *begin* to *end*.

    It waits for its first row since a moment *since*.
    """

    def __init__(self, job: Job, begin: int, end: int, since: int) -> None:
        self.job = job
        self.begin = begin
        self.end = end
        self.spent = [0] * len(Activity)
        self.stretches: list[Stretch] = []
        self.late_cpu = 0
        self.late_until = 0
        self.stolen = 0
        self._activity: Activity | None = Activity.CPU_WAIT
        self._since = since
        self._step = -1
        job.tasks.append(self)

    def enter(self, activity: Activity | None, now: int, step: int = -1) -> None:
        """Be in *activity* from *now* on; in none while its branches are at work."""
        self.settle(now)
        self._activity = activity
        self._step = step

    def settle(self, now: int) -> None:
        """Account for the present activity up to *now*."""
        began, self._since = self._since, now
        if self._activity is None or now <= began or self.job.answered not in {None, now}:
            return
        self.spent[self._activity] += now - began
        if self.job.kept:
            self.stretches.append(Stretch(self._activity, began, now, self._step))

    def computed(self, cpu_ns: int, stretches: Sequence[tuple[int, int]], step: int) -> None:
        """Account for *cpu_ns* of computing in those *stretches*."""
        late = self.job.answered is not None
        finish = stretches[-1][1]
        self.stolen += finish - stretches[0][0] - cpu_ns
        if late:
            self.late_cpu += cpu_ns
            self.late_until = finish
        for began, ended in stretches:
            self.enter(Activity.CPU, began, step)
            self.enter(Activity.CPU_WAIT, ended)
        if not late:  # within a stretch others may have had the core for moments
            shown = sum(ended - began for began, ended in stretches)
            self.spent[Activity.CPU] += cpu_ns - shown
            self.spent[Activity.CPU_WAIT] += shown - cpu_ns
