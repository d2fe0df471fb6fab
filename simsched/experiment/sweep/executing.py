"""Tasks done by workers, whatever becomes of the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from typing import TYPE_CHECKING

from simsched.errors import RunError
from simsched.experiment.sweep.batches import Job, Queue
from simsched.experiment.sweep.task import Outcome, Task, perform

if TYPE_CHECKING:
    from simsched.experiment.sweep.plan import Point
    from simsched.experiment.sweep.workers import Workers
    from simsched.scenario import Scenario

DIED = "its worker died each time: it was killed, or ran out of memory"

_AHEAD = 2
"""How many batches each worker has: one that it does, the others at hand."""


def execute(
    jobs: Iterable[Job],
    scenario: Callable[[Point], Scenario],
    workers: Workers,
    keep: Callable[[Outcome, float], None],
) -> None:
    """Have *workers* simulate the *scenario* of each of *jobs*.

    *keep* is called with every outcome, as soon as it is there, and with about how many seconds the
    rest takes. Workers that die are replaced, and what they had not finished is done again.

    Raises:
        RunError: the workers are gone for good.
    """
    _Execution(jobs, scenario, workers, keep).run()


class _Execution:
    def __init__(
        self,
        jobs: Iterable[Job],
        scenario: Callable[[Point], Scenario],
        workers: Workers,
        keep: Callable[[Outcome, float], None],
    ) -> None:
        self._scenario = scenario
        self._workers = workers
        self._keep = keep
        self._queue = Queue(jobs, workers.count)
        self._running: dict[Future[tuple[Outcome, ...]], list[Job]] = {}

    def run(self) -> None:
        """Do all there is to do."""
        while self._queue or self._running:
            self._hand_out()
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            lost = [job for future in done for job in self._lost_of(future)]
            if lost:
                self._begin_anew(lost)

    def _hand_out(self) -> None:
        """Give each worker enough to do; a task that may be deadly gets all for itself."""
        while self._queue and len(self._running) < _AHEAD * self._workers.count:
            if self._queue.must_wait and self._running:
                return
            alone = self._queue.must_wait
            batch = self._queue.batch()
            tasks = [Task(job.key, self._scenario(job.point)) for job in batch]
            try:
                self._running[self._workers.submit(perform, tasks)] = batch
            except BrokenExecutor:
                self._begin_anew(batch)
            if alone:
                return

    def _lost_of(self, future: Future[tuple[Outcome, ...]]) -> list[Job]:
        """Keep what *future* brought; return its jobs if its worker died."""
        batch = self._running.pop(future, [])
        try:
            outcomes = future.result()
        except BrokenExecutor:
            return batch
        except CancelledError:
            raise RunError(
                "the workers are gone; what is finished is kept: run the same command to go on"
            ) from None
        except Exception as error:  # noqa: BLE001  a cluster has errors of its own
            outcomes = tuple(_failed(job, f"{type(error).__name__}: {error}") for job in batch)
        self._take(batch, outcomes)
        return []

    def _take(self, batch: Iterable[Job], outcomes: Iterable[Outcome]) -> None:
        pairs = list(zip(batch, outcomes, strict=True))
        for job, outcome in pairs:
            if outcome.data is not None:
                self._queue.pace.learn(job.weight, outcome.seconds)
        for _, outcome in pairs:
            self._keep(outcome, self._left_s())

    def _left_s(self) -> float:
        """Return about how many seconds the rest takes.

        When one worker has finished a batch, the others are half through theirs on average.
        """
        handed_out = [sum(job.weight for job in batch) for batch in self._running.values()]
        others = min(self._workers.count - 1, len(handed_out))
        half = others * sum(handed_out) / len(handed_out) / 2 if handed_out else 0.0
        work = self._queue.weight + sum(handed_out) - half
        return self._queue.pace.foresee(work) / self._workers.count

    def _begin_anew(self, lost: list[Job]) -> None:
        """Replace the workers after some died, and have done again what is *lost* with them."""
        for future in list(self._running):
            lost += self._lost_of(future)
        self._workers.restart()
        deadly = [job for job in lost if len(lost) == 1 and self._queue.is_suspect(job)]
        self._queue.give_back([job for job in lost if job not in deadly])
        for job in deadly:
            self._keep(_failed(job, DIED), self._left_s())


def _failed(job: Job, error: str) -> Outcome:
    return Outcome(job.key, None, error, 0.0)
