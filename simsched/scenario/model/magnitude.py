"""Scenarios that are short to write and too large to draw or to simulate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from simsched.scenario.file.problems import Problem
from simsched.scenario.model.requests import (
    ChoosePhase,
    HoldPhase,
    ParallelPhase,
    Phase,
    RepeatPhase,
)
from simsched.scenario.model.servers import ThreadedServer
from simsched.scenario.model.times import GeometricTimes, PoissonTimes, Repetitions, UniformTimes
from simsched.units import SECOND

if TYPE_CHECKING:
    from simsched.scenario.model.scenario import Scenario

MOST_PHASES_MET = 1_000_000
"""How many phases a request may meet on average, repetitions counted."""

MOST_BURSTS = 10_000_000
"""How many bursts of arrivals a replication may have on average."""

MOST_THREADS = 100_000
"""How many threads the workers of a server may have together."""


def check_magnitude(scenario: Scenario) -> Iterator[Problem]:
    """Yield a fault for too many phases of a class, threads of a server, or bursts."""
    for name, request in scenario.requests.items():
        count = _phases(request.phases)
        if count > MOST_PHASES_MET:
            message = f"a request would meet about {count:,.0f} phases"
            hint = f"{MOST_PHASES_MET:,} are the most; repeat less"
            yield Problem(("requests", name), message, hint, at_key=True)
    for name, server in scenario.servers.items():
        threads = server.workers * server.threads if isinstance(server, ThreadedServer) else 0
        if threads > MOST_THREADS:
            message = f"{server.workers:,} workers would have {threads:,} threads together"
            hint = f"{MOST_THREADS:,} are the most; have fewer threads or workers"
            yield Problem(("servers", name, "threads"), message, hint)
    bursts = _bursts(scenario)
    if bursts > MOST_BURSTS:
        message = f"there would be about {bursts:,.0f} bursts"
        hint = f"{MOST_BURSTS:,} are the most; let them last longer, or the run be shorter"
        yield Problem(("workload", "open", "bursts"), message, hint, at_key=True)


def _phases(phases: Iterable[Phase]) -> float:
    return sum(map(_met, phases))


def _met(phase: Phase) -> float:
    match phase:
        case ParallelPhase():
            return 1 + sum(map(_phases, phase.parallel))
        case HoldPhase():
            return 2 + _phases(phase.phases)
        case ChoosePhase():
            return max(_phases(choice.phases) for choice in phase.choose)
        case RepeatPhase():
            return _often(phase.repeat.times) * _phases(phase.repeat.phases)
        case _:
            return 1


def _often(times: Repetitions) -> float:
    match times:
        case int():
            return times
        case UniformTimes():
            return (times.uniform.low + times.uniform.high) / 2
        case GeometricTimes():
            return times.geometric.mean
        case PoissonTimes():
            return times.poisson.mean
        case _:
            return sum(times.values) / len(times.values)


def _bursts(scenario: Scenario) -> float:
    workload = scenario.workload
    if workload.open is None or workload.open.bursts is None:
        return 0
    length = float(workload.duration or 0)
    if workload.requests is not None and isinstance(workload.open.rate, float):
        length = workload.requests / workload.open.rate * SECOND
    return length / (workload.open.bursts.on + workload.open.bursts.off)
