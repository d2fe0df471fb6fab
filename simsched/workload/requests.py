"""Which requests there are: when each arrives, and of which class it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simsched.scenario.scenario import Scenario
from simsched.scenario.workload import Arrival, OpenArrivals
from simsched.workload import arrivals
from simsched.workload.columns import Int32s, Int64s
from simsched.workload.mix import draw_classes
from simsched.workload.phases import mean_rows
from simsched.workload.size import check_size
from simsched.workload.streams import Streams


def draw_requests(scenario: Scenario, streams: Streams) -> tuple[Int64s, Int32s]:
    """Return (n,) each request's arrival, never decreasing, and (n,) its class by position.

    Raises:
        InputError: there are too many, or the time between arrivals cannot be had as written.
        RunError: the arrivals go on for longer than simulated time can.
    """
    workload = scenario.workload
    if workload.schedule is not None:
        return scheduled(workload.schedule, list(scenario.requests))
    if workload.open is None:
        raise NotImplementedError("a workload without a schedule and without open arrivals")
    arrival_ns = _opened(scenario, workload.open, streams.child("arrivals"))
    return arrival_ns, draw_classes(scenario, len(arrival_ns), streams.child("mix"))


def scheduled(schedule: Sequence[Arrival], classes: Sequence[str]) -> tuple[Int64s, Int32s]:
    """Return the requests of an explicit schedule; those of one instant stay in its order."""
    position = {name: i for i, name in enumerate(classes)}
    ordered = sorted(schedule, key=lambda arrival: arrival.at)
    arrival_ns = np.array([arrival.at for arrival in ordered], dtype=np.int64)
    return arrival_ns, np.array([position[each.request] for each in ordered], dtype=np.int32)


def _opened(scenario: Scenario, opened: OpenArrivals, streams: Streams) -> Int64s:
    count, end_ns, rows = (
        scenario.workload.requests,
        scenario.workload.duration,
        mean_rows(scenario),
    )
    if count is not None:
        check_size(count, rows)
        return arrivals.first(count, arrivals.clock(opened, streams))
    if end_ns is None:
        raise NotImplementedError("open arrivals without an end")
    check_size(end_ns / arrivals.between_arrivals(opened).mean, rows)
    return arrivals.before(end_ns, arrivals.clock(opened, streams), rows)
