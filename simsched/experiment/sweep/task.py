"""Points as workers simulate them, in whatever process: a worker returns the record of each.

All servers of a point belong together, as they meet the same requests.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, CancelledError
from dataclasses import dataclass

from simsched.errors import SimschedError
from simsched.experiment.cost import requests, shortened
from simsched.experiment.record import pack, record
from simsched.experiment.result import Result
from simsched.experiment.runner import run
from simsched.experiment.store import NotStoredError
from simsched.scenario import Scenario

DIED = "its worker died each time: it was killed, or ran out of memory"

# How many requests are simulated before the first point of a process.
_FEW = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """A point that was simulated, or the reason why it could not be.

    Attributes:
        data: its record, packed; None where it failed.
        error: why it failed.
        seconds: how long it took.
    """

    data: bytes | None
    error: str | None
    seconds: float


def perform(scenarios: Sequence[Scenario], phases: float) -> tuple[Outcome, ...]:
    """Simulate points one after the other; one that fails does not affect the others.

    The engine is chosen by the number of *phases* that a process simulates in the whole sweep.
    """
    return tuple(_perform(scenario, phases) for scenario in scenarios)


def _perform(scenario: Scenario, phases: float) -> Outcome:
    with contextlib.suppress(Exception):  # the point itself will report the error
        _warm_up(scenario, phases)
    return attempt(lambda: run([scenario], timelines="none", phases=phases))


def attempt(simulate: Callable[[], Result]) -> Outcome:
    """Return the outcome of a point that *simulate* simulates.

    Raises:
        NotStoredError: a replication cannot be stored, and nor could any other.
        CancelledError: the workers are gone for good.
    """
    begin = time.perf_counter()
    data, error = None, None
    try:
        data = pack(record(simulate()))
    except (NotStoredError, CancelledError):
        raise
    except SimschedError as problem:
        error = str(problem)
    except BrokenExecutor:
        error = DIED
    except MemoryError as problem:
        error = f"out of memory: {problem}" if str(problem) else "out of memory"
    except Exception as problem:  # noqa: BLE001  whatever fails one point must not end the others
        error = f"{type(problem).__name__}: {problem}"
    return Outcome(data, error, time.perf_counter() - begin)


# The names and engines of the scenarios that this process has simulated.
_warmed_up: set[tuple[str, str]] = set()


def _warm_up(scenario: Scenario, phases: float) -> None:
    """Import modules and load the engine, so that this is not counted as time of the first point.

    The points of a sweep use the same modules.
    """
    kind = (scenario.name, scenario.run.engine)
    if kind in _warmed_up:
        return
    _warmed_up.add(kind)
    little = shortened(scenario, _FEW)
    if requests(little) <= _FEW:
        pack(record(run([little], timelines="none", phases=phases)))
