"""Drawing a workload: the one place where chance enters a simulation."""

from __future__ import annotations

from simsched.scenario.scenario import Scenario
from simsched.workload.arrivals import between_arrivals
from simsched.workload.columns import Workload
from simsched.workload.mix import class_shares
from simsched.workload.phases import duration, programs
from simsched.workload.program import lay_out
from simsched.workload.requests import draw_requests
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
    arrival_ns, class_id = draw_requests(scenario, streams)
    steps, classes = programs(scenario, streams)
    first_row, rows = lay_out(classes, class_id)
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
