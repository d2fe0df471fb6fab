"""Drawing a workload: the one place where chance enters a simulation."""

from __future__ import annotations

import numpy as np

from simsched.errors import RunError
from simsched.scenario.scenario import Scenario
from simsched.workload.arrivals import LATEST, between_arrivals
from simsched.workload.columns import Int64s, Workload
from simsched.workload.mix import class_shares
from simsched.workload.phases import duration, programs
from simsched.workload.program import Rows, lay_out
from simsched.workload.requests import draw_requests
from simsched.workload.streams import Streams


def draw(scenario: Scenario, replication: int) -> Workload:
    """Return the workload that every server of *scenario* meets in one replication.

    Args:
        scenario: the scenario, with its seed.
        replication: which replication, counting from 1.

    Raises:
        InputError: the workload is too large, or a distribution cannot be had as written.
        RunError: a draw, or all of them together, are longer than simulated time can hold.
    """
    streams = Streams(scenario.run.seed, replication)
    arrival_ns, class_id = draw_requests(scenario, streams)
    steps, classes = programs(scenario, streams)
    first_row, rows = lay_out(classes, class_id)
    _check_horizon(arrival_ns, rows)
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


def _check_horizon(arrival_ns: Int64s, rows: Rows) -> None:
    """Refuse demands that a single worker could not finish within simulated time."""
    last = float(arrival_ns[-1]) if len(arrival_ns) else 0.0
    if last + rows.duration_ns.sum(dtype=np.float64) > LATEST:
        raise RunError(
            "the requests take more than 146 years of work together; have fewer or shorter ones"
        )


def is_random(scenario: Scenario) -> bool:
    """Return whether anything of the scenario's workload depends on chance.

    A distribution of variance 0 does not, nor does a class that no request is of. A random choice
    of worker is the server's affair.
    """
    shares = class_shares(scenario)
    opened = scenario.workload.open
    if opened is not None and (max(shares.values()) < 1 or between_arrivals(opened).variance > 0):
        return True
    used = [scenario.requests[name] for name, share in shares.items() if share > 0]
    return any(duration(phase).variance > 0 for each in used for phase in each.phases)
