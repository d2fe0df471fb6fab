"""Drawing a workload: the one place where chance enters a simulation."""

from __future__ import annotations

from simsched.scenario.model.scenario import Scenario
from simsched.workload.closed import ClosedWorkload
from simsched.workload.columns import Workload
from simsched.workload.programs import draw_programs
from simsched.workload.requests import draw_requests
from simsched.workload.streams import Streams
from simsched.workload.users import draw_users
from simsched.workload.work import check_drawn, check_work


def draw(scenario: Scenario, replication: int) -> Workload | ClosedWorkload:
    """Return the workload that every server of *scenario* meets in one replication.

    Args:
        scenario: the scenario, with its seed.
        replication: which replication, counting from 1.

    Raises:
        InputError: the workload is too large, or too much work, or cannot be had as written.
        RunError: a draw, or all of them together, are longer than simulated time can hold.
    """
    check_work(scenario)
    if scenario.workload.closed is not None:
        return draw_users(scenario, replication)
    streams = Streams(scenario.run.seed, replication)
    arrivals = draw_requests(scenario, streams)
    programs = draw_programs(scenario, arrivals.class_id, arrivals.recorded, streams)
    if scenario.workload.trace is not None:
        check_drawn(scenario, programs)
    return Workload(
        **programs.columns(), arrival_ns=arrivals.arrival_ns, end_ns=scenario.workload.duration
    )
