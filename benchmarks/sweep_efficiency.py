"""How much of two processes a sweep makes use of, for small tasks and for large ones.

    python benchmarks/sweep_efficiency.py [--processes 2] [--seconds 0.1 5] [--simulated]

The parallel efficiency is the time that the tasks take one after the other, over the time that
the sweep takes on all processes together, starting them included, times their number. To measure
the sweep and not the machine, a task is made to take its time by computing until its processor has
spent so much on it; with ``--simulated`` tasks are real points, and their own times are summed up.
Beside it stands how far off it was, in the median, how long the rest was said to take: from the
second finished task until a tenth of the time was left.

Run it on a machine with nothing else to do: what others compute counts against the sweep.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from simsched.experiment.store import Store
from simsched.experiment.sweep import executing, plan, running, sweep, task
from simsched.experiment.sweep.jobs import Job
from simsched.experiment.workers import Processes
from simsched.scenario import Scenario

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


def _busy(seconds: float, scenario: Scenario, phases: float) -> task.Outcome:
    """Compute for so many *seconds* of the processor, and return the record of a point."""
    # a real outcome, of a scenario that takes milliseconds
    (outcome,) = task.perform([scenario], phases)
    begin = time.perf_counter()
    end = time.thread_time() + seconds - outcome.seconds
    while time.thread_time() < end:
        sum(range(1000))
    return replace(outcome, seconds=outcome.seconds + time.perf_counter() - begin)


class _Busy:
    """What has *seconds* of work done in place of each task; it can be sent to processes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __call__(self, scenarios: Sequence[Scenario], phases: float) -> tuple[task.Outcome, ...]:
        return tuple(_busy(self._seconds, each, phases) for each in scenarios)


@contextmanager
def performing(work: Callable[..., tuple[task.Outcome, ...]]) -> Iterator[None]:
    """Have sweeps do *work* in place of simulating."""
    executing.perform = work  # type: ignore[assignment]
    try:
        yield
    finally:
        executing.perform = task.perform


@dataclass(frozen=True)
class Measured:
    """How many tasks there were, their seconds in sum, those of the sweep, and what was predicted.

    ``predicted`` has pairs: when, from the beginning, and how long the rest would take.
    """

    points: int
    tasks_s: float
    whole_s: float
    predicted: tuple[tuple[float, float], ...]

    @property
    def off(self) -> float:
        """How far the predictions were off, in the median, as a share."""
        shares = [
            abs(left / (self.whole_s - moment) - 1)
            for moment, left in self.predicted[1:]
            if self.whole_s - moment > 0.1 * self.whole_s
        ]
        return statistics.median(shares)


def measure(seconds: float, processes: int, *, simulated: bool) -> Measured:
    """Return how it went to do tasks of so many *seconds* each."""
    points = max(2 * processes, round(TOTAL_S[seconds < 1] / seconds))
    requests = round(seconds * 8000) if simulated else 10
    spent: list[float] = []
    predicted: list[tuple[float, float]] = []
    finish = running._Sweep.finish  # noqa: SLF001  the outcomes pass through here

    def noted(self: running._Sweep, job: Job, outcome: task.Outcome, left_s: float) -> None:
        spent.append(outcome.seconds)
        predicted.append((time.perf_counter() - begin, left_s))
        finish(self, job, outcome, left_s)

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
        whole_s = time.perf_counter() - begin
    return Measured(points, sum(spent), whole_s, tuple(predicted))


def main() -> None:
    """Print the efficiency for tasks of each length."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, nargs="+", default=[0.1, 5.0])
    parser.add_argument("--simulated", action="store_true")
    given = parser.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before")
    for seconds in given.seconds:
        found = measure(seconds, given.processes, simulated=given.simulated)
        efficiency = found.tasks_s / found.whole_s / given.processes
        print(
            f"{found.points} tasks of {found.tasks_s / found.points:.2f} s on {given.processes} "
            f"processes: {found.whole_s:.1f} s for {found.tasks_s:.1f} s of work, efficiency "
            f"{efficiency:.3f}; the rest predicted {100 * found.off:.0f} % off in the median"
        )


if __name__ == "__main__":
    main()
