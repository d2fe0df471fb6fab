"""Let contestants take turns, each in a process of its own, and note how fast they are."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import this_machine

import simsched
from contestants import heap_loop
from contestants.simsched_scenario import text
from contestants.work import Undrawn, Work


@dataclass(frozen=True)
class Contestant:
    """Who runs, and how many requests take a second or two.

    Attributes:
        label: what the table calls it.
        module: its module in ``contestants``; None for the whole of ``simsched run``.
        requests: how many of the feedback workload; of M/M/1 it is given twice as many.
        engine: the engine of ``simsched run``.
        ours: whether it is part of simsched, and runs with the Python that runs this.
        varying: whether its durations are drawn; if not, each is the mean.
        times: how often it simulates in one process, of which the median counts. The first time,
            the system has to find memory for all that it writes.
    """

    label: str
    module: str | None
    requests: int
    engine: str = ""
    ours: bool = False
    varying: bool = True
    times: int = 1

    def expected_s(self, work: Work) -> float:
        """Return the mean response that it ought to find."""
        if self.varying:
            return work.mean_response_s
        return heap_loop.simulate(Undrawn(work, 1_000_000, 1), varying=False)


class AbsentError(Exception):
    """A contestant cannot run here, and why."""


@dataclass
class Turns:
    """What one contestant did with one workload, a value for each round.

    Attributes:
        requests: how many it is given each time.
        simulated: requests per second of the simulation itself.
        first: the same, the first time in a process.
        drawn: requests per second of drawing and simulation.
        whole: requests per second of the whole process, if it simulates once.
        mean_s: the mean responses.
    """

    contestant: Contestant
    requests: int
    version: str = ""
    simulated: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    drawn: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    mean_s: list[float] = field(default_factory=list)

    def take(self, work: Work, seed: int, python: str, clock: str) -> None:
        """Run once, and note the rates.

        Raises:
            AbsentError: the contestant cannot run.
        """
        one, count = self.contestant, self.requests
        if one.module is None:
            mean, seconds = run_whole(work, count, seed, one.engine)
            self.version = simsched.__version__
        else:
            interpreter = sys.executable if one.ours else python
            numbers = map(str, (count, seed, one.times))
            output, seconds = run(
                [interpreter, "-m", "contestants", one.module, work.name, *numbers]
            )
            found = json.loads(output)
            mean, self.version = found["mean_response_s"], found["version"]
            simulated = [each[clock] for each in found["simulate"]]
            usual = statistics.median(simulated)
            self.simulated.append(count / usual)
            self.first.append(count / simulated[0])
            self.drawn.append(count / (found["draw"][clock] + usual))
        if one.times == 1:
            self.whole.append(count / seconds[clock])
        self.mean_s.append(mean)


def run(command: Sequence[str]) -> tuple[str, dict[str, float]]:
    """Return what a process printed, and the seconds that it took by each clock.

    Raises:
        AbsentError: it failed.
    """
    try:
        return this_machine.run(command)
    except RuntimeError as error:
        raise AbsentError(error) from None


def run_whole(work: Work, count: int, seed: int, engine: str) -> tuple[float, dict[str, float]]:
    """Run ``simsched run`` from YAML to summary.json; return the mean response and the seconds.

    Raises:
        AbsentError: it failed.
    """
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "scenario.yaml"
        file.write_text(text(work, count, seed, engine))
        _, seconds = run([this_machine.simsched_program(), "run", str(file), "--out", name])
        (summary,) = Path(name).glob("*/*/summary.json")
        server = json.loads(summary.read_text())["servers"]["server"]
        return server["response_time_s"]["mean"]["value"], seconds
