"""Where the replications of a search are simulated: in this process, or in several.

What is simulated elsewhere has to be sent back, and processes take a while to begin. So they begin
only where simulating takes longer than sending, and when as much time was spent here as their
beginning takes: whatever comes, that is at most twice what would have been best (as when skis are
rented until buying them would have cost as much: Karlin, Manasse, Rudolph and Sleator, Algorithmica
3, 1988, 79-119).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from importlib.util import find_spec

from simsched.engine import simulate
from simsched.engine.conditions import Conditions
from simsched.engine.trace import Trace
from simsched.scenario.scenario import Engine, Scenario
from simsched.statistics.contender import Contender
from simsched.workload import draw

BEGINNING_S = 1.5
"""How long it takes processes to begin, about, until they have read the code."""

SENT_S = 5e-7
"""Simulating is worth being done elsewhere that takes so long for each row of its trace.

To send a row takes 2e-7 s (``pickle``, a pipe and back).
"""

Simulate = Callable[[Contender, Sequence[int]], Iterable[Trace]]
"""Simulates the replications of those numbers."""

Submit = Callable[..., Future[Trace]]
"""Has a function done somewhere, on the arguments after it."""


def one_by_one(contender: Contender, replications: Sequence[int]) -> Iterator[Trace]:
    """Simulate *replications* one after another."""
    for each in replications:
        yield replicate(contender.scenario, contender.name, each)


def side_by_side(submit: Submit) -> Simulate:
    """Return what simulates replications where *submit* has them done; in the same order."""

    def simulate_all(contender: Contender, replications: Sequence[int]) -> Iterator[Trace]:
        what = contender.scenario, contender.name
        futures = [submit(replicate, *what, each) for each in replications]
        return (future.result() for future in futures)

    return simulate_all


class WhereSooner:
    """Simulates here, and from when it is worth it on, where *begin* says.

    Args:
        begin: has processes begin, and returns what has work done by them.
        clock: tells the time that this process has computed, in seconds.
    """

    def __init__(
        self, begin: Callable[[], Submit], clock: Callable[[], float] = time.process_time
    ) -> None:
        self._begin = begin
        self._clock = clock
        self._spent_s = 0.0
        self._elsewhere: Simulate | None = None

    def __call__(self, contender: Contender, replications: Sequence[int]) -> Iterable[Trace]:
        """Simulate *replications*; where that is done elsewhere it has begun on return."""
        if self._elsewhere is not None:
            return self._elsewhere(contender, replications)
        return self._here(contender, replications)

    def _here(self, contender: Contender, replications: Sequence[int]) -> Iterator[Trace]:
        for done, each in enumerate(replications):
            if self._elsewhere is not None:
                yield from self._elsewhere(contender, replications[done:])
                return
            begin = self._clock()
            (trace,) = one_by_one(contender, [each])
            self._weigh(self._clock() - begin, len(trace))
            yield trace

    def _weigh(self, seconds: float, rows: int) -> None:
        """Have processes begin if a replication of so many *seconds* and *rows* says so."""
        self._spent_s += seconds
        is_first = self._spent_s == seconds  # modules are read, an engine may be compiled
        if self._spent_s > BEGINNING_S and seconds > SENT_S * rows and not is_first:
            self._elsewhere = side_by_side(self._begin())


def replicate(scenario: Scenario, server: str, replication: int) -> Trace:
    """Return the trace of one replication of one server."""
    conditions = Conditions.of(scenario, server)
    workload = draw(scenario, replication)
    return simulate(
        workload, scenario.servers[server], conditions, timeline=0, engine=_engine(scenario)
    )


def _engine(scenario: Scenario) -> Engine:
    """Return the engine for a search: together its runs are long enough for the compiled one."""
    written = scenario.run.engine
    return "compiled" if written == "auto" and find_spec("numba") is not None else written
