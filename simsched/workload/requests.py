"""Which requests there are: when each arrives, and of which class it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.workload import Arrival, Trace
from simsched.workload.arrays import Int32s, Int64s
from simsched.workload.mix import class_shares, draw_classes
from simsched.workload.nesting import recorded_columns
from simsched.workload.opened import draw_arrivals
from simsched.workload.planning import mean_rows
from simsched.workload.recording import Recording, Source, read_recording
from simsched.workload.streams import Streams


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Requests that arrive by themselves, in order of arrival.

    Attributes:
        arrival_ns: (n,) when each arrives.
        class_id: (n,) its class, by position in the scenario's ``requests``.
        recorded: (n,) the durations in each column of a trace that phases refer to.
    """

    arrival_ns: Int64s
    class_id: Int32s
    recorded: Mapping[str, Int64s] = field(default_factory=dict)


def draw_requests(scenario: Scenario, streams: Streams) -> Arrivals:
    """Return the requests of a workload that is not closed.

    Raises:
        InputError: there are too many, or the file of a trace cannot be used.
        RunError: the arrivals go on for longer than simulated time can.
    """
    workload = scenario.workload
    if workload.schedule is not None:
        return scheduled(workload.schedule, list(scenario.requests))
    if workload.trace is not None:
        return _recorded(scenario, workload.trace, streams)
    arrival_ns = draw_arrivals(scenario, mean_rows(scenario), streams.child("arrivals"))
    return Arrivals(arrival_ns, draw_classes(scenario, len(arrival_ns), streams.child("mix")))


def scheduled(schedule: Sequence[Arrival], classes: Sequence[str]) -> Arrivals:
    """Return the requests of an explicit schedule; those of one instant stay in its order."""
    position = {name: i for i, name in enumerate(classes)}
    ordered = sorted(schedule, key=lambda arrival: arrival.at)
    times = np.array([arrival.times for arrival in ordered])
    arrival_ns = np.array([arrival.at for arrival in ordered], dtype=np.int64)
    class_id = np.array([position[each.request] for each in ordered], dtype=np.int32)
    return Arrivals(arrival_ns.repeat(times), class_id.repeat(times))


def _recorded(scenario: Scenario, trace: Trace, streams: Streams) -> Arrivals:
    recording = recording_of(scenario, trace)
    n = _kept(scenario, recording.arrival_ns)
    class_id = recording.class_id
    if class_id is None:
        class_id = draw_classes(scenario, n, streams.child("mix"))
    durations = {name: each[:n] for name, each in recording.durations_ns.items()}
    return Arrivals(recording.arrival_ns[:n], class_id[:n], durations)


def recording_of(scenario: Scenario, trace: Trace) -> Recording:
    """Return the requests that the file of *trace* holds, all of them.

    Raises:
        ScenarioError: the file cannot be used; it holds every fault.
    """
    source = Source(Path(trace.file), trace.arrival, trace.request, trace.unit)
    return read_recording(source, recorded_columns(scenario), class_shares(scenario))


def check_recording(scenario: Scenario) -> None:
    """Read what *scenario* replays, if anything, only to find what is wrong with it.

    Raises:
        ScenarioError: the file of the trace cannot be used; it holds every fault.
    """
    if scenario.workload.trace is not None:
        recording_of(scenario, scenario.workload.trace)


def _kept(scenario: Scenario, arrival_ns: Int64s) -> int:
    """How many of the recorded requests arrive before the workload ends."""
    workload, n = scenario.workload, len(arrival_ns)
    if workload.duration is not None:
        n = int(np.searchsorted(arrival_ns, workload.duration))
    return n if workload.requests is None else min(n, workload.requests)
