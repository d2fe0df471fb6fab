"""What workers do for a point, in whatever process: the units of work of a sweep.

All servers of a point belong together, as they meet the same requests. Its replications can be
simulated apart; what they tell needs all of them, as where the warm-up of one ends is told by the
others. What leaves a worker are the figures of a point, or, of a replication alone, its traces.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from simsched.errors import SimschedError
from simsched.experiment import stored_traces
from simsched.experiment.cost import requests, shortened
from simsched.experiment.runner import replicate, run, settle
from simsched.experiment.runs import Runs
from simsched.experiment.store_record import pack, record
from simsched.scenario import Scenario

_FEW = 20
"""How many requests are simulated before the first task of a process."""

Done = tuple[bytes, int]
"""What came of a task as bytes, and how many replications the stopping rules want beyond."""


class Task(Protocol):
    """Something to do for a point."""

    @property
    def scenario(self) -> Scenario:
        """The point, as it is simulated."""

    @property
    def phases(self) -> float:
        """About how many phases a process simulates in the whole sweep."""

    def do(self) -> Done:
        """Do it."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A point to simulate: what comes of it is its record, to be kept by *key*.

    A process simulates about so many *phases* in the whole sweep.
    """

    key: str
    scenario: Scenario
    phases: float = 0.0

    def do(self) -> Done:
        """Simulate it."""
        return pack(record(run([self.scenario], timelines=False, phases=self.phases))), 0


@dataclass(frozen=True, slots=True)
class Replication:
    """One replication of a point: what comes of it are its traces."""

    key: str
    scenario: Scenario
    number: int
    phases: float = 0.0

    def do(self) -> Done:
        """Simulate it."""
        runs = Runs(phases=self.phases)
        replicate([self.scenario], runs, [self.number])
        return stored_traces.pack(runs), 0


@dataclass(frozen=True, slots=True)
class Conclusion:
    """All replications of a point, in order: what comes of them is its record."""

    key: str
    scenario: Scenario
    parts: tuple[bytes, ...]
    phases: float = 0.0

    def do(self) -> Done:
        """Draw the figures; there are none yet where a stopping rule asks for more."""
        runs = Runs(phases=self.phases)
        for part in self.parts:
            runs.add({label: trace for label, (trace,) in stored_traces.unpack(part).items()})
        result, more = settle([self.scenario], runs)
        return (b"", more) if more else (pack(record(result)), 0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task, or the error; how many more replications are wanted; its seconds."""

    data: bytes | None
    error: str | None
    seconds: float
    more: int = 0


@dataclass(frozen=True, slots=True)
class _Kind:
    """What scenarios of one sweep have in common, and one of them."""

    name: str
    engine: str
    scenario: Scenario = field(compare=False)
    phases: float = field(compare=False)


@lru_cache(maxsize=1)
def _warm_up(kind: _Kind) -> None:
    """Have what is slow at first in a process behind it: modules are read, an engine is loaded.

    So it is not taken for the time of the first task.
    """
    little = shortened(kind.scenario, _FEW)
    if requests(little) <= _FEW:
        pack(record(run([little], timelines=False, phases=kind.phases)))


def perform(tasks: Sequence[Task]) -> tuple[Outcome, ...]:
    """Do *tasks*, one after the other; one that fails does not keep others from it."""
    return tuple(map(_perform, tasks))


def _perform(task: Task) -> Outcome:
    with contextlib.suppress(Exception):  # the task itself will tell
        scenario = task.scenario
        _warm_up(_Kind(scenario.name, scenario.run.engine, scenario, task.phases))
    begin = time.perf_counter()
    data, error, more = None, None, 0
    try:
        data, more = task.do()
    except SimschedError as problem:
        error = str(problem)
    except MemoryError as problem:
        error = f"out of memory: {problem}" if str(problem) else "out of memory"
    except Exception as problem:  # noqa: BLE001  whatever fails one point must not end the others
        error = f"{type(problem).__name__}: {problem}"
    return Outcome(data, error, time.perf_counter() - begin, more)
