"""Run one contestant, and print what was measured, as JSON.

python -m contestants NAME WORK REQUESTS SEED TIMES
"""

from __future__ import annotations

import importlib
import json
import platform
import resource
import sys
import time
from collections.abc import Callable
from importlib import metadata
from types import ModuleType
from typing import Any

from contestants.work import WORKS, Work

Seconds = dict[str, float]


def clocks() -> Seconds:
    """Return the seconds on the wall, and those that this process computed."""
    return {"wall": time.perf_counter(), "cpu": time.process_time()}


def timed(function: Callable[..., Any], *given: object) -> tuple[Any, Seconds]:
    """Return what *function* returns, and the seconds that it took by each clock."""
    began = clocks()
    result = function(*given)
    return result, {clock: now - began[clock] for clock, now in clocks().items()}


def measure(
    contestant: ModuleType, work: Work, requests: int, seed: int, times: int
) -> dict[str, object]:
    """Return the seconds of each stage by each clock, the mean response and the peak of memory."""
    _, compiled = timed(getattr(contestant, "warm_up", lambda _: None), work)
    drawn, drew = timed(contestant.draw, work, requests, seed)
    simulated = [timed(contestant.simulate, drawn) for _ in range(times)]
    return {
        "compile": compiled,
        "draw": drew,
        "simulate": [seconds for _, seconds in simulated],
        "mean_response_s": simulated[0][0],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "version": metadata.version(contestant.PACKAGE) if contestant.PACKAGE else "",
        "python": platform.python_version(),
    }


def main() -> None:
    """Measure, and print."""
    name, work_name, *numbers = sys.argv[1:]
    contestant = importlib.import_module(f"contestants.{name}")
    print(json.dumps(measure(contestant, WORKS[work_name], *map(int, numbers))))


if __name__ == "__main__":
    main()
