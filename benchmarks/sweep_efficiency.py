"""How much of two processes a sweep makes use of, for small tasks and for large ones.

    python benchmarks/sweep_efficiency.py [--processes 2] [--seconds 0.1 5] [--simulated]

The parallel efficiency is the time that the tasks take one after the other, over the time that
the sweep takes on all processes together, starting them included, times their number. To measure
the sweep and not the machine, a task is made to take its time by computing until its processor has
spent so much on it; with ``--simulated`` tasks are real points, and their own times are summed up.

Run it on a machine with nothing else to do: what others compute counts against the sweep.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from simsched.experiment.store import Store
from simsched.experiment.sweep import executing, plan, running, sweep, task
from simsched.experiment.sweep.workers import Processes

TOTAL_S = {True: 20.0, False: 60.0}
"""How long all tasks of a measurement take together: those below a second, and longer ones."""

SWEEP = """
name: efficiency
requests:
  page: [{{cpu: {{exponential: 4ms}}}}, {{io: {{exponential: 20ms}}}}]
workload: {{open: {{rate: 100/s}}, requests: {requests}}}
servers: {{serial: {{model: serial, workers: 4}}, cooperative: {{model: cooperative}}}}
run: {{replications: 1}}
sweep:
  matrix:
    run.seed: {{from: 1, to: {points}, steps: {points}}}
"""


def busy(seconds: float, tasks: Sequence[task.Task]) -> tuple[task.Outcome, ...]:
    """Do *tasks*, each by computing for so many *seconds* of the processor, and return a record."""
    return tuple(_busy(seconds, one) for one in tasks)


def _busy(seconds: float, one: task.Task) -> task.Outcome:
    (outcome,) = task.perform([one])  # a real outcome, of a scenario that takes milliseconds
    begin = time.perf_counter()
    end = time.thread_time() + seconds - outcome.seconds
    while time.thread_time() < end:
        sum(range(1000))
    return replace(outcome, seconds=outcome.seconds + time.perf_counter() - begin)


class _Busy:
    """What has *seconds* of work done in place of each task; it can be sent to processes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __call__(self, tasks: Sequence[task.Task]) -> tuple[task.Outcome, ...]:
        return busy(self._seconds, tasks)


@contextmanager
def performing(work: Callable[..., tuple[task.Outcome, ...]]) -> Iterator[None]:
    """Have sweeps do *work* in place of simulating."""
    executing.perform = work  # type: ignore[assignment]
    try:
        yield
    finally:
        executing.perform = task.perform


def measure(seconds: float, processes: int, *, simulated: bool) -> tuple[int, float, float]:
    """Return how many tasks of *seconds* there were, their time in sum, and that of the sweep."""
    points = max(2 * processes, round(TOTAL_S[seconds < 1] / seconds))
    requests = round(seconds * 8000) if simulated else 10
    spent: list[float] = []
    finish = running._Sweep.finish  # noqa: SLF001  the outcomes pass through here

    def noted(self: running._Sweep, key: str, outcome: task.Outcome, left_s: float) -> None:
        spent.append(outcome.seconds)
        finish(self, key, outcome, left_s)

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sweep.yaml"
        file.write_text(SWEEP.format(requests=max(requests, 10), points=points), encoding="utf-8")
        found = plan(file)
        running._Sweep.finish = noted  # type: ignore[method-assign]  # noqa: SLF001
        begin = time.perf_counter()
        workers = Processes(processes)
        try:
            with performing(task.perform if simulated else _Busy(seconds)):
                sweep(found, Store(Path(folder) / "store"), workers, lambda _: None)
        finally:
            workers.close(now=False)
            running._Sweep.finish = finish  # type: ignore[method-assign]  # noqa: SLF001
        return points, sum(spent), time.perf_counter() - begin


def main() -> None:
    """Print the efficiency for tasks of each length."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, nargs="+", default=[0.1, 5.0])
    parser.add_argument("--simulated", action="store_true")
    given = parser.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before")
    for seconds in given.seconds:
        points, tasks, whole = measure(seconds, given.processes, simulated=given.simulated)
        efficiency = tasks / whole / given.processes
        print(
            f"{points} tasks of {tasks / points:.2f} s on {given.processes} processes: "
            f"{whole:.1f} s for {tasks:.1f} s of work, efficiency {efficiency:.3f}"
        )


if __name__ == "__main__":
    main()
