"""Run one contestant once, and print what was measured, as JSON.

python -m contestants NAME WORK REQUESTS SEED
"""

from __future__ import annotations

import importlib
import json
import platform
import resource
import sys
import time
from importlib import metadata
from types import ModuleType

from contestants.work import WORKS, Work

STAGES = ("warm_up", "draw", "simulate")


def clocks() -> dict[str, float]:
    """Return the seconds on the wall, and those that this process computed."""
    return {"wall": time.perf_counter(), "cpu": time.process_time()}


def measure(contestant: ModuleType, work: Work, requests: int, seed: int) -> dict[str, object]:
    """Return the seconds of each stage by each clock, the mean response and the peak of memory."""
    times = [clocks()]
    getattr(contestant, "warm_up", lambda _: None)(work)
    times.append(clocks())
    drawn = contestant.draw(work, requests, seed)
    times.append(clocks())
    mean = contestant.simulate(drawn)
    times.append(clocks())
    return {
        "seconds": {
            stage: {clock: after[clock] - before[clock] for clock in after}
            for stage, before, after in zip(STAGES, times, times[1:], strict=False)
        },
        "mean_response_s": mean,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "version": metadata.version(contestant.PACKAGE) if contestant.PACKAGE else "",
        "python": platform.python_version(),
    }


def main() -> None:
    """Measure, and print."""
    name, work_name, requests, seed = sys.argv[1:]
    contestant = importlib.import_module(f"contestants.{name}")
    print(json.dumps(measure(contestant, WORKS[work_name], int(requests), int(seed))))


if __name__ == "__main__":
    main()
