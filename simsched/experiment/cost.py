"""How much work a scenario is: an estimate from its content, calibrated by measurements."""

from __future__ import annotations

import math
from collections import deque
from math import inf
from pathlib import Path
from typing import Any

from simsched.scenario import Scenario
from simsched.scenario.file.tables import about_rows
from simsched.scenario.model.scenario import by_stream
from simsched.scenario.model.users import ClosedUsers
from simsched.scenario.model.workload import Source
from simsched.units import SECOND
from simsched.workload.arrivals import arrival_rate_per_s
from simsched.workload.distributions import law
from simsched.workload.planning import mean_rows
from simsched.workload.work import turns_of_one

FIXED = 200.0
"""The fixed cost of a replication, as a number of phases."""

LITTLE = 500
"""How many requests are simulated to measure the speed."""

LAST = 512
"""How many of the last tasks are averaged."""


def weight(scenario: Scenario) -> float:
    """Return how much work the prepared *scenario* is, as a number of phases."""
    return phases(scenario) + FIXED * simulations(scenario)


def phases(scenario: Scenario) -> float:
    """Return about how many phases *scenario* has, of all replications on all servers.

    A turn on a core or a lock counts as a phase.
    """
    # A request costs about a phase more than its phases: it is drawn, recorded and counted.
    turns = sum(turns_of_one(scenario, server) for server in scenario.servers.values())
    each = len(scenario.servers) * (mean_rows(scenario) + 1) + turns
    return (scenario.run.replications or 1) * requests(scenario) * each


def simulations(scenario: Scenario) -> int:
    """Return how many simulations the prepared *scenario* has: one per server and replication."""
    return (scenario.run.replications or 1) * len(scenario.servers)


def rows(scenario: Scenario) -> float:
    """Return about how many rows the traces of *scenario* have."""
    return simulations(scenario) * requests(scenario)


def requests(scenario: Scenario) -> float:
    """Return about how many requests a replication has."""
    return sum(map(_of_stream, by_stream(scenario).values()))


def _of_stream(scenario: Scenario) -> float:
    workload = scenario.workload
    if workload.requests is not None:
        return float(workload.requests)
    if workload.schedule is not None:
        return float(sum(arrival.times for arrival in workload.schedule))
    length_s = (workload.duration or 0) / SECOND
    if workload.open is not None:
        return length_s * arrival_rate_per_s(scenario)
    if workload.closed is not None:
        return _of_users(workload.closed, length_s)
    return 0.0 if workload.trace is None else about_rows(Path(workload.trace.file))


def _of_users(closed: ClosedUsers, length_s: float) -> float:
    """Return about how many requests users send, who take about as long as they think or wait."""
    between = closed.think if closed.pacing is None else closed.pacing
    round_s = max(law(between).mean / SECOND + 0.01, 1e-3)
    rounds = closed.iterations or inf
    return closed.most_users * min(rounds, length_s / round_s if length_s else inf)


class Pace:
    """The speed of the work, measured on the last tasks."""

    def __init__(self) -> None:
        self._done: deque[tuple[float, float]] = deque(maxlen=LAST)

    def learn(self, weight: float, seconds: float) -> None:
        """Record that work of *weight* took *seconds* of one process."""
        self._done.append((weight, seconds))

    @property
    def known(self) -> bool:
        """Whether anything was measured."""
        return bool(self._done)

    def foresee(self, weight: float) -> float:
        """Return how many seconds of one process work of *weight* takes; NaN if unknown."""
        weights, seconds = map(sum, zip(*self._done, strict=True)) if self._done else (0, 0)
        return weight * seconds / weights if weights else math.nan


def _shorter(source: Source, share: float) -> dict[str, int]:
    """Return where *source* ends if it is to have that *share* of its requests."""
    ends = {"requests": source.requests, "duration": source.duration}
    return {key: max(1, int(end * share)) for key, end in ends.items() if end is not None}


def shortened(scenario: Scenario, most: int = LITTLE) -> Scenario:
    """Return *scenario* with about *most* requests at most, and without a stopping rule."""
    # Requests and duration shrink alike: which of them ends the run must not change.
    share = most / max(requests(scenario), most)
    workload = scenario.workload
    changes: dict[str, Any] = _shorter(workload, share)
    if workload.streams is not None:
        changes["streams"] = {
            name: one.model_copy(update=_shorter(one, share))
            for name, one in workload.streams.items()
        }
    # Two replications, so that the time for intervals and comparisons is part of it.
    twice = scenario.run.model_copy(update={"replications": 2, "until": None})
    return scenario.model_copy(
        update={"workload": workload.model_copy(update=changes), "run": twice}
    )
