"""Clients: they send requests, may lose patience, and may try again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from simsched.engine.conditions import backoff
from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.connections import Connections
from simsched.engine.reference.jobs import Job
from simsched.engine.reference.model import Model
from simsched.engine.reference.program import Programs
from simsched.engine.reference.retry_budget import RetryBudget
from simsched.engine.trace import Status
from simsched.scenario.model.client import Client as Policy
from simsched.workload.columns import Requests


@dataclass(slots=True, eq=False)
class Request:
    """What a client wants: the request at ``index`` of ``requests``.

    ``number`` counts from 1 in order of arrival; ``user`` sends it, -1 where no particular user
    does. ``on_end`` is called when it has its answer or is given up for good.
    """

    requests: Requests
    index: int
    number: int
    user: int = -1
    on_end: Callable[[], object] = lambda: None


class Account(RetryBudget):
    """The clients of a stream: their *policy*, their retry budget, and their connections."""

    def __init__(self, calendar: Calendar, model: Model[Any], policy: Policy) -> None:
        retries = policy.retries
        budget = None if retries is None else retries.budget
        super().__init__(*((0.0, None) if budget is None else (budget.ratio, budget.burst)))
        self.policy = policy
        self.longest_waits = [] if retries is None else retries.longest_waits
        self.connections = (
            None
            if policy.connections is None
            else Connections(calendar, policy.connections, model.workers, model.send)
        )


class Client:
    """Sends requests to a server, under the policy of timeouts and retries of each stream.

    ``kept`` says for a request's number whether its timeline is to be kept. ``jobs`` are all
    attempts, in order of arrival.
    """

    def __init__(
        self,
        calendar: Calendar,
        model: Model[Any],
        policies: Sequence[Policy],
        kept: Callable[[int], bool],
    ) -> None:
        self.jobs: list[Job] = []
        self._calendar = calendar
        self._model = model
        self._kept = kept
        self._listed: dict[Requests, _Listed] = {}
        self._accounts = [Account(calendar, model, policy) for policy in policies]

    def send(self, request: Request) -> None:
        """Send *request* for the first time."""
        account = self._accounts[request.requests.stream_of(request.index)]
        account.earn()
        self._attempt(request, account, 1)

    def forget(self) -> None:
        """Forget all attempts: they know their tasks and this client, which know them."""
        for job in self.jobs:
            job.tasks.clear()
        self.jobs.clear()

    def _attempt(self, request: Request, account: Account, attempt: int) -> None:
        job = self._job(request, account, attempt)
        self.jobs.append(job)
        self._model.admit(job, account.connections)
        if job.ended:
            return
        timeout, patience = _waits(request, account.policy)
        if timeout is not None:
            enough = self._calendar.after(timeout, Order.TIMER)
            enough.callbacks.append(lambda _: self._lose_patience(job))
        if patience is not None:
            enough = self._calendar.after(patience, Order.TIMER)
            enough.callbacks.append(lambda _: self._leave_queue(job))

    def _leave_queue(self, job: Job) -> None:
        if not job.ended and not job.started:
            self._model.abandon(job)
            job.end(Status.TIMED_OUT, self._calendar.now)

    def _lose_patience(self, job: Job) -> None:
        if job.ended:
            return
        if self._model.server.cancel_abandoned or self._model.is_outside(job):
            self._model.abandon(job)
        job.end(Status.TIMED_OUT, self._calendar.now)

    def _ended(self, request: Request, account: Account, job: Job) -> None:
        if account.connections is not None:
            account.connections.release(job)
        retries = account.policy.retries
        if (
            job.status is Status.COMPLETED
            or retries is None
            or job.attempt > retries.max
            or not account.spend()
        ):
            request.on_end()
            return
        draw = _draw(request, "jitter", job.attempt)
        wait = backoff(account.longest_waits[job.attempt - 1], retries.least_share, draw)
        again = self._calendar.after(wait, Order.ARRIVAL)
        again.callbacks.append(lambda _: self._attempt(request, account, job.attempt + 1))

    def _job(self, request: Request, account: Account, attempt: int) -> Job:
        index, listed = request.index, self._listed_of(request.requests)
        return Job(
            number=request.number,
            attempt=attempt,
            user=request.user,
            requests=request.requests,
            index=index,
            arrival=self._calendar.now,
            program=listed.programs.of(index),
            priority=listed.priorities[index],
            draw=listed.draws[index] if attempt == 1 else _draw(request, "dispatch", attempt - 1),
            stretches=[] if self._kept(request.number) else None,
            on_end=lambda job: self._ended(request, account, job),
        )

    def _listed_of(self, requests: Requests) -> _Listed:
        if requests not in self._listed:
            self._listed[requests] = _Listed(requests, self._model)
        return self._listed[requests]


class _Listed:
    """What attempts at *requests* need, listed once: of a list, an element is quicker to have."""

    def __init__(self, requests: Requests, model: Model[Any]) -> None:
        self.programs = Programs(requests, sequential=model.sequential, off_loads=model.off_loads)
        self.priorities = [requests.priorities[each] for each in requests.class_id.tolist()]
        self.draws: list[float] = requests.dispatch.tolist()


def _waits(request: Request, policy: Policy) -> tuple[int | None, int | None]:
    """Return how long an answer is waited for, and how long to be taken up."""
    waits = request.requests.waits
    if waits is not None:
        both = waits.timeout_ns[request.index], waits.patience_ns[request.index]
        drawn = [None if each < 0 else int(each) for each in both]
        return drawn[0], drawn[1]
    return policy.timeout if isinstance(policy.timeout, int) else None, None


def _draw(request: Request, column: str, retry: int) -> float:
    draws = getattr(request.requests.retries, column)
    return float(draws[retry - 1, request.index])
