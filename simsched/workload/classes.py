"""The classes of requests: how frequent each is, and the phases it is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

from simsched.scenario.model import requests as written
from simsched.scenario.model.scenario import Scenario, by_stream
from simsched.workload.arrivals import arrival_rate_per_s
from simsched.workload.distributions import law
from simsched.workload.streams import probabilities


def class_shares(scenario: Scenario) -> dict[str, float]:
    """Return the share of the requests that each class has, in the order of the scenario.

    In a schedule that is its share of the scheduled requests; elsewhere its weight in the mix. With
    several streams it is exact where all of them have a rate; else each counts as much as another.
    """
    streams = by_stream(scenario).values()
    if len(streams) == 1:
        (scenario,) = streams
        return _shares(scenario)
    opened = all(one.workload.open is not None for one in streams)
    weights = probabilities([arrival_rate_per_s(one) if opened else 1.0 for one in streams])
    each = [*zip(weights, map(_shares, streams), strict=True)]
    return {name: sum(weight * own[name] for weight, own in each) for name in scenario.requests}


def _shares(scenario: Scenario) -> dict[str, float]:
    names = list(scenario.requests)
    if scenario.workload.schedule is not None:
        scheduled: Counter[str] = Counter()
        for arrival in scenario.workload.schedule:
            scheduled[arrival.request] += arrival.times
        weights = [float(scheduled[name]) for name in names]
    elif scenario.workload.mix is not None:
        weights = [scenario.workload.mix.get(name, 0.0) for name in names]
    else:
        weights = [1.0] * len(names)
    return dict(zip(names, probabilities(weights), strict=True))


def walk(phases: Sequence[written.Phase]) -> Iterator[written.Phase]:
    """Yield *phases* and all phases within them, each before those within it."""
    for phase in phases:
        yield phase
        for inner in phase.inner:
            yield from walk(inner)


def varies(phases: Sequence[written.Phase]) -> bool:
    """Return whether requests with these *phases* differ in what they need.

    What a column of a trace says is not known here: it does not count.
    """
    return any(phase.by_chance or _is_drawn(phase.demand) for phase in walk(phases))


def _is_drawn(duration: written.PhaseDemand | None) -> bool:
    if duration is None or isinstance(duration, written.Column):
        return False
    return law(duration).variance > 0


def may_fail(scenario: Scenario) -> bool:
    """Return whether a request may fail at the end of a phase, or when one is given up."""
    phases = _phases(scenario)
    return any(isinstance(phase, written.IoPhase) and phase.may_fail for phase in phases)


def computes_lock_free(scenario: Scenario) -> bool:
    """Return whether a request may compute without the interpreter lock for a while."""
    phases = _phases(scenario)
    return any(isinstance(phase, written.CpuPhase) and phase.lock_free > 0 for phase in phases)


def responds_early(scenario: Scenario) -> bool:
    """Return whether a server may go on with a request after its answer."""
    return any(isinstance(phase, written.RespondPhase) for phase in _phases(scenario))


def only_computes(scenario: Scenario) -> bool:
    """Return whether no request waits for I/O, a slot or a service."""
    return not any(map(_waits, _phases(scenario)))


def _waits(phase: written.Phase) -> bool:
    if isinstance(phase, written.CpuPhase):
        return phase.where is not None
    return isinstance(phase, (written.IoPhase, written.HoldPhase, written.CallPhase))


def calls_end_early(scenario: Scenario) -> bool:
    """Return whether calls may take less time than the services need for them."""
    calls = (phase for phase in _phases(scenario) if isinstance(phase, written.CallPhase))
    return any(call.timeout is not None or call.hedge is not None for call in calls)


def _phases(scenario: Scenario) -> Iterator[written.Phase]:
    return chain.from_iterable(walk(request.phases) for request in scenario.requests.values())


def recorded_columns(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return by class the columns of the trace that its phases take durations from, each once."""
    return {name: _columns(request.phases) for name, request in scenario.requests.items()}


def _columns(phases: Sequence[written.Phase]) -> tuple[str, ...]:
    demands = (phase.demand for phase in walk(phases))
    columns = (each.column for each in demands if isinstance(each, written.Column))
    return tuple(dict.fromkeys(columns))
