"""Events that would change nothing, because nothing meets them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from simsched.scenario.file.problems import Problem
from simsched.scenario.file.wording import quote
from simsched.scenario.model.events import ResourceEvent
from simsched.scenario.model.requests import (
    ChoosePhase,
    HoldPhase,
    IoPhase,
    ParallelPhase,
    Phase,
    RepeatPhase,
)

if TYPE_CHECKING:
    from simsched.scenario.model.scenario import Scenario


def check_events_matter(scenario: Scenario) -> Iterator[Problem]:
    """Yield a fault for each event of a resource that no I/O is on."""
    used = {name for request in scenario.requests.values() for name in _used(request.phases)}
    idle = scenario.resources.keys() - used
    for position, event in enumerate(scenario.events):
        if isinstance(event, ResourceEvent) and event.resource in idle:
            message = f"no I/O is on {quote(event.resource)}, so this would change nothing"
            hint = f"write on: {event.resource} at the I/O that it slows"
            yield Problem(("events", position, "resource"), message, hint)


def _used(phases: Iterable[Phase]) -> Iterator[str]:
    for phase in phases:
        if isinstance(phase, IoPhase) and phase.on is not None:
            yield phase.on
        for inner in _inside(phase):
            yield from _used(inner)


def _inside(phase: Phase) -> Iterable[Iterable[Phase]]:
    match phase:
        case ParallelPhase():
            return phase.parallel
        case HoldPhase():
            return [phase.phases]
        case ChoosePhase():
            return [choice.phases for choice in phase.choose]
        case RepeatPhase():
            return [phase.repeat.phases]
        case _:
            return []
