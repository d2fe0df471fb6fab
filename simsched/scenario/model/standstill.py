"""Workloads in which time would stand still: users who never wait, at one moment for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simsched.scenario.file.problems import Problem
from simsched.scenario.model.meaning import is_always_zero, take_no_time

if TYPE_CHECKING:
    from simsched.scenario.model.scenario import Scenario


def check_time_passes(scenario: Scenario) -> Iterator[Problem]:
    """Yield the fault of a closed workload that would send requests for ever at one moment."""
    closed, mix = scenario.workload.closed, scenario.workload.mix
    if closed is None or not is_always_zero(closed.think):
        return
    names = scenario.requests if mix is None else mix
    at_once = all(take_no_time(scenario.requests[name].phases) for name in names)
    if at_once and scenario.workload.requests is None:
        message = "users who do not think send requests for ever that take no time"
        yield Problem(("workload", "closed"), message, "let them think, or the requests take time")
