"""Drawing a workload: the one place where chance enters a simulation."""

from __future__ import annotations

import numpy as np

from simsched.scenario.phases import IoPhase, Phase
from simsched.scenario.scenario import Scenario
from simsched.scenario.workload import OpenArrivals
from simsched.workload import arrivals
from simsched.workload.columns import Int32s, Int64s, Step, StepKind, Workload
from simsched.workload.distributions import Law, law
from simsched.workload.mix import class_shares, draw_classes
from simsched.workload.program import Part, lay_out, series, single
from simsched.workload.size import check_size
from simsched.workload.streams import Streams


def draw(scenario: Scenario, replication: int) -> Workload:
    """Return the workload that every server of *scenario* meets in one replication.

    Args:
        scenario: the scenario, with its seed.
        replication: which replication, counting from 1.

    Raises:
        InputError: the workload is too large, or a distribution cannot be had as written.
        RunError: a draw is longer than simulated time can hold.
    """
    streams = Streams(scenario.run.seed, replication)
    arrival_ns, class_id = _requests(scenario, streams)
    steps, programs = _programs(scenario, streams)
    first_row, rows = lay_out(programs, class_id)
    return Workload(
        classes=tuple(scenario.requests),
        steps=steps,
        arrival_ns=arrival_ns,
        class_id=class_id,
        first_row=first_row,
        step_id=rows.step_id,
        duration_ns=rows.duration_ns,
        dispatch=streams.child("dispatch").generator().random(len(arrival_ns)),
        end_ns=scenario.workload.duration,
    )


def is_random(scenario: Scenario) -> bool:
    """Return whether anything of the scenario's workload depends on chance."""
    shares = class_shares(scenario)
    opened = scenario.workload.open
    if opened is not None and (max(shares.values()) < 1 or _varies_arrivals(opened)):
        return True
    used = [scenario.requests[name] for name, share in shares.items() if share > 0]
    return any(_duration(phase).variance > 0 for each in used for phase in each.phases)


def _varies_arrivals(opened: OpenArrivals) -> bool:
    return arrivals.between_arrivals(opened).variance > 0


def _requests(scenario: Scenario, streams: Streams) -> tuple[Int64s, Int32s]:
    if scenario.workload.schedule is not None:
        return _scheduled(scenario)
    arrival_ns = _arrivals(scenario, streams.child("arrivals"))
    return arrival_ns, draw_classes(scenario, len(arrival_ns), streams.child("mix"))


def _scheduled(scenario: Scenario) -> tuple[Int64s, Int32s]:
    schedule = scenario.workload.schedule or ()
    position = {name: i for i, name in enumerate(scenario.requests)}
    ordered = sorted(schedule, key=lambda arrival: arrival.at)
    arrival_ns = np.array([arrival.at for arrival in ordered], dtype=np.int64)
    return arrival_ns, np.array([position[each.request] for each in ordered], dtype=np.int32)


def _arrivals(scenario: Scenario, streams: Streams) -> Int64s:
    workload = scenario.workload
    assert workload.open is not None  # noqa: S101  a scenario has a schedule or open arrivals
    rows = mean_rows(scenario)
    if workload.requests is not None:
        check_size(workload.requests, rows)
        return arrivals.first(workload.requests, arrivals.clock(workload.open, streams))
    assert workload.duration is not None  # noqa: S101  open arrivals end one way or the other
    expected = workload.duration / arrivals.between_arrivals(workload.open).mean
    check_size(expected, rows)
    return arrivals.before(workload.duration, arrivals.clock(workload.open, streams), rows)


def mean_rows(scenario: Scenario) -> float:
    """Return how many rows the program of a request has on average."""
    shares = class_shares(scenario)
    return sum(share * len(scenario.requests[name].phases) for name, share in shares.items())


def _programs(scenario: Scenario, streams: Streams) -> tuple[tuple[Step, ...], list[Part]]:
    steps: list[Step] = []
    programs = []
    for name, request in scenario.requests.items():
        parts = []
        for i, phase in enumerate(request.phases):
            place = streams.child("requests", name, i)
            parts.append(single(len(steps), _duration(phase), place))
            steps.append(_step(phase))
        programs.append(series(parts))
    return tuple(steps), programs


def _step(phase: Phase) -> Step:
    return Step(StepKind.IO if isinstance(phase, IoPhase) else StepKind.CPU, phase.label)


def _duration(phase: Phase) -> Law:
    return law(phase.io if isinstance(phase, IoPhase) else phase.cpu)
