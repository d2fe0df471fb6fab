"""The event log of random schedules: all of a trace is in it, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from workloads import MS, cpu, io, respond, workload

from scenarios import conditions, programs, servers, workloads
from simsched.engine import Activity, Status, Trace, simulate
from simsched.engine.trace import MISSING
from simsched.experiment.simulating import with_those_between
from simsched.report.event_log import Event, log
from simsched.report.lanes import Stretch, stretches_at
from simsched.report.timeline import complete_until
from simsched.scenario.model.servers import SerialServer
from simsched.statistics.presence import Work
from simsched.workload.closed import ClosedWorkload
from simsched.workload.columns import Workload
from simsched.workload.steps import StepKind

FEW = settings(max_examples=50)
RUNS = (workloads(programs), servers, conditions())


def everything(trace: Trace) -> tuple[Event, ...]:
    assert complete_until([trace]) is None
    return log(trace, 0, int(max(trace.end_ns, trace.segments.finish_ns.max(initial=0))))


def stretches(trace: Trace) -> list[Stretch]:
    return stretches_at(trace, np.arange(len(trace.segments.request)))


def cut(trace: Trace, found: Iterable[Stretch]) -> Counter[Stretch]:
    """Return stretches as a trace has them: in two where their attempt ended meanwhile."""
    keys = zip(trace.request.tolist(), trace.attempt.tolist(), strict=True)
    lost = np.isin(trace.status, (Status.TIMED_OUT, Status.FAILED, Status.CANCELLED))
    late = dict(zip(keys, np.where(lost, trace.finish_ns, 0).tolist(), strict=True))
    pieces: Counter[Stretch] = Counter()
    known = set(stretches(trace))
    for stretch in found:
        at = late[stretch.request, stretch.attempt]
        inside = [at] if stretch.start_ns < at < stretch.finish_ns else []
        ends = [stretch.start_ns, *inside, stretch.finish_ns]
        first, *rest = (replace(stretch, start_ns=a, finish_ns=b) for a, b in pairwise(ends))
        if rest and stretch.activity is Activity.QUEUE and first not in known:
            first = replace(first, worker=-1)  # in an accept queue, of no worker as yet
        pieces.update([first, *rest])
    return pieces


@FEW
@given(*RUNS)
def test_each_stretch_begins_and_ends_once_and_no_other_does(workload, server, given):
    trace = simulate(workload, server, given, timeline=None, engine="simpy")
    events = everything(trace)
    assert [e.at_ns for e in events] == sorted(e.at_ns for e in events)
    assert cut(trace, (s for e in events for s in e.started)) == Counter(stretches(trace))
    assert cut(trace, (s for e in events for s in e.ended)) == Counter(stretches(trace))
    assert all(s.start_ns == e.at_ns for e in events for s in e.started)
    assert all(s.finish_ns == e.at_ns for e in events for s in e.ended)


@FEW
@given(*RUNS)
def test_each_attempt_arrives_and_ends_once_when_the_trace_has_it(workload, server, given):
    trace = simulate(workload, server, given, timeline=None, engine="simpy")
    events = everything(trace)
    keys = list(zip(trace.request.tolist(), trace.attempt.tolist(), strict=True))
    arrivals = {(e.request, e.attempt): e.at_ns for e in events if e.arrives}
    assert arrivals == dict(zip(keys, trace.arrival_ns.tolist(), strict=True))
    ends = {(e.request, e.attempt): (e.at_ns, e.status) for e in events if e.status is not None}
    rows = zip(keys, trace.finish_ns.tolist(), trace.status.tolist(), strict=True)
    assert ends == {key: (at, Status(status)) for key, at, status in rows if at != MISSING}


SAID = {
    "computes (": Activity.CPU,
    "starts I/O (": Activity.IO,
    "waits in the queue": Activity.QUEUE,
    "waits for the CPU": Activity.CPU_WAIT,
    "still waits for it": Activity.CPU_WAIT,  # of which it was just said how long it was
}
MEANWHILE = re.compile(r"\((?:\d+ at once, )?(?=requests? \d)([^()]*)\)")


@FEW
@given(*RUNS)
def test_a_sentence_says_what_begins_and_no_more(workload, server, given):
    trace = simulate(workload, server, given, timeline=None, engine="simpy")
    for event in everything(trace):
        own = MEANWHILE.sub("", event.text)
        started = {stretch.activity for stretch in event.started}
        assert {a for words, a in SAID.items() if words in own} == started - {Activity.IO_WAIT}
        assert "a thread or process" not in own or any(step.where for step in workload.steps)
        assert own.startswith(f"request {event.request}")
        assert ("arrives" in own or "is sent again" in own) == event.arrives
        assert ("is answered" in own) == (event.status is Status.COMPLETED)


@FEW
@given(*RUNS)
def test_who_is_said_to_compute_or_to_have_a_slot_meanwhile_does(workload, server, given):
    trace = simulate(workload, server, given, timeline=None, engine="simpy")
    found = stretches(trace)
    visits = trace.visits
    for event in everything(trace):
        now = event.at_ns
        doing = {
            activity: {
                s.request
                for s in found
                if s.activity is activity and s.start_ns <= now < s.finish_ns
            }
            for activity in Activity
        }
        held = (visits.granted_ns != MISSING) & (visits.granted_ns <= now)
        held &= (visits.released_ns == MISSING) | (visits.released_ns > now)
        holders = set(trace.request[visits.row[held]].tolist())
        for said in MEANWHILE.findall(event.text):
            for clause in re.split(r", (?=request)", said):
                numbers = {int(n) for n in re.findall(r"\d+(?! more)", clause)}
                if "compute" in clause:
                    assert numbers <= doing[Activity.CPU]
                elif "for I/O" in clause:
                    assert numbers <= doing[Activity.IO]
                else:
                    assert "ha" in clause
                    assert numbers <= holders


@FEW
@given(*RUNS, st.integers(0, 12), st.integers(0, 12))
def test_a_window_has_the_same_events_as_the_whole(workload, server, given, start, length):
    def simulated(**options: object) -> Trace:
        return simulate(workload, server, given, engine="simpy", **options)

    start_ns, finish_ns = start * MS, (start + length) * MS
    whole = everything(simulated(timeline=None))
    part = with_those_between(simulated, start_ns, finish_ns, work_of(workload))
    found = log(part, start_ns, finish_ns)
    assert found == tuple(e for e in whole if start_ns <= e.at_ns <= finish_ns)


def work_of(workload: Workload | ClosedWorkload) -> Work:
    block = workload if isinstance(workload, Workload) else workload.block(0)
    kinds = {step.kind for step in block.steps}
    return Work(StepKind.RESPOND in kinds, kinds == {StepKind.CPU})


@FEW
@given(*RUNS, st.integers(0, 12), st.sets(st.integers(1, 9)))
def test_a_window_goes_as_far_as_all_that_are_there_are_known(
    workload, server, given, start, stored
):
    def simulated(**options: object) -> Trace:
        return simulate(workload, server, given, engine="simpy", **options)

    start_ns = start * MS
    part = simulated(timeline=0, also=frozenset(stored))
    until = complete_until([part], start_ns, work_of(workload))
    finish_ns = part.end_ns if until is None else until - 1
    whole = everything(simulated(timeline=None))
    found = log(part, start_ns, finish_ns)
    assert found == tuple(e for e in whole if start_ns <= e.at_ns <= finish_ns)


def test_what_goes_on_after_an_answer_at_once_is_missed_where_it_is_not_stored():
    for behind in (cpu(1), io(1)):
        requests = workload([(2, cpu(0) + respond() + behind)])
        trace = simulate(requests, SerialServer(model="serial"), timeline=0, engine="simpy")
        assert complete_until([trace], 0, work_of(requests)) == 2 * MS
