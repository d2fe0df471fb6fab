"""Services: servers that requests call while they are served."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import simpy

from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.job import Job
from simsched.engine.reference.task import Task
from simsched.engine.trace import MISSING, Status

if TYPE_CHECKING:
    from simsched.engine.reference.model import Model


@dataclass(slots=True, eq=False)
class Call:
    """A call of a service by a task, and the job that it is there. All times are nanoseconds.

    Attributes:
        service: which service, by position.
        task: who calls,
        caller: and the job that it does so for.
        sent: when it called.
        back: how long the answer takes to come back.
        job: what the service does for it, which it does in the rows ``within`` of its program.
        came_back: happens when the task has the answer,
        answered: which is at this moment, if ever.
    """

    service: int
    task: Task
    caller: Job
    sent: int
    back: int
    within: tuple[int, int]
    came_back: simpy.Event
    job: Job | None = None
    answered: int = MISSING


class Service:
    """A server as those know it who call it.

    ``calls`` are those that have reached it, in order of arrival; ``model`` is set once all
    services are there, which may call each other.
    """

    model: Model[Any]

    def __init__(self, calendar: Calendar, position: int) -> None:
        self.calls: list[Call] = []
        self._calendar = calendar
        self._position = position

    def receive(self, task: Task, late: int) -> simpy.Event:
        """Let *task* make the call that comes next; return the event of its having the answer.

        It learns of that *late* ns after the answer is back.
        """
        program, first = task.job.program, task.position
        last = first + program.operands[first]
        call = Call(
            self._position,
            task,
            task.job,
            self._calendar.now,
            program.operands[last] + late,
            (first + 2, last),
            self._calendar.event(),
        )
        task.start_call(self._calendar.now)
        timeout = program.steps[first].timeout_ns
        there = self._calendar.after(program.operands[first + 1], Order.ARRIVAL)
        there.callbacks.append(lambda _: self._admit(call, first))
        if timeout is not None:
            enough = self._calendar.after(timeout, Order.COMPLETION)
            enough.callbacks.append(lambda _: self._give_up(call))
        return call.came_back

    def forget(self) -> None:
        """Forget all calls: their jobs know their tasks, which know them."""
        for call in self.calls:
            if call.job is not None:
                call.job.tasks.clear()
        self.calls.clear()

    def _admit(self, call: Call, row: int) -> None:
        caller = call.caller
        call.job = Job(
            number=caller.number,
            attempt=caller.attempt,
            user=caller.user,
            requests=caller.requests,
            index=caller.index,
            arrival=self._calendar.now,
            program=replace(
                caller.program,
                sequential=self.model.sequential,
                off_loads=self.model.off_loads,
            ),
            priority=caller.priority,
            draw=caller.handoff(caller.program.row + row),
            stretches=None,
            on_end=lambda _: self._answer(call),
            within=call.within,
            call=call,
        )
        self.calls.append(call)
        self.model.admit(call.job)

    def _give_up(self, call: Call) -> None:
        """Let the caller fail that has no answer yet; the service goes on."""
        if not call.task.stopped and not call.came_back.triggered:
            call.caller.fail(self._calendar.now)
            call.came_back.succeed()

    def _answer(self, call: Call) -> None:
        back = self._calendar.after(call.back, Order.COMPLETION)
        back.callbacks.append(lambda _: self._come_back(call))

    def _come_back(self, call: Call) -> None:
        """Let the caller go on, or fail where the service did not do what it was asked for."""
        if call.task.stopped or call.job is None or call.came_back.triggered:
            return
        call.answered = self._calendar.now
        if call.job.status is not Status.COMPLETED:
            call.caller.fail(self._calendar.now)
        call.came_back.succeed()
