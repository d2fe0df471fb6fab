"""The jobs of a sweep done by workers, of which some may die."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from itertools import islice
from typing import TYPE_CHECKING

from simsched.errors import RunError
from simsched.experiment.sweep.jobs import Queue
from simsched.experiment.sweep.task import DIED, Outcome, perform

if TYPE_CHECKING:
    from simsched.experiment.sweep.jobs import Job
    from simsched.experiment.sweep.plan import Point
    from simsched.experiment.workers import Workers
    from simsched.scenario import Scenario

GONE = "the workers are gone; what is finished is stored: run the same command to continue"

# How many batches each worker has: one that it does, the others waiting.
_AHEAD = 2

Finish = Callable[["Job", Outcome, float], None]
"""Stores the outcome of a job; the rest takes about so many seconds."""


class Execution:
    """*workers* simulate the *scenario* of each of *jobs*, and *finish* stores the outcomes.

    Workers that die are replaced, and what they had not finished is done again.
    """

    def __init__(
        self,
        jobs: Iterable[Job],
        scenario: Callable[[Point], Scenario],
        workers: Workers,
        finish: Finish,
    ) -> None:
        self._scenario = scenario
        self._workers = workers
        self._finish = finish
        self._queue = Queue(jobs, workers.count)
        self._phases = self._queue.weight / workers.count
        self._running: dict[Future[tuple[Outcome, ...]], list[Job]] = {}
        self._began: dict[Future[tuple[Outcome, ...]], float] = {}

    def run(self) -> None:
        """Do all there is to do.

        Raises:
            RunError: the workers are gone for good.
        """
        while self._queue or self._running:
            self._hand_out()
            self._watch()
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            lost = [job for future in done for job in self._lost_of(future)]
            if lost:
                self._restart(lost)

    def _hand_out(self) -> None:
        """Give each worker enough to do; a task that may be deadly runs alone."""
        while self._queue and len(self._running) < _AHEAD * self._workers.count:
            alone = self._queue.must_wait
            # What dies beside it would look as deadly as the task itself.
            if alone and self._running:
                return
            batch = self._queue.batch()
            scenarios = [self._scenario(job.point) for job in batch]
            try:
                future = self._workers.submit(perform, scenarios, self._phases)
                self._running[future] = batch
            except BrokenExecutor:
                self._restart(batch)
            if alone:
                return

    def _lost_of(self, future: Future[tuple[Outcome, ...]]) -> list[Job]:
        """Store what *future* returned; return its jobs if its worker died."""
        batch = self._running.pop(future, [])
        self._began.pop(future, None)
        self._watch()
        try:
            outcomes = future.result()
        except BrokenExecutor:
            return batch
        except CancelledError:
            raise RunError(GONE) from None
        except Exception as error:  # noqa: BLE001  a cluster has errors of its own
            outcomes = tuple(_failed(f"{type(error).__name__}: {error}") for _ in batch)
        pairs = list(zip(batch, outcomes, strict=True))
        # The pace of the whole batch comes first, as each point reports the time that is left.
        for job, outcome in pairs:
            if outcome.data is not None:
                self._queue.pace.learn(job.weight, outcome.seconds)
        for job, outcome in pairs:
            self._finish(job, outcome, self._left_s())
        return []

    def _left_s(self) -> float:
        """Return about how many seconds the rest takes all workers, or the longest task one."""
        running = [self._rest_s(*one) for one in self._running.items()]
        queued = self._queue.pace.foresee(self._queue.weight)
        return max((queued + sum(running)) / self._workers.count, self._queue.next_s, *running, 0.0)

    def _rest_s(self, future: Future[tuple[Outcome, ...]], batch: Iterable[Job]) -> float:
        """Return about how many more seconds a worker takes for *batch*."""
        # What is not being done yet takes its whole time; of the others only the rest is left.
        whole = self._queue.pace.foresee(sum(job.weight for job in batch))
        began = self._began.get(future)
        return whole if began is None else max(0.0, whole - (time.monotonic() - began))

    def _watch(self) -> None:
        """Note which batches are being done: the first that were handed out, one for a worker."""
        for future in islice(self._running, self._workers.count):
            self._began.setdefault(future, time.monotonic())

    def _restart(self, lost: list[Job]) -> None:
        """Replace the workers after some died, and queue again what is *lost* with them."""
        # A pool breaks as a whole, so batches of workers that were well are lost, too.
        for future in list(self._running):
            lost += self._lost_of(future)
        self._workers.restart()
        # Only a task that was running alone is certainly the one that its worker died of.
        deadly = [job for job in lost if len(lost) == 1 and self._queue.is_suspect(job)]
        self._queue.give_back(job for job in lost if job not in deadly)
        for job in deadly:
            self._finish(job, _failed(DIED), self._left_s())


def _failed(error: str) -> Outcome:
    return Outcome(None, error, 0.0)
