"""Of which kind a run is for the compiled engine: a plain one does without most of its rules."""

from __future__ import annotations

from typing import Literal

from simsched.engine import off_loads
from simsched.engine.conditions import Conditions
from simsched.scenario.model.client import Client
from simsched.scenario.model.servers import Server
from simsched.workload.closed import ClosedWorkload
from simsched.workload.columns import Workload
from simsched.workload.steps import StepKind

Variant = Literal["plain", "general"]


def variant(workload: Workload | ClosedWorkload, server: Server, conditions: Conditions) -> Variant:
    """Return whether requests that come by themselves meet no more than a queue and own cores."""
    if (
        isinstance(workload, ClosedWorkload)
        or conditions.services
        or workload.resources
        or workload.waits
        or _interferes(conditions)
    ):
        return "general"
    if server.backlog_full == "drop" or server.queue_timeout is not None or server.max_requests:
        return "general"
    sheds = server.limits_each or server.rate_limit is not None or server.codel is not None
    if sheds or server.batching is not None:
        return "general"
    if set(server.speeds) != {1.0} or off_loads.used(workload, server).where:
        return "general"
    forks = any(step.kind is StepKind.FORK and step.where is None for step in workload.steps)
    branches = forks and server.parallel != "sequential"
    special = any(
        step.blocking or step.may_fail or step.kind is StepKind.RESPOND for step in workload.steps
    )
    alone = off_loads.computes_alone(off_loads.NOTHING, server)
    return "plain" if alone and not (branches or special) else "general"


def _interferes(conditions: Conditions) -> bool:
    """Return whether clients do more than wait, or anything goes wrong."""
    patient = all(each == Client() for each in conditions.of_streams)
    return not patient or bool(conditions.slowdowns or conditions.outages)
