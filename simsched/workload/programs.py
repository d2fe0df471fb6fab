"""Drawing the programs of requests, and what else chance has to say about each of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simsched.errors import RunError
from simsched.scenario.scenario import Scenario
from simsched.workload.arrays import Int32s, Int64s
from simsched.workload.arrivals import LATEST
from simsched.workload.columns import Requests, Retries
from simsched.workload.planning import plan
from simsched.workload.program import lay_out
from simsched.workload.retries import draw_retries
from simsched.workload.steps import Resource
from simsched.workload.streams import Streams


def draw_programs(
    scenario: Scenario, class_id: Int32s, recorded: Mapping[str, Int64s], streams: Streams
) -> Requests:
    """Return the requests of these classes, with all their draws.

    Args:
        scenario: what the classes do.
        class_id: (n,) each request's class.
        recorded: (n,) the durations in each column of a trace that phases refer to.
        streams: the place of the requests' streams.

    Raises:
        RunError: a draw, or all of them together, are longer than simulated time can hold.
    """
    steps, plans = plan(scenario, recorded, streams)
    first_row, rows = lay_out(plans, class_id)
    _check_work(rows.duration_ns)
    return Requests(
        classes=tuple(scenario.requests),
        priorities=tuple(request.priority for request in scenario.requests.values()),
        resources=tuple(
            Resource(name, resource.capacity) for name, resource in scenario.resources.items()
        ),
        steps=steps,
        class_id=class_id,
        first_row=first_row,
        step_id=rows.step_id,
        duration_ns=rows.duration_ns,
        dispatch=streams.child("dispatch").generator().random(len(class_id)),
        retries=_retries(scenario, len(class_id), streams.child("retries")),
    )


def _retries(scenario: Scenario, n: int, streams: Streams) -> Retries | None:
    retries = scenario.client.retries
    return None if retries is None else draw_retries(retries.max, n, streams)


def _check_work(duration_ns: Int64s) -> None:
    """Refuse demands that a single worker could not finish within simulated time."""
    if duration_ns.sum(dtype=np.float64) > LATEST:
        raise RunError(
            "the requests take more than 146 years of work together; have fewer or shorter ones"
        )
