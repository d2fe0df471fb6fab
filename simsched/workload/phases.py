"""From the phases of the request classes to the programs of their requests."""

from __future__ import annotations

from simsched.scenario.phases import IoPhase, Phase
from simsched.scenario.scenario import Scenario
from simsched.workload.columns import Step, StepKind
from simsched.workload.distributions import Law, law
from simsched.workload.mix import class_shares
from simsched.workload.program import Part, series, single
from simsched.workload.streams import Streams


def duration(phase: Phase) -> Law:
    """Return the law of how long *phase* takes."""
    return law(phase.io if isinstance(phase, IoPhase) else phase.cpu)


def programs(scenario: Scenario, streams: Streams) -> tuple[tuple[Step, ...], list[Part]]:
    """Return the steps of all classes, and each class's program in the order of the scenario.

    A phase draws from the stream of its class and place, so that neither a class nor a phase that
    is added behind it changes what it draws.
    """
    steps: list[Step] = []
    classes = []
    for name, request in scenario.requests.items():
        parts = []
        for i, phase in enumerate(request.phases):
            parts.append(single(len(steps), duration(phase), streams.child("requests", name, i)))
            steps.append(_step(phase))
        classes.append(series(parts))
    return tuple(steps), classes


def _step(phase: Phase) -> Step:
    return Step(StepKind.IO if isinstance(phase, IoPhase) else StepKind.CPU, phase.label)


def mean_rows(scenario: Scenario) -> float:
    """Return how many rows the program of a request has on average."""
    shares = class_shares(scenario)
    return sum(share * len(scenario.requests[name].phases) for name, share in shares.items())
