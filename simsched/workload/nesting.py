"""Phases within phases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import singledispatch

from simsched.scenario.model import requests as written
from simsched.scenario.model.scenario import Scenario


@singledispatch
def inside(phase: written.Phase) -> Sequence[Sequence[written.Phase]]:
    """Return the lists of phases that *phase* is made of; none if it is simple."""
    del phase
    return ()


@inside.register
def _(phase: written.ParallelPhase) -> Sequence[Sequence[written.Phase]]:
    return phase.parallel


@inside.register
def _(phase: written.HoldPhase) -> Sequence[Sequence[written.Phase]]:
    return (phase.phases,)


@inside.register
def _(phase: written.ChoosePhase) -> Sequence[Sequence[written.Phase]]:
    return tuple(way.phases for way in phase.choose)


@inside.register
def _(phase: written.RepeatPhase) -> Sequence[Sequence[written.Phase]]:
    return (phase.repeat.phases,)


def walk(phases: Sequence[written.Phase]) -> Iterator[written.Phase]:
    """Yield *phases* and all that they are made of, each before what is inside it."""
    for phase in phases:
        yield phase
        for inner in inside(phase):
            yield from walk(inner)


def demand(phase: written.Phase) -> written.PhaseDemand | None:
    """Return how long a simple phase takes; None for one that others make up."""
    if isinstance(phase, written.CpuPhase):
        return phase.cpu
    return phase.io if isinstance(phase, written.IoPhase) else None


def recorded_columns(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return by class the columns of the trace that its phases take durations from, each once."""
    return {name: _columns(request.phases) for name, request in scenario.requests.items()}


def _columns(phases: Sequence[written.Phase]) -> tuple[str, ...]:
    demands = (demand(phase) for phase in walk(phases))
    columns = (each.column for each in demands if isinstance(each, written.Column))
    return tuple(dict.fromkeys(columns))
