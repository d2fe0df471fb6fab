"""Exact schedules that end in a deadlock, or nearly do, worked out by hand, in ms."""

from __future__ import annotations

from schedules import cooperative, run, serial, statuses, threaded
from workloads import MS, cpu, hold, io

from simsched.scenario.model.overhead import Overhead


def test_a_deadlock_ends_the_run_and_is_told() -> None:
    program = hold("a", io(1), hold("b", io(1)))
    reverse = hold("b", io(1), hold("a", io(1)))
    trace = run(cooperative(), (0, program), (0, reverse), capacity={"a": 1, "b": 1})
    assert statuses(trace) == ["unfinished", "unfinished"]
    assert trace.deadlock is not None
    assert trace.deadlock.stuck == 2
    assert [str(wait) for wait in trace.deadlock.waits] == [
        "request 1 holds a and waits for b",
        "request 2 holds b and waits for a",
    ]


def test_a_thread_that_waits_for_a_connection_held_by_one_that_waits_for_a_thread_is_stuck() -> (
    None
):
    need_both = hold("connections", hold("threads", io(1)))
    the_other_way = hold("threads", io(1), hold("connections", io(1)))
    capacity = {"connections": 1, "threads": 1}
    trace = run(threaded(threads=2), (0, the_other_way), (0, need_both), capacity=capacity)
    assert trace.deadlock is not None
    assert [str(wait) for wait in trace.deadlock.waits] == [
        "request 1 holds a thread and threads and waits for connections",
        "request 2 holds a thread and connections and waits for threads",
    ]


def test_requests_behind_a_deadlock_are_stuck_too() -> None:
    program = hold("a", io(1), hold("a", io(1)))
    trace = run(serial(), (0, program), (1, cpu(1)), capacity={"a": 1})
    assert trace.deadlock is not None
    assert trace.deadlock.stuck == 2
    assert [str(wait) for wait in trace.deadlock.waits] == [
        "request 1 holds a worker and a and waits for a",
        "request 2 holds nothing and waits for a worker",
    ]


def test_who_merely_waits_when_the_run_ends_is_not_stuck() -> None:
    trace = run(serial(), (0, hold("a", io(9))), (1, cpu(1)), capacity={"a": 1}, end=5)
    assert statuses(trace) == ["unfinished", "unfinished"]
    assert trace.deadlock is None


def test_who_has_a_loop_and_waits_for_a_core_when_the_run_ends_is_not_stuck() -> None:
    requests = [(0, hold("a", cpu(9))), (0, hold("a", cpu(9)))]
    server = cooperative(workers=2, cores=1, dispatch="round_robin")
    for capacity in (1, 2):
        assert run(server, *requests, capacity={"a": capacity}, end=2).deadlock is None


def test_those_who_would_start_if_the_stuck_ended_are_stuck_too() -> None:
    program = hold("a", io(1), hold("a", io(1)))
    trace = run(cooperative(max_in_flight=1), (0, program), (1, cpu(1)), capacity={"a": 1}, end=9)
    assert trace.deadlock is not None
    assert trace.deadlock.stuck == 2


def test_a_deadlock_is_found_beside_others_who_go_on() -> None:
    program = hold("a", io(1), hold("b", io(1)))
    reverse = hold("b", io(1), hold("a", io(1)))
    requests = [(0, program), (0, reverse), (2, io(90))]
    trace = run(cooperative(), *requests, capacity={"a": 1, "b": 1}, end=50)
    assert trace.deadlock is not None
    assert trace.deadlock.stuck == 2


def test_an_overhead_of_a_preempted_burst_is_told_once() -> None:
    server = serial(workers=2, cores=1, overhead=Overhead(request="2ms"))
    segments = run(server, (0, cpu(3)), (0, cpu(3))).segments
    told = [
        (request, label, start / MS, finish / MS)
        for request, label, start, finish in zip(
            segments.request.tolist(),
            segments.label,
            segments.start_ns.tolist(),
            segments.finish_ns.tolist(),
            strict=True,
        )
        if label
    ]
    assert told == [
        (1, "overhead", 0, 2),
        (1, "computing", 2, 3),
        (1, "computing", 6, 8),
        (2, "overhead", 3, 5),
        (2, "computing", 5, 6),
        (2, "computing", 8, 10),
    ]
