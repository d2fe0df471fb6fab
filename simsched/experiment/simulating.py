"""Where replications are simulated: in this process, or in several.

What is simulated elsewhere has to be sent back, and processes take a while to begin. So they begin
only where simulating takes longer than sending, and when as much time was spent here as their
beginning takes: whatever comes, that is at most twice what would have been best (as when skis are
rented until buying them would have cost as much: Karlin, Manasse, Rudolph and Sleator, Algorithmica
3, 1988, 79-119).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from simsched.engine import simulate
from simsched.engine.choice import expected_rows
from simsched.engine.conditions import Conditions
from simsched.engine.trace import Trace
from simsched.scenario.model.scenario import Scenario
from simsched.statistics.contender import Contender
from simsched.statistics.time_spent import slowest
from simsched.workload import ClosedWorkload, Workload, draw

BEGINNING_S = 1.5
"""How long it takes processes to begin, about, until they have read the code."""

SENT_S = 5e-7
"""Simulating is worth being done elsewhere that takes so long for each row of its trace.

To send a row takes 2e-7 s (``pickle``, a pipe and back).
"""

TIMELINE = 200
"""For how many of the first requests of the first replication the timeline is kept."""

LONGEST = 250_000
"""Of a run with more attempts the slowest requests have no timeline."""

MANY = 1000
"""A search simulates about so many replications, by which the engine is chosen."""

MOST_LOST = 3
"""How often a replication may be lost with the process that simulates it."""


class Simulate(Protocol):
    """Simulates replications of a server."""

    def __call__(
        self, contender: Contender, replications: Sequence[int], phases: float | None = None, /
    ) -> Iterable[Trace]:
        """Return the traces of *replications*, by number from 1, in that order.

        The engine is chosen by how many *phases* are simulated in all: in a search unless given.
        """


class Elsewhere(Protocol):
    """Does work somewhere else, as workers of a sweep do."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have *work* done on *arguments*."""

    def restart(self) -> None:
        """Begin anew: workers died, and what they had to do is lost."""


class OneByOne:
    """Simulates replications in this process, one after another.

    Servers of one scenario that meet a workload in turn have it drawn once.
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
        """Return what simulates one replication, given whose timelines the trace is to hold."""
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
    """Simulates where *workers* do it, in the same order; anew, what dies with one of them."""

    def __init__(self, workers: Elsewhere) -> None:
        self._workers = workers
        self._sent: list[_Sent] = []

    def __call__(
        self, contender: Contender, replications: Sequence[int], phases: float | None = None
    ) -> Iterator[Trace]:
        """Simulate *replications*, which has begun on return.

        Raises:
            BrokenExecutor: workers died with the same replication again and again.
        """
        what = [(contender.scenario, contender.name, phases, each) for each in replications]
        sent = [_Sent(arguments, self._submit(*arguments)) for arguments in what]
        self._sent += sent
        return map(self._received, sent)

    def _received(self, sent: _Sent) -> Trace:
        for _ in range(MOST_LOST - 1):
            if sent.is_lost():
                self._begin_anew()
        self._sent.remove(sent)
        return sent.future.result()

    def _begin_anew(self) -> None:
        self._workers.restart()
        for each in self._sent:
            if each.is_lost():
                each.future = self._submit(*each.arguments)

    def _submit(self, *arguments: Any) -> Future[Trace]:
        try:
            return self._workers.submit(replicate, *arguments)
        except BrokenExecutor as error:
            lost: Future[Trace] = Future()
            lost.set_exception(error)
            return lost


@dataclass(eq=False)
class _Sent:
    """A replication that is simulated elsewhere."""

    arguments: tuple[Scenario, str, float | None, int]
    future: Future[Trace]

    def is_lost(self) -> bool:
        """Wait for its end, and return whether that was the end of a process."""
        return self.future.cancelled() or isinstance(self.future.exception(), BrokenExecutor)


class WhereSooner:
    """Simulates here, and from when it is worth it on, where *begin* says.

    Args:
        begin: has processes begin, and returns them.
        clock: tells the time that this process has computed, in seconds.
        here: simulates in this process.
    """

    def __init__(
        self,
        begin: Callable[[], Elsewhere],
        clock: Callable[[], float] = time.process_time,
        here: Simulate | None = None,
    ) -> None:
        self._here = here or one_by_one
        self._begin = begin
        self._clock = clock
        self._spent_s = 0.0
        self._elsewhere: Simulate | None = None

    def __call__(
        self, contender: Contender, replications: Sequence[int], phases: float | None = None
    ) -> Iterable[Trace]:
        """Simulate *replications*; where that is done elsewhere it has begun on return."""
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
            begin = self._clock()
            (trace,) = self._here(contender, [each], phases)
            self._weigh(self._clock() - begin, len(trace))
            yield trace

    def _weigh(self, seconds: float, rows: int) -> None:
        """Have processes begin if a replication of so many *seconds* and *rows* says so."""
        self._spent_s += seconds
        is_first = self._spent_s == seconds  # modules are read, an engine may be compiled
        if self._spent_s > BEGINNING_S and seconds > SENT_S * rows and not is_first:
            self._elsewhere = SideBySide(self._begin())


def replicate(scenario: Scenario, server: str, phases: float | None, replication: int) -> Trace:
    """Return the trace of one replication of one server."""
    contender = Contender(server, scenario, scenario.servers[server])
    (trace,) = one_by_one(contender, [replication], phases)
    return trace


def with_slowest(simulate: Callable[..., Trace]) -> Trace:
    """Return what *simulate* returns, with the timelines of its slowest requests too.

    Which these are is known only in the end. As the same arguments always give the same trace, they
    are simulated once more, with ``also`` the numbers of those that are not among the first. A run
    of more than :data:`LONGEST` attempts is not: that would double its time and memory.
    """
    trace = simulate(timeline=TIMELINE)
    if len(trace) > LONGEST:
        return trace
    numbers = trace.requests.request[slowest(trace)]
    late = frozenset(numbers[numbers > TIMELINE].tolist())
    if not late:
        return trace
    return replace(trace, segments=simulate(timeline=TIMELINE, also=late).segments)
