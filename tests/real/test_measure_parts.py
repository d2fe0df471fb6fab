"""The parts of a measurement: burning, pools, the walk through a program, and the trace."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from simsched.engine.trace import MISSING, Activity, Status
from simsched.experiment.consistency import check_segments, check_trace
from simsched.real import burning
from simsched.real.client import DISPATCH, Client, Sent
from simsched.real.jobs import Job, Record, Stretch, Visit
from simsched.real.noise import Noise, probe
from simsched.real.pools import Pool
from simsched.real.serving import follow
from simsched.real.traces import MOMENT_NS, Run, trace_of
from simsched.real.walking import Equipment, Sleep, Take, Together, serve
from simsched.scenario import load
from simsched.workload import Resource, Step, StepKind, draw

MS = 1_000_000
CPU, IO, ON_DB, HOLD, GIVE, RESPOND, FORK, BRANCH, HURRY = range(9)
STEPS = [
    Step(StepKind.CPU),
    Step(StepKind.IO),
    Step(StepKind.IO, resource=0),
    Step(StepKind.ACQUIRE, resource=0),
    Step(StepKind.RELEASE, resource=0),
    Step(StepKind.RESPOND),
    Step(StepKind.FORK),
    Step(StepKind.BRANCH),
    Step(StepKind.IO, resource=0, timeout_ns=5 * MS, goes_on=True),
]


def equipment(*, capacity=1, sequential=False, sleeps=False, patience=None):
    resource = Resource("db", capacity, patience_ns=patience)
    pool = Pool(capacity)
    return Equipment(STEPS, [(resource, pool)], burning.calibrated(), sequential, sleeps), pool


def job(*rows, fails=()):
    """A request whose program is *rows*: pairs of a step and its operand."""
    answers = []
    program = [(step, operand, at in fails) for at, (step, operand) in enumerate(rows)]
    found = Job(1, time.monotonic_ns(), program, kept=True, send=answers.append)
    return found, answers


def test_burning_takes_the_cpu_time_that_it_should_whatever_else_happens():
    turns = burning.calibrated()
    before = time.thread_time_ns()
    spent, stretches = burning.burn(5 * MS, turns)
    whole = time.thread_time_ns() - before
    assert 5 * MS - burning.CHUNK_NS <= spent <= whole
    assert all(began <= ended for began, ended in stretches)
    assert sum(ended - began for began, ended in stretches) >= spent * 0.5


def test_nothing_is_burned_for_a_phase_of_no_length():
    spent, stretches = burning.burn(0, turns=1_000_000_000)
    assert (spent, len(stretches)) == (0, 1)


@pytest.mark.parametrize(("lifo", "order"), [(False, [1, 2, 3]), (True, [3, 2, 1])])
def test_a_slot_goes_to_who_waited_longest_or_shortest(lifo, order):
    pool, woken = Pool(1, lifo=lifo), []
    assert pool.take(lambda: woken.append(0))
    for number in (1, 2, 3):
        assert not pool.take(lambda number=number: woken.append(number))
    for _ in range(4):
        pool.give_back()
    assert woken == order
    assert pool.take(lambda: None), "the slot is free again"


def test_who_leaves_the_line_is_not_woken():
    pool, woken = Pool(1), []
    pool.take(print)
    first, second = (lambda: woken.append(1)), (lambda: woken.append(2))
    pool.take(first)
    pool.take(second)
    assert pool.leave(first)
    pool.give_back()
    assert woken == [2]
    assert not pool.leave(second), "it has a slot by now"


def test_a_walk_yields_what_it_waits_for_and_answers_at_the_end():
    worker, pool = equipment()
    request, answers = job((CPU, MS), (IO, 2 * MS), (ON_DB, 3 * MS))
    walk = serve(request, worker)
    assert next(walk) == Sleep(2 * MS)
    assert walk.send(True) == Take(pool, None)
    pool.take(print)
    assert walk.send(True) == Sleep(3 * MS)
    with pytest.raises(StopIteration):
        walk.send(True)
    assert answers == [Status.COMPLETED]
    found = request.record(worker=0)
    assert [visit.resource for visit in found.visits] == [0]
    assert found.spent[Activity.CPU] >= MS - burning.CHUNK_NS


def test_all_io_of_a_worker_that_sleeps_is_waited_for_at_once():
    worker, _ = equipment(sleeps=True)
    request, answers = job((IO, 2 * MS), (CPU, 0), (IO, 3 * MS))
    began = time.monotonic_ns()
    assert list(serve(request, worker)) == []
    assert time.monotonic_ns() - began >= 5 * MS
    assert answers == [Status.COMPLETED]
    assert request.record(0).spent[Activity.IO] == 5 * MS, "what is late is not I/O"


def test_branches_are_walks_of_their_own_or_follow_one_another():
    rows = ((FORK, 2), (BRANCH, 1), (IO, MS), (BRANCH, 2), (IO, 2 * MS), (IO, 3 * MS), (IO, 4 * MS))
    request, _ = job(*rows)
    walk = serve(request, equipment()[0])
    together = next(walk)
    assert isinstance(together, Together)
    assert [[*each] for each in together.walks] == [
        [Sleep(MS)],
        [Sleep(2 * MS), Sleep(3 * MS)],
    ]
    assert walk.send(True) == Sleep(4 * MS)
    assert request.concurrent
    request, _ = job(*rows)
    one_by_one = [each.duration_ns // MS for each in serve(request, equipment(sequential=True)[0])]
    assert one_by_one == [1, 2, 3, 4]
    assert not request.concurrent


def test_what_is_done_after_the_answer_counts_as_late():
    request, answers = job((CPU, MS), (RESPOND, 0), (CPU, 2 * MS))
    assert list(serve(request, equipment()[0])) == []
    found = request.record(0)
    assert answers == [Status.COMPLETED]
    assert found.late_cpu >= 2 * MS - burning.CHUNK_NS
    assert found.late_until is not None
    assert found.late_until >= request.answered


def test_a_request_that_fails_gives_back_its_slots_and_does_no_more():
    worker, pool = equipment()
    request, answers = job((HOLD, 0), (IO, MS), (IO, 2 * MS), (GIVE, 0), fails={1})
    walk = serve(request, worker)
    assert next(walk) == Take(pool, None)
    pool.take(print)
    assert walk.send(True) == Sleep(MS)
    with pytest.raises(StopIteration):
        walk.send(True)
    assert answers == [Status.FAILED]
    assert pool.take(print), "the slot is free again"


def test_who_waits_for_a_slot_for_too_long_fails():
    worker, pool = equipment(patience=7 * MS)
    request, answers = job((HOLD, 0), (IO, MS), (GIVE, 0))
    walk = serve(request, worker)
    assert next(walk) == Take(pool, 7 * MS)
    with pytest.raises(StopIteration):
        walk.send(False)
    assert answers == [Status.FAILED]
    (visit,) = request.record(0).visits
    assert visit.granted is None
    assert visit.released >= visit.asked


def test_io_that_is_given_up_may_let_its_request_go_on():
    worker, pool = equipment()
    request, answers = job((HURRY, 20 * MS), (IO, MS))
    walk = serve(request, worker)
    assert next(walk) == Take(pool, 5 * MS)
    assert walk.send(False) == Sleep(MS), "it got no slot in time"
    request, answers = job((HURRY, 20 * MS), (IO, MS))
    walk = serve(request, worker)
    next(walk)
    pool.take(print)
    given_up = walk.send(True)
    assert given_up.duration_ns <= 5 * MS, "it got a slot, and did not end in time"
    assert walk.send(True) == Sleep(MS)
    with pytest.raises(StopIteration):
        walk.send(True)
    assert answers == [Status.COMPLETED]


def test_threads_wait_for_slots_and_for_branches():
    worker, pool = equipment(sleeps=True)
    pool.take(print)
    request, answers = job((FORK, 2), (BRANCH, 1), (ON_DB, MS), (BRANCH, 1), (ON_DB, MS))
    served = threading.Thread(target=follow, args=(serve(request, worker),))
    served.start()
    pool.give_back()
    served.join()
    assert answers == [Status.COMPLETED]
    first, second = sorted(request.record(0).visits, key=lambda visit: visit.granted)
    assert first.released <= second.granted, "there is one slot"


def test_a_thread_waits_no_longer_than_it_may():
    worker, pool = equipment(sleeps=True, patience=MS)
    pool.take(print)
    request, answers = job((HOLD, 0))
    follow(serve(request, worker))
    assert answers == [Status.FAILED]


SCENARIO = {
    "name": "small",
    "requests": {"page": [{"cpu": "1ms", "label": "code"}, {"io": "2ms", "on": "db"}]},
    "resources": {"db": {"capacity": 1}},
    "workload": {"schedule": [{"at": "0ms", "request": "page"}, {"at": "1ms", "request": "page"}]},
    "servers": {"s": {"model": "threaded", "workers": 2, "dispatch": "round_robin"}},
}


def run_of(records, *sent, end=100):
    """A run from 1000 to 1000 + *end*; *sent* are pairs of an arrival and a finish."""
    scenario = load(SCENARIO)
    workload = draw(scenario, 1)
    requests = [
        Sent(
            number,
            workload,
            0,
            1000 + arrival,
            finish=None if finish is None else 1000 + finish,
            status=Status.UNFINISHED if finish is None else Status.COMPLETED,
        )
        for number, (arrival, finish) in enumerate(sent, start=1)
    ]
    return Run(scenario.servers["s"], workload, 1000, 1000 + end, requests, records)


RECORD = Record(1, 0, 1010, (0, 20, 0, 30, 5), 0, None, 0, False, (), ())


def test_what_no_activity_accounts_for_was_waiting():
    trace = trace_of(run_of([RECORD], (0, 80)))
    check_trace(trace)
    parts = (trace.queue_ns, trace.cpu_ns, trace.cpu_wait_ns, trace.io_ns, trace.io_wait_ns)
    assert [int(part[0]) for part in parts] == [10, 20, 15, 30, 5]


def test_requests_are_numbered_in_order_of_arrival():
    later = RECORD._replace(number=2, worker=1, start=1020)
    trace = trace_of(run_of([RECORD, later], (5, 90), (3, 95)))
    check_trace(trace)
    assert trace.arrival_ns.tolist() == [3, 5]
    assert trace.worker.tolist() == [1, 0]
    assert trace.request.tolist() == [1, 2]


def test_what_came_after_the_end_did_not_happen():
    late = RECORD._replace(number=2, start=1105)
    trace = trace_of(run_of([RECORD, late], (0, 101), (50, 120), (101, None)))
    check_trace(trace)
    assert [Status(each) for each in trace.status] == [Status.UNFINISHED] * 2
    assert trace.finish_ns.tolist() == [MISSING, MISSING]
    assert trace.start_ns.tolist() == [10, MISSING]


def test_a_request_that_was_refused_spent_its_time_in_the_queue():
    run = run_of([], (0, 20))
    run.sent[0].status = Status.REFUSED
    trace = trace_of(run)
    check_trace(trace)
    assert (trace.queue_ns.tolist(), trace.worker.tolist()) == ([20], [-1])


def test_the_times_of_branches_add_up_to_more():
    both = RECORD._replace(spent=(0, 40, 30, 60, 0), concurrent=True)
    trace = trace_of(run_of([both], (0, 80)))
    check_trace(trace)
    assert trace.concurrent
    assert (trace.io_ns.tolist(), trace.cpu_wait_ns.tolist()) == ([60], [30])


def test_work_after_the_answer_ends_with_the_run():
    late = RECORD._replace(late_cpu=7, late_until=1300)
    trace = trace_of(run_of([late], (0, 80)))
    check_trace(trace)
    assert trace.late_cpu_ns.tolist() == [7]
    assert trace.late_until_ns.tolist() == [100]


def test_visits_and_timelines_are_cut_at_the_end():
    visits = (Visit(0, 1030, 1035, 1060), Visit(0, 1070, 1110, 1120), Visit(0, 1101, None, None))
    stretches = (Stretch(Activity.CPU, 1010, 1030, 0), Stretch(Activity.IO, 1090, 1120, 1))
    record = RECORD._replace(visits=visits, stretches=stretches)
    trace = trace_of(run_of([record], (0, None)))
    check_trace(trace)
    check_segments(trace)
    assert trace.visits.asked_ns.tolist() == [30, 70]
    assert trace.visits.granted_ns.tolist() == [35, MISSING]
    assert trace.visits.released_ns.tolist() == [60, MISSING]
    assert trace.segments.start_ns.tolist() == [0, 90], "ten nanoseconds in the queue are none"
    assert trace.segments.finish_ns.tolist() == [30, 100]
    assert trace.segments.label == ("code", "")


def test_a_timeline_leaves_out_waits_of_a_moment_and_no_others():
    long = 2 * MOMENT_NS
    activities = (Activity.CPU_WAIT, Activity.CPU, Activity.CPU_WAIT, Activity.IO)
    lengths = (1, 5, 7, 9)
    moments = np.cumsum([1010, *lengths]).tolist()
    stretches = [*map(Stretch, activities, moments[:-1], moments[1:])]
    late = Stretch(Activity.CPU_WAIT, moments[-1], moments[-1] + long)
    record = RECORD._replace(stretches=(*stretches, late))
    shown = trace_of(run_of([record], (0, None), end=3 * long)).segments
    found = [Activity(each) for each in shown.activity]
    assert found == [Activity.CPU, Activity.IO, Activity.CPU_WAIT]
    assert shown.start_ns.tolist() == [0, 23, 32]
    assert shown.finish_ns.tolist() == [23, 32, 32 + long]


@pytest.mark.parametrize(
    ("dispatch", "chosen"), [("round_robin", [0, 1, 0]), ("least_busy", [1, 1, 1])]
)
def test_the_client_sends_a_request_to_whom_the_dispatch_says(dispatch, chosen):
    workload = draw(load(SCENARIO), 1)
    sent = [Sent(number, workload, 0, 0) for number in (1, 2, 3)]
    assert [DISPATCH[dispatch](each, [2, 0]) for each in sent] == chosen


def test_a_worker_is_chosen_by_the_draw_that_a_simulation_has():
    workload = replace(draw(load(SCENARIO), 1), dispatch=np.array([0.2, 0.9]))
    sent = [Sent(1, workload, index, 0) for index in (0, 1)]
    assert [DISPATCH["random"](each, [0, 0]) for each in sent] == [0, 1]


def test_what_was_due_and_not_sent_has_arrived_all_the_same():
    workload = draw(load(SCENARIO), 1)
    client = Client(["nowhere"], "shared", refuses=False)
    client.note_due(workload, start=1000, end=1000 + 2 * MS)
    assert [each.arrival for each in client.sent] == [1000, 1000 + MS]
    client.note_due(workload, start=1000, end=1000 + 2 * MS)
    assert len(client.sent) == 2, "each of them once"
    assert {each.status for each in client.sent} == {Status.UNFINISHED}


def test_a_request_carries_which_of_its_steps_fail():
    workload = draw(load(SCENARIO), 1)
    fails = np.array([[False, True, False, False]])
    assert Sent(1, replace(workload, fails=fails), 0, 0).program() == [
        (0, MS, False),
        (1, 2 * MS, True),
    ]


def test_the_probe_measures_sleeps_and_computing():
    found = probe()
    assert 0 <= found.late_s <= found.late_p95_s
    assert found.stretch <= found.stretch_p95


QUIET = Noise(late_s=1e-4, late_p95_s=2e-4, stretch=0.001, stretch_p95=0.01)


@pytest.mark.parametrize(
    ("found", "noisy"),
    [
        ({}, False),
        ({"late_p95_s": 2e-3}, True),
        ({"stretch_p95": 0.3}, True),
        ({"stolen": 0.1}, True),
        ({"client_late_s": 0.01}, True),
    ],
)
def test_a_machine_is_noisy_where_that_shows(found, noisy):
    assert replace(QUIET, **found).is_noisy is noisy
