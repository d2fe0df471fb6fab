"""One point simulated, in whatever process: the unit of work of a sweep.

All servers and replications of a point are one task. They belong together: servers meet the same
requests, and where the warm-up of one replication ends is told by the others. Their traces stay
where they are made; what leaves is the point's figures.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from simsched.errors import SimschedError
from simsched.experiment.runner import run
from simsched.experiment.store_record import pack, record
from simsched.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Task:
    """A point to simulate, under the name that its figures are kept by."""

    key: str
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task: its record as bytes, or the error; and how long it took."""

    key: str
    data: bytes | None
    error: str | None
    seconds: float


def perform(tasks: Sequence[Task]) -> tuple[Outcome, ...]:
    """Simulate *tasks*, one after the other; one that fails does not keep others from it."""
    return tuple(map(_perform, tasks))


def _perform(task: Task) -> Outcome:
    begin = time.perf_counter()
    data, error = None, None
    try:
        data = pack(record(run([task.scenario])))
    except SimschedError as problem:
        error = str(problem)
    except MemoryError as problem:
        error = f"out of memory: {problem}" if str(problem) else "out of memory"
    except Exception as problem:  # noqa: BLE001  whatever fails one point must not end the others
        error = f"{type(problem).__name__}: {problem}"
    return Outcome(task.key, data, error, time.perf_counter() - begin)
