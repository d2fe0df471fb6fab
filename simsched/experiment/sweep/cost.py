"""How much work points are: foreseen from the scenario, and corrected by what was measured."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Sequence

from simsched.experiment.runner import run
from simsched.scenario import Scenario
from simsched.units import SECOND
from simsched.workload.distributions import law
from simsched.workload.opened import arrival_rate_per_s

FIXED = 200.0
"""What a replication costs before any request comes, in phases of requests."""

LITTLE = 500
"""How many requests are simulated to see how fast that goes."""

LAST = 512
"""How many tasks tell the pace."""

_UNKNOWN = 1000.0


def weight(scenario: Scenario) -> float:
    """Return how much work *scenario*, which is prepared, is: about the phases to simulate."""
    each = max(len(one.phases) for one in scenario.requests.values()) + 1
    times = (scenario.run.replications or 1) * len(scenario.servers)
    return times * (FIXED + requests(scenario) * each)


def rows(scenario: Scenario) -> float:
    """Return about how many rows the traces of *scenario* have."""
    return (scenario.run.replications or 1) * len(scenario.servers) * requests(scenario)


def requests(scenario: Scenario) -> float:
    """Return about how many requests a replication has."""
    workload = scenario.workload
    if workload.requests is not None:
        return float(workload.requests)
    if workload.schedule is not None:
        return float(sum(arrival.times for arrival in workload.schedule))
    length_s = (workload.duration or 0) / SECOND
    if workload.open is not None:
        return length_s * arrival_rate_per_s(scenario)
    if workload.closed is not None:
        return workload.closed.users * length_s / max(_round_s(scenario), 1e-3)
    return _UNKNOWN


def _round_s(scenario: Scenario) -> float:
    """Return about how long a user takes from one request to the next: the think time."""
    closed = scenario.workload.closed
    return 0.0 if closed is None else law(closed.think).mean / SECOND + 0.01


class Pace:
    """How fast the work goes, by the tasks that were done last."""

    def __init__(self) -> None:
        self._done: deque[tuple[float, float]] = deque(maxlen=LAST)

    def learn(self, weight: float, seconds: float) -> None:
        """Note that work of *weight* took *seconds* of one process."""
        self._done.append((weight, seconds))

    @property
    def known(self) -> bool:
        """Whether anything was measured."""
        return bool(self._done)

    def foresee(self, weight: float) -> float:
        """Return how many seconds of one process work of *weight* takes; NaN if not known."""
        weights, seconds = map(sum, zip(*self._done, strict=True)) if self._done else (0, 0)
        return weight * seconds / weights if weights else math.nan


def measured(scenarios: Sequence[Scenario]) -> Pace:
    """Return the pace of a little of *scenarios*: a few hundred requests of each.

    The first is simulated once before, as what is slow at first says little of the rest.
    """
    pace = Pace()
    for scenario in scenarios[:1]:
        run([shortened(scenario)])
    for scenario in scenarios:
        little = shortened(scenario)
        begin = time.perf_counter()
        run([little])
        pace.learn(weight(little), time.perf_counter() - begin)
    return pace


def shortened(scenario: Scenario, most: int = LITTLE) -> Scenario:
    """Return *scenario* with at most about *most* requests, and without a rule to stop."""
    share = most / max(requests(scenario), most)
    workload = scenario.workload
    changes: dict[str, int] = {}
    if workload.requests is not None:
        changes["requests"] = max(1, int(workload.requests * share))
    if workload.duration is not None:
        changes["duration"] = max(1, int(workload.duration * share))
    twice = scenario.run.model_copy(update={"replications": 2, "until": None})
    return scenario.model_copy(
        update={"workload": workload.model_copy(update=changes), "run": twice}
    )
