"""What holds of calls, whatever the services: nothing is lost, and times add up through calls."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from test_properties import sound, spent, unlimited
from workloads import Program, call, hold

from scenarios import (
    SERVICES,
    any_servers,
    calling_programs,
    plain,
    servers,
    those_called,
    with_services,
    workloads,
)
from simsched.engine import Status, Trace, simulate
from simsched.engine.conditions import Conditions, Service
from simsched.engine.trace import MISSING
from simsched.scenario.model.overhead import Overhead
from simsched.scenario.model.servers import SerialServer, Server
from simsched.workload.columns import Workload
from simsched.workload.steps import StepKind


def joined(phases: list[Program]) -> Program:
    return [row for phase in phases for row in phase]


def calls_of(inner: st.SearchStrategy[Program]) -> st.SearchStrategy[Program]:
    return st.builds(
        lambda service, phases, there, back: call(service, joined(phases), there=there, back=back),
        st.sampled_from(SERVICES),
        st.lists(inner, min_size=1, max_size=3),
        st.integers(0, 2),
        st.integers(0, 2),
    )


working = plain | st.builds(hold, st.just("db"), plain)
one_after_another = st.lists(working | calls_of(working | calls_of(working)), max_size=4).map(
    joined
)


def without_overhead(server: Server) -> Server:
    batch = {"batch": None} if isinstance(server, SerialServer) else {}
    return unlimited(server, overhead=Overhead(), crew=server.workers, **batch)


def undisturbed(workload: Workload, server: Server, called: tuple[Service, ...]) -> Trace:
    """Return the trace of a run without failures, overheads and batches."""
    services = tuple(replace(one, server=without_overhead(one.server)) for one in called)
    return simulate(sound(workload), without_overhead(server), Conditions(services=services))


def under_way(trace: Trace) -> np.ndarray:
    """Return how long each call had been at its service when it left, or the run ended."""
    calls = trace.calls
    unfinished = calls.status == Status.UNFINISHED
    return np.where(unfinished, trace.end_ns, calls.finish_ns) - calls.arrival_ns


def waits(of: object) -> np.ndarray:
    return of.queue_ns + of.cpu_wait_ns + of.io_wait_ns


@given(workloads(one_after_another, SERVICES), any_servers, those_called)
def test_a_response_is_what_is_needed_and_all_waits_through_calls(
    workload: Workload, server: Server, called: tuple[Service, ...]
) -> None:
    trace = undisturbed(workload, server, called)
    at_services = np.bincount(trace.calls.row, waits(trace.calls), len(trace)).astype(np.int64)
    done = trace.status == Status.COMPLETED
    response = (trace.finish_ns - trace.arrival_ns)[done]
    assert (response == (trace.demand_ns + waits(trace) + at_services)[done]).all()


@given(workloads(one_after_another, SERVICES), any_servers, those_called)
def test_who_has_an_answer_has_made_all_calls_and_each_was_answered(
    workload: Workload, server: Server, called: tuple[Service, ...]
) -> None:
    trace = undisturbed(workload, server, called)
    steps = [workload.steps[step] for step in workload.step_id.tolist()]
    calls, done = trace.calls, np.flatnonzero(trace.status == Status.COMPLETED)
    for row in done.tolist():
        first, last = list(pairwise(workload.first_row.tolist()))[row]
        asked = [step.service for step in steps[first:last] if step.kind is StepKind.CALL]
        mine = calls.row == row
        assert sorted(calls.service[mine].tolist()) == sorted(asked)
        assert (calls.status[mine] == Status.COMPLETED).all()
        assert (calls.answered_ns[mine] <= trace.finish_ns[row]).all()


@given(workloads(calling_programs, SERVICES), servers, with_services())
@settings(max_examples=150)
def test_no_call_is_lost_and_none_is_before_its_time(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    trace = simulate(workload, server, conditions)
    calls = trace.calls
    ended = calls.status != Status.UNFINISHED
    assert ((calls.finish_ns != MISSING) == ended).all()
    assert (calls.sent_ns >= trace.arrival_ns[calls.row]).all()
    assert (calls.arrival_ns >= calls.sent_ns).all()
    began = calls.start_ns != MISSING
    assert (calls.start_ns >= calls.arrival_ns)[began].all()
    assert (calls.worker[began] >= 0).all()
    answered = calls.answered_ns != MISSING
    assert ended[answered].all()
    assert (calls.answered_ns >= calls.finish_ns)[answered].all()
    inner = calls.caller >= 0
    assert (calls.row[inner] == calls.row[calls.caller[inner]]).all()
    assert (calls.sent_ns[inner] >= calls.start_ns[calls.caller[inner]]).all()


@given(workloads(one_after_another, SERVICES), servers, with_services())
def test_the_time_of_each_call_at_its_service_is_the_sum_of_its_parts(
    workload: Workload, server: Server, conditions: Conditions
) -> None:
    trace = simulate(workload, server, conditions)
    assert (spent(trace.calls) == under_way(trace)).all()
