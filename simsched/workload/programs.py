"""Drawing the programs of requests, and what else chance has to say about each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simsched.errors import RunError
from simsched.scenario.model.scenario import Scenario
from simsched.workload.arrays import Int32s, Int64s
from simsched.workload.arrivals import LATEST
from simsched.workload.columns import Requests
from simsched.workload.planning import plan
from simsched.workload.program import LayingOut
from simsched.workload.retries import DrawingRetries
from simsched.workload.steps import Resource
from simsched.workload.streams import Streams


class DrawingPrograms:
    """Draws what requests do, one lot after the other.

    Args:
        scenario: what the classes do.
        recorded: for all requests, the durations in each column of a trace that phases refer to.
        streams: the place of the requests' streams.
    """

    def __init__(
        self, scenario: Scenario, recorded: Mapping[str, Int64s], streams: Streams
    ) -> None:
        steps, plans = plan(scenario, recorded, streams)
        self._lay_out = LayingOut(plans)
        self._dispatch = streams.child("dispatch").generator()
        self._retries = _retries(scenario, streams.child("retries"))
        self._same: dict[str, Any] = {
            "classes": tuple(scenario.requests),
            "priorities": tuple(request.priority for request in scenario.requests.values()),
            "resources": tuple(
                Resource(name, resource.capacity) for name, resource in scenario.resources.items()
            ),
            "steps": steps,
        }

    def __call__(self, class_id: Int32s) -> Requests:
        """Return the next requests, which are of these classes, (n,), with all their draws.

        Raises:
            RunError: a draw, or all of them together, are longer than simulated time can hold.
        """
        first_row, rows = self._lay_out(class_id)
        _check_work(rows.duration_ns)
        return Requests(
            **self._same,
            class_id=class_id,
            first_row=first_row,
            step_id=rows.step_id,
            duration_ns=rows.duration_ns,
            dispatch=self._dispatch.random(len(class_id)),
            retries=None if self._retries is None else self._retries(len(class_id)),
        )


def draw_programs(
    scenario: Scenario, class_id: Int32s, recorded: Mapping[str, Int64s], streams: Streams
) -> Requests:
    """Return the requests of these classes, (n,), with all their draws.

    Raises:
        RunError: a draw, or all of them together, are longer than simulated time can hold.
    """
    return DrawingPrograms(scenario, recorded, streams)(class_id)


def _retries(scenario: Scenario, streams: Streams) -> DrawingRetries | None:
    retries = scenario.client.retries
    return None if retries is None else DrawingRetries(retries.max, streams)


def _check_work(duration_ns: Int64s) -> None:
    """Refuse demands that a single worker could not finish within simulated time."""
    if duration_ns.sum(dtype=np.float64) > LATEST:
        raise RunError(
            "the requests take more than 146 years of work together; have fewer or shorter ones"
        )
