"""Replications, simulated in this process or in several.

Processes take a while to start, and must send traces back. So they are started only if simulating
a trace takes longer than sending it, and once this process has spent as much time as starting them
costs: then the whole takes at most twice the optimum, whatever is still to come (the ski rental
problem: Karlin, Manasse, Rudolph and Sleator, Algorithmica 3, 1988, 79-119).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from simsched.engine import simulate
from simsched.engine.choice import expected_rows
from simsched.engine.conditions import Conditions
from simsched.engine.trace import Trace
from simsched.errors import RunError
from simsched.experiment.workers import Processes, Workers, cores
from simsched.scenario.model.scenario import Scenario
from simsched.statistics.contender import Contender
from simsched.statistics.presence import Work, present
from simsched.workload import ClosedWorkload, Workload, draw

STARTING_S = 1.5
"""Seconds, about, until processes have started and imported the code."""

SENT_S = 5e-7
"""Seconds per row of a trace from which other processes are worthwhile.

Sending a row takes 2e-7 s (``pickle`` and a pipe).
"""

TIMELINE = 200
"""How many of the first requests of the first replication have a timeline."""

MANY = 1000
"""About how many replications a search simulates; the engine is chosen by it."""

MOST_LOST = 3
"""How often the process of a replication may die before the run fails."""


class Simulate(Protocol):
    """Simulates replications of a server."""

    def __call__(
        self, contender: Contender, replications: Sequence[int], phases: float | None = None, /
    ) -> Iterable[Trace]:
        """Return the traces of *replications*, by number from 1, in that order.

        The engine is chosen by the number of *phases* simulated in all, by default those of a
        search.
        """


class OneByOne:
    """Simulates replications in this process, one after another.

    A workload is drawn once for the servers that are simulated with it in turn.
    """

    def __init__(self) -> None:
        self._last: tuple[Scenario, int, Workload | ClosedWorkload] | None = None

    def __call__(
        self, contender: Contender, replications: Sequence[int], phases: float | None = None
    ) -> Iterator[Trace]:
        """Simulate *replications*."""
        for number in replications:
            yield self.simulating(contender, number, phases)(timeline=0)

    def simulating(
        self, contender: Contender, number: int, phases: float | None = None
    ) -> Callable[..., Trace]:
        """Return a function that simulates one replication; its arguments choose the timelines."""
        scenario = contender.scenario
        workload = self._drawn(scenario, number)
        return partial(
            simulate,
            workload,
            contender.server,
            Conditions.of(scenario, contender.name),
            engine=scenario.run.engine,
            phases=MANY * expected_rows(workload) if phases is None else phases,
        )

    def between(self, contender: Contender, number: int, start_ns: int, finish_ns: int) -> Trace:
        """Simulate a replication, with the timelines of all requests between two instants."""
        simulate = self.simulating(contender, number, 0.0)
        return with_those_between(simulate, start_ns, finish_ns, Work.of([contender.scenario]))

    def _drawn(self, scenario: Scenario, number: int) -> Workload | ClosedWorkload:
        if self._last is None or self._last[0] is not scenario or self._last[1] != number:
            self._last = scenario, number, draw(scenario, number)
        return self._last[2]


def one_by_one(
    contender: Contender, replications: Sequence[int], phases: float | None = None
) -> Iterator[Trace]:
    """Simulate *replications* in this process, one after another."""
    return OneByOne()(contender, replications, phases)


class SideBySide:
    """Simulates in *workers*, with results in order; repeats what was lost with a dead one."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._sent: list[_Sent] = []

    def __call__(
        self, contender: Contender, replications: Sequence[int], phases: float | None = None
    ) -> Iterator[Trace]:
        """Simulate *replications*; the work has started on return.

        Raises:
            BrokenExecutor: workers died repeatedly with the same replication.
        """
        # All are sent before the first is waited for, so that no process idles.
        what = [(contender, phases, each) for each in replications]
        sent = [_Sent(each, self._submit(*each)) for each in what]
        self._sent += sent
        return map(self._received, sent)

    def _received(self, sent: _Sent) -> Trace:
        # A pool breaks as a whole: what was lost with a neighbour is no fault of this one.
        for _ in range(MOST_LOST - 1):
            if sent.is_lost():
                self._restart()
        self._sent.remove(sent)
        return sent.future.result()

    def _restart(self) -> None:
        self._workers.restart()
        for each in self._sent:
            if each.is_lost():
                each.future = self._submit(*each.arguments)

    def _submit(self, *arguments: Any) -> Future[Trace]:
        try:
            return self._workers.submit(replicated, *arguments)
        except BrokenExecutor as error:
            lost: Future[Trace] = Future()
            lost.set_exception(error)
            return lost


@dataclass(eq=False)
class _Sent:
    """A replication that is simulated in another process."""

    arguments: tuple[Contender, float | None, int]
    future: Future[Trace]

    def is_lost(self) -> bool:
        """Wait for its end, and return whether its process died."""
        return self.future.cancelled() or isinstance(self.future.exception(), BrokenExecutor)


class WhereSooner:
    """Simulates in this process, and in others as soon as that is worthwhile.

    Args:
        start: starts the processes, and returns them.
        clock: returns the CPU time of this process, in seconds.
        here: simulates in this process.
    """

    def __init__(
        self,
        start: Callable[[], Workers],
        clock: Callable[[], float] = time.process_time,
        here: Simulate | None = None,
    ) -> None:
        self._here = here or one_by_one
        self._start = start
        self._clock = clock
        self._spent_s = 0.0
        self._elsewhere: Simulate | None = None

    def __call__(
        self, contender: Contender, replications: Sequence[int], phases: float | None = None
    ) -> Iterable[Trace]:
        """Simulate *replications*; in other processes, the work has started on return."""
        if self._elsewhere is not None:
            return self._elsewhere(contender, replications, phases)
        return self._watched(contender, replications, phases)

    def _watched(
        self, contender: Contender, replications: Sequence[int], phases: float | None
    ) -> Iterator[Trace]:
        for done, each in enumerate(replications):
            if self._elsewhere is not None:
                yield from self._elsewhere(contender, replications[done:], phases)
                return
            start = self._clock()
            (trace,) = self._here(contender, [each], phases)
            self._weigh(self._clock() - start, len(trace))
            yield trace

    def _weigh(self, seconds: float, rows: int) -> None:
        """Start processes if that is worthwhile, after a replication of *seconds* and *rows*."""
        self._spent_s += seconds
        is_first = self._spent_s == seconds  # which imports modules, and may compile an engine
        if self._spent_s > STARTING_S and seconds > SENT_S * rows and not is_first:
            self._elsewhere = SideBySide(self._start())


def replicated(contender: Contender, phases: float | None, number: int) -> Trace:
    """Return the trace of replication *number*, from 1, of a server; see :class:`Simulate`.

    Raises:
        RunError: the simulation cannot be done.
    """
    (trace,) = one_by_one(contender, [number], phases)
    return trace


def with_those_between(
    simulate: Callable[..., Trace], start_ns: int, finish_ns: int, work: Work
) -> Trace:
    """Return what *simulate* returns, with the timelines of all requests between two instants.

    Which these are is known only at the end; it is simulated once more with their numbers.
    """
    trace = simulate(timeline=0)
    numbers = frozenset(trace.request[present(trace, start_ns, finish_ns, work)].tolist())
    return replace(trace, segments=simulate(timeline=0, also=numbers).segments)


@contextmanager
def in_processes(
    jobs: int | None, here: Simulate | None = None, cure: str = "run it again"
) -> Iterator[Simulate]:
    """Yield what simulates replications: *here*, or *jobs* processes where that is faster.

    None for *jobs* is a process for each core. *cure* is what to do when processes die.

    Raises:
        RunError: a process died repeatedly.
    """
    count = cores() if jobs is None else jobs
    # A single process would only add the cost of sending traces.
    if count == 1:
        yield here or one_by_one
        return
    with ExitStack() as stack:

        def start() -> Processes:
            workers = Processes(count)
            stack.push(lambda failed, *_: workers.close(now=failed is not None))
            return workers

        try:
            yield WhereSooner(start, here=here)
        except BrokenExecutor:
            raise RunError(
                "a simulating process died repeatedly: it was killed, or ran out of memory; "
                f"{cure}, with fewer --jobs if memory is short"
            ) from None
