"""What workers do for a point, in whatever process: the units of work of a sweep.

All servers of a point belong together, as they meet the same requests. Its replications can be
simulated apart; what they tell needs all of them, as where the warm-up of one ends is told by the
others. What leaves a worker are the figures of a point, or, of a replication alone, its traces.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from simsched.errors import SimschedError
from simsched.experiment.runner import replicate, run, settle
from simsched.experiment.store_record import pack, record
from simsched.experiment.store_runs import pack_runs, unpack_runs
from simsched.scenario import Scenario

Done = tuple[bytes, int]
"""What came of a task as bytes, and how many replications the stopping rules want beyond."""


class Task(Protocol):
    """Something to do for a point."""

    def do(self) -> Done:
        """Do it."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A point to simulate: what comes of it is its record."""

    scenario: Scenario

    def do(self) -> Done:
        """Simulate it."""
        return pack(record(run([self.scenario], timelines=False))), 0


@dataclass(frozen=True, slots=True)
class Replication:
    """One replication of a point: what comes of it are its traces."""

    scenario: Scenario
    number: int

    def do(self) -> Done:
        """Simulate it."""
        return pack_runs(replicate([self.scenario], [self.number])), 0


@dataclass(frozen=True, slots=True)
class Conclusion:
    """All replications of a point, in order: what comes of them is its record."""

    scenario: Scenario
    parts: tuple[bytes, ...]

    def do(self) -> Done:
        """Draw the figures; there are none yet where a stopping rule asks for more."""
        runs = unpack_runs(self.parts[0])
        for part in self.parts[1:]:
            runs += unpack_runs(part)
        result, more = settle([self.scenario], runs)
        return (b"", more) if more else (pack(record(result)), 0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task, or the error; how many more replications are wanted; its seconds."""

    data: bytes | None
    error: str | None
    seconds: float
    more: int = 0


def perform(tasks: Sequence[Task]) -> tuple[Outcome, ...]:
    """Do *tasks*, one after the other; one that fails does not keep others from it."""
    return tuple(map(_perform, tasks))


def _perform(task: Task) -> Outcome:
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
