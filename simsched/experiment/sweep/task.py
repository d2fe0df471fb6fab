"""The units of work of a sweep, as a worker does them in whatever process.

All servers of a point belong together, as they meet the same requests. Its replications can be
simulated apart; the figures need all of them, as the warm-up of one is found from the others. A
worker returns the record of a point or, for a single replication, its traces.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal, assert_never

from simsched.engine.trace import Trace
from simsched.errors import SimschedError
from simsched.experiment import store, stored_traces
from simsched.experiment.cost import requests, shortened
from simsched.experiment.record import pack, record
from simsched.experiment.runner import replicate, run, settle
from simsched.experiment.runs import Runs
from simsched.experiment.untrusted import DamagedError
from simsched.scenario import Scenario

_FEW = 20
"""How many requests are simulated before the first task of a process."""

Kind = Literal["point", "replication", "conclusion"]
"""
point           a whole point: the result is its record
replication     one replication of it: the result is its traces
conclusion      the figures of replications that were simulated apart: the result is the record
"""


@dataclass(frozen=True, slots=True)
class Task:
    """A unit of work as it is sent to a process, with all that it needs to do it.

    Attributes:
        kind: what is to be done.
        scenario: the point.
        phases: about how many phases a process simulates in the whole sweep.
        number: which replication, if it is one.
        parts: the replications to conclude from, in order: their files in the store, or, for a
            worker that cannot read these, their content.
    """

    kind: Kind
    scenario: Scenario
    phases: float = 0.0
    number: int = 1
    parts: tuple[Path | bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a task, or its error.

    Attributes:
        data: the result; None if the task failed, or has none yet.
        error: why it failed.
        seconds: how long it took.
        more: how many more replications the stopping rules ask for.
    """

    data: bytes | None
    error: str | None
    seconds: float
    more: int = 0


def perform(tasks: Sequence[Task]) -> tuple[Outcome, ...]:
    """Do *tasks*, one after the other; one that fails does not affect the others."""
    return tuple(map(_perform, tasks))


def _perform(task: Task) -> Outcome:
    with contextlib.suppress(Exception):  # the task itself will report the error
        scenario = task.scenario
        _warm_up(_Kind(scenario.name, scenario.run.engine, scenario, task.phases))
    begin = time.perf_counter()
    data, error, more = None, None, 0
    try:
        data, more = _result(task)
    except SimschedError as problem:
        error = str(problem)
    except MemoryError as problem:
        error = f"out of memory: {problem}" if str(problem) else "out of memory"
    except Exception as problem:  # noqa: BLE001  whatever fails one point must not end the others
        error = f"{type(problem).__name__}: {problem}"
    return Outcome(data, error, time.perf_counter() - begin, more)


def _result(task: Task) -> tuple[bytes | None, int]:
    """Return the result of *task*, and how many more replications the stopping rules ask for."""
    scenarios, runs = [task.scenario], Runs(phases=task.phases)
    match task.kind:
        case "point":
            return pack(record(run(scenarios, timelines=False, phases=task.phases))), 0
        case "replication":
            replicate(scenarios, runs, [task.number])
            return stored_traces.pack(runs), 0
        case "conclusion":
            for number, part in enumerate(task.parts, 1):
                if (found := _traces(part)) is not None:
                    runs.add({label: trace for label, (trace,) in found.items()})
                else:  # another sweep may have finished the point, and removed its parts
                    replicate(scenarios, runs, [number])
            result, more = settle(scenarios, runs)
            return (None, more) if more else (pack(record(result)), 0)
        case _:
            assert_never(task.kind)


def _traces(part: Path | bytes) -> Mapping[str, Sequence[Trace]] | None:
    """Return the traces of a replication; None if it is damaged, or no longer in the store."""
    if isinstance(part, Path):
        return store.read_part(part)
    with contextlib.suppress(DamagedError):
        return stored_traces.unpack(part)
    return None


@dataclass(frozen=True, slots=True)
class _Kind:
    """What the scenarios of one sweep have in common, and one of them."""

    name: str
    engine: str
    scenario: Scenario = field(compare=False)
    phases: float = field(compare=False)


@lru_cache(maxsize=1)
def _warm_up(kind: _Kind) -> None:
    """Import modules and load the engine, so that this is not counted as time of the first task."""
    little = shortened(kind.scenario, _FEW)
    if requests(little) <= _FEW:
        pack(record(run([little], timelines=False, phases=kind.phases)))
