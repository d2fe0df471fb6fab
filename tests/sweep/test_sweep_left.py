"""How long the rest of a sweep takes is predicted, on a machine whose time is made up."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sweep_examples import planned, simulated

from simsched.experiment.cost import weight
from simsched.experiment.sweep import Finished, executing
from simsched.experiment.sweep import task as tasks
from simsched.scenario import Scenario

POINTS = """
sweep:
  matrix:
    workload.open.rate: {from: 20/s, to: 90/s, steps: 15}
    servers.serial.workers: [1, 2, 3]
"""


class Machine:
    """So many processors, on each of which a task takes as long as *takes* says, in seconds."""

    def __init__(self, count: int, takes: Callable[[Scenario], float]) -> None:
        self.count = count
        self.now = 0.0
        self._takes = takes
        self._free = [0.0] * count
        self._ends: dict[Future[Any], float] = {}

    def submit(self, _: object, batch: list[Scenario], phases: float) -> Future[Any]:
        first = self._free.index(min(self._free))
        future: Future[Any] = Future()
        done = zip(tasks.perform(batch, phases), batch, strict=True)
        outcomes = tuple(replace(o, seconds=self._takes(scenario)) for o, scenario in done)
        self._free[first] = max(self._free[first], self.now) + sum(o.seconds for o in outcomes)
        self._ends[future] = self._free[first]
        future.set_result(outcomes)
        return future

    def wait(self, futures: Collection[Future[Any]], **_: Any) -> tuple[set[Future[Any]], object]:
        next_one = min(futures, key=lambda future: self._ends[future])
        self.now = self._ends[next_one]
        return {next_one}, None

    def restart(self) -> None:
        raise AssertionError("processors do not die")


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("seconds", [0.02, 2.0, 20.0])
def test_how_long_the_rest_takes_is_predicted(tmp_path, monkeypatch, count, seconds):
    found = planned(tmp_path, POINTS)
    whole = weight(found.scenario(found.points[0]))
    chance = random.Random(1)  # noqa: S311  durations, not secrets

    def takes(scenario: Scenario) -> float:
        return seconds * weight(scenario) / whole * chance.uniform(0.8, 1.2)

    machine = Machine(count, takes)
    monkeypatch.setattr(executing, "wait", machine.wait)
    monkeypatch.setattr(executing, "time", SimpleNamespace(monotonic=lambda: machine.now))
    said: list[tuple[float, float]] = []

    def note(event: object) -> None:
        if isinstance(event, Finished):
            said.append((machine.now, event.left_s))

    simulated(found, tmp_path, machine, note)
    assert len(said) == 45
    for moment, left in said[1:]:
        assert left == pytest.approx(machine.now - moment, rel=0.15, abs=2 * seconds)
