"""Services: servers that requests call while they are served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import simpy

from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.jobs import Job
from simsched.engine.reference.retry_budget import RetryBudget
from simsched.engine.reference.tasks import Task
from simsched.engine.trace import MISSING, Status
from simsched.scenario.model.servers import Server
from simsched.workload.steps import StepKind, Tries


class Exchange:
    """A task's wait for the answer to a call, which may be sent more than once.

    Attributes:
        task: who calls,
        caller: and the job that it does so for.
        calls: what is under way of the present try.
        over: happens when there is an answer, or will never be one.
    """

    def __init__(self, service: Service, calendar: Calendar, task: Task, late: int) -> None:
        self.task = task
        self.caller = task.job
        self.calls: list[Call] = []
        self.over = calendar.event()
        self._service = service
        self._calendar = calendar
        self._late = late
        self._step = task.step
        self._try_number = 0
        self._row = task.position + (task.step.kind is StepKind.TRIES)  # of the next copy
        task.exchange = self
        task.start_call(calendar.now)
        self._end = task.position

    @property
    def waits_for_good(self) -> bool:
        """Whether nothing but the service can end it: all that may be sent is there."""
        hedged = self._step.tries is not None and self._step.tries.hedge_ns is not None
        timed = self._step.timeout_ns is not None
        there = all(call.job is not None and not call.job.ended for call in self.calls)
        return there and not timed and len(self.calls) == 1 + hedged

    def start(self) -> simpy.Event:
        """Call for the first time; return the event of its being over."""
        if self._step.tries is not None:
            self._service.account(self._step.tries).earn()
        self._try()
        return self.over

    def receive(self, call: Call) -> None:
        """Let the caller go on, or try again where the service did not do what it was asked for.

        The answer to a copy that no one waits for any more is ignored.
        """
        if call not in self.calls or call.job is None:
            return
        call.answered = self._calendar.now
        self.calls.remove(call)
        if call.job.status is Status.COMPLETED:
            self.drop()
            self._conclude()
        elif not self.calls:
            self._fail()

    def drop(self) -> None:
        """Wait for nothing that is under way."""
        for call in reversed(self.calls):
            self._service.drop(call)
        self.calls.clear()

    def _try(self) -> None:
        self._try_number += 1
        self._send()
        if self._step.timeout_ns is not None:
            self._later(self._step.timeout_ns, Order.COMPLETION, self._fail)
        if self._step.tries is not None and self._step.tries.hedge_ns is not None:
            self._later(self._step.tries.hedge_ns, Order.TIMER, self._hedge)

    def _send(self) -> None:
        operands, row = self.caller.program.operands, self._row
        last = row + operands[row]
        call = Call(
            self,
            self._service.position,
            row,
            self._calendar.now,
            there=operands[row + 1],
            back=operands[last] + self._late,
            within=(row + 2, last),
        )
        self.calls.append(call)
        self._row = last + 1
        self._service.send(call)

    def _hedge(self) -> None:
        if not self.caller.unwanted:
            self._send()

    def _fail(self) -> None:
        """Give up this try; begin the next after a pause, if there is one, or fail."""
        self.drop()
        self._skip_copies()
        if self._row < self._end and not self.caller.unwanted and self._may_retry():
            self._try_number += 1
            pause = self.caller.program.operands[self._row]
            self._row += 1
            self._later(pause, Order.ARRIVAL, self._try_again)
        else:
            self.caller.fail(self._calendar.now)
            self._conclude()

    def _try_again(self) -> None:
        if self.caller.unwanted:
            self._conclude()
        else:
            self._try()

    def _may_retry(self) -> bool:
        return self._step.tries is None or self._service.account(self._step.tries).spend()

    def _skip_copies(self) -> None:
        """Go past what is left of this try."""
        program = self.caller.program
        while self._row < self._end and program.steps[self._row].kind is StepKind.CALL:
            self._row += 1 + program.operands[self._row]

    def _conclude(self) -> None:
        self.task.exchange = None
        self.over.succeed()

    def _later(self, delay: int, order: Order, then: Callable[[], None]) -> None:
        """Do *then* after a *delay*, if the same try is still under way."""
        number = self._try_number
        event = self._calendar.after(delay, order)
        event.callbacks.append(lambda _: then() if self._is_under_way(number) else None)

    def _is_under_way(self, number: int) -> bool:
        return self.task.exchange is self and number == self._try_number


@dataclass(slots=True, eq=False)
class Call:
    """One copy of a call of a service, and the job that it is there. All times are nanoseconds.

    Attributes:
        exchange: what it is a copy for.
        service: which service, by position.
        row: of the program, where it is.
        sent: when it was sent.
        there, back: how long it is under way, and its answer.
        within: the rows of the program that the service does.
        job: what the service does for it.
        answered: when the caller had the answer, if it ever did.
        dropped: whether the service has stopped because no one waits for it.
    """

    exchange: Exchange
    service: int
    row: int
    sent: int
    there: int
    back: int
    within: tuple[int, int]
    job: Job | None = None
    answered: int = MISSING
    dropped: bool = False


class Callee(Protocol):
    """What a service is at work, of which its callers know this much."""

    @property
    def server(self) -> Server:
        """What it is in the scenario."""

    @property
    def sequential(self) -> bool:
        """Whether it does the branches of a fan-out one after another."""

    @property
    def off_loads(self) -> bool:
        """Whether it has anything done in threads or processes beside its loops."""

    def admit(self, job: Job) -> None:
        """Let *job* come in, or be refused."""

    def abandon(self, job: Job) -> None:
        """Do no more for *job*."""


class Service:
    """A server as those know it who call it.

    ``calls`` are those that have reached it, in order of arrival; ``model`` is set once all
    services are there, which may call each other.
    """

    model: Callee

    def __init__(self, calendar: Calendar, position: int) -> None:
        self.position = position
        self.calls: list[Call] = []
        self._calendar = calendar
        self._accounts: dict[Tries, RetryBudget] = {}

    def call(self, task: Task, late: int) -> simpy.Event:
        """Let *task* make the call that comes next; return the event of its being over.

        It learns of an answer *late* ns after that is back.
        """
        return Exchange(self, self._calendar, task, late).start()

    def account(self, tries: Tries) -> RetryBudget:
        """Return the budget of retries of all calls that one step makes."""
        return self._accounts.setdefault(tries, RetryBudget(tries.ratio, tries.burst))

    def send(self, call: Call) -> None:
        """Let a *call* be under way to the service."""
        there = self._calendar.after(call.there, Order.ARRIVAL)
        there.callbacks.append(lambda _: self._admit(call))

    def drop(self, call: Call) -> None:
        """Let the service know, if it cares, that no one waits for a *call* any more."""
        if self.model.server.cancel_abandoned:
            there = self._calendar.after(call.there, Order.ARRIVAL)
            there.callbacks.append(lambda _: self._abandon(call))

    def forget(self) -> None:
        """Forget all calls: their jobs know their tasks, which know them."""
        for call in self.calls:
            call.exchange.task.exchange = None
            if call.job is not None:
                call.job.tasks.clear()
        self.calls.clear()

    def _admit(self, call: Call) -> None:
        caller = call.exchange.caller
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
            draw=caller.handoff(caller.program.row + call.row),
            stretches=None,
            on_end=lambda _: self._answer(call),
            within=call.within,
            call=call,
        )
        self.calls.append(call)
        self.model.admit(call.job)

    def _abandon(self, call: Call) -> None:
        if call.job is not None and not call.job.ended:
            call.dropped = True
            self.model.abandon(call.job)
            call.job.end(Status.TIMED_OUT, self._calendar.now)

    def _answer(self, call: Call) -> None:
        if not call.dropped:
            back = self._calendar.after(call.back, Order.COMPLETION)
            back.callbacks.append(lambda _: call.exchange.receive(call))
