"""Runs of scenarios, and what clients saw of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simsched.engine import Trace, simulate
from simsched.engine.conditions import Conditions
from simsched.engine.trace import Status
from simsched.scenario import Scenario, load
from simsched.workload import draw

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def shipped(name: str, *overrides: str) -> Scenario:
    """Return the scenario *name* that comes with simsched."""
    return load(SCENARIOS / f"{name}.yaml", overrides)


def runs(scenario: Scenario, server: str, replications: int) -> list[Trace]:
    """Return so many runs of *server*."""
    conditions = Conditions.of(scenario, server)
    return [
        simulate(
            draw(scenario, number),
            scenario.servers[server],
            conditions,
            timeline=0,
            engine="compiled",
        )
        for number in range(1, replications + 1)
    ]


def run(scenario: Scenario, server: str) -> Trace:
    """Return the first run of *server*."""
    return runs(scenario, server, 1)[0]


def responses(traces: Sequence[Trace], of_class: str | None = None) -> NDArray[np.float64]:
    """Return the response times (s) of the answered requests."""
    return np.concatenate([_responses(each, of_class) for each in traces])


def _responses(trace: Trace, of_class: str | None) -> NDArray[np.float64]:
    wanted = trace.status == Status.COMPLETED
    if of_class is not None:
        wanted &= trace.class_id == trace.classes.index(of_class)
    return np.asarray((trace.finish_ns - trace.arrival_ns)[wanted] / 1e9)
