"""Whatever an engine records can be read back: what is refused as damaged never happens."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from hypothesis import assume, given, settings

from scenarios import conditions, programs, servers, users, workloads
from simsched.engine.conditions import Conditions
from simsched.engine.reference import simulate
from simsched.engine.trace import Trace
from simsched.errors import RunError
from simsched.experiment.stored_traces import unpack, write
from simsched.scenario.model.servers import Server
from simsched.workload import ClosedWorkload, Workload


@dataclass(frozen=True)
class Runs:
    traces: dict[str, list[Trace]]


def assert_comes_back(trace: Trace) -> None:
    file = BytesIO()
    write(Runs({"server": [trace]}), file)
    ((back,),) = unpack(file.getvalue()).values()
    for name in ("request", "attempt", "status", "arrival_ns", "start_ns", "finish_ns", "cpu_ns"):
        assert np.array_equal(getattr(back, name), getattr(trace, name)), name


@settings(max_examples=40)
@given(workloads(programs), servers, conditions())
def test_any_trace_of_an_open_workload_is_read_back(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    assert_comes_back(simulate(workload, server, conditions))


@settings(max_examples=40)
@given(users(), servers, conditions())
def test_any_trace_of_users_is_read_back(
    workload: ClosedWorkload, server: Server, conditions: Conditions
) -> None:
    try:
        trace = simulate(workload, server, conditions)
    except RunError:  # for one of the users, time stands still
        assume(False)
    assert_comes_back(trace)
