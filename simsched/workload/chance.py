"""Whether chance has a say in a workload."""

from __future__ import annotations

from collections.abc import Sequence

from simsched.scenario.model import requests as written
from simsched.scenario.model.scenario import Scenario
from simsched.workload.distributions import law
from simsched.workload.mix import class_shares
from simsched.workload.nesting import demand, walk
from simsched.workload.opened import between_arrivals
from simsched.workload.program import counts


def is_random(scenario: Scenario) -> bool:
    """Return whether anything of the scenario's workload depends on chance.

    A distribution of variance 0 does not, nor does a class that no request is of. A random choice
    of worker is the server's affair, and the jitter of a retry the client's.
    """
    return _arrivals_vary(scenario) or _classes_vary(scenario) or _phases_vary(scenario)


def _arrivals_vary(scenario: Scenario) -> bool:
    opened, closed = scenario.workload.open, scenario.workload.closed
    if closed is not None:
        return law(closed.think).variance > 0
    if opened is None:
        return False
    return opened.bursts is not None or between_arrivals(opened).variance > 0


def _classes_vary(scenario: Scenario) -> bool:
    workload = scenario.workload
    told = workload.schedule is not None or (workload.trace and workload.trace.request)
    return not told and max(class_shares(scenario).values()) < 1


def _phases_vary(scenario: Scenario) -> bool:
    shares = class_shares(scenario)
    used = (request.phases for name, request in scenario.requests.items() if shares[name] > 0)
    return any(varies(phases) for phases in used)


def varies(phases: Sequence[written.Phase]) -> bool:
    """Return whether requests with these *phases* differ in what they need.

    What a column of a trace says is not known here: it does not count.
    """
    return any(_varies(phase) for phase in walk(phases))


def _varies(phase: written.Phase) -> bool:
    if isinstance(phase, written.ChoosePhase):
        return len(phase.choose) > 1
    if isinstance(phase, written.RepeatPhase):
        return counts(phase.repeat.times).variance > 0
    duration = demand(phase)
    if duration is None or isinstance(duration, written.Column):
        return False
    return law(duration).variance > 0
