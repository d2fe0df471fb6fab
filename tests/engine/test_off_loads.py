"""Loops that have work done in threads and processes; exact schedules."""

from __future__ import annotations

import pytest
from schedules import cooperative, finishes, ms, run, serial, statuses, threaded
from workloads import MS, cpu, hold, io, off, parallel, respond

from simsched.engine.conditions import Conditions, Outage
from simsched.scenario.model.client import Client

LONG = off("thread", cpu(50))


def test_a_loop_waits_for_the_switch_interval_each_time_it_has_something_to_run() -> None:
    assert finishes(cooperative(), (0, LONG), (10, cpu(1))) == [51, 16]
    page = cpu(1) + io(2) + cpu(1)
    trace = run(cooperative(), (0, LONG), (10, page))
    assert ms(trace.finish_ns) == [52, 24]
    assert ms(trace.cpu_wait_ns) == [2, 10]
    assert finishes(cooperative(switch_interval="1ms"), (0, LONG), (10, page)) == [52, 16]


def test_without_the_lock_or_in_a_process_the_loop_does_not_wait() -> None:
    free = cooperative(interpreter_lock=False, cores=2)
    assert finishes(free, (0, LONG), (10, cpu(1))) == [50, 11]
    apart = cooperative(process_pool=1)
    assert finishes(apart, (0, off("process", cpu(50))), (10, cpu(1))) == [50, 11]


def test_without_the_lock_a_thread_and_its_loop_share_the_cores_in_slices() -> None:
    free = cooperative(interpreter_lock=False, time_slice="2ms")
    assert finishes(free, (0, off("thread", cpu(5))), (1, cpu(3))) == [8, 7]


def test_the_loop_runs_others_while_a_thread_blocks() -> None:
    blocked = off("thread", io(9))
    assert finishes(cooperative(), (0, blocked + cpu(1)), (1, cpu(1))) == [10, 2]


def test_who_finds_no_thread_free_waits_for_one_in_line() -> None:
    trace = run(cooperative(thread_pool=2), *[(0, off("thread", io(10)))] * 5)
    assert ms(trace.finish_ns) == [10, 10, 20, 20, 30]
    assert ms(trace.io_wait_ns) == [0, 0, 10, 10, 20]
    assert len(trace.visits) == 0


def test_each_worker_has_threads_of_its_own() -> None:
    server = cooperative(workers=2, dispatch="round_robin", thread_pool=1)
    assert finishes(server, *[(0, off("thread", io(10)))] * 4) == [10, 10, 20, 20]


def test_a_thread_does_all_phases_one_after_another() -> None:
    handler = off("thread", cpu(1), io(3), cpu(1))
    assert finishes(cooperative(), (0, handler), (0, handler)) == [5, 6]
    fan = off("thread", parallel(io(3), io(5)), cpu(1))
    assert finishes(cooperative(), (0, fan)) == [6]


def test_overheads_are_the_loops_alone() -> None:
    server = cooperative(overhead={"request": "2ms", "switch": "1ms"})
    trace = run(server, (0, cpu(1) + off("thread", cpu(4)) + cpu(1)))
    assert ms(trace.finish_ns) == [9]
    assert ms(trace.cpu_ns) == [9]


@pytest.mark.parametrize("server", [serial(), threaded(), threaded(parallel="concurrent")])
def test_a_server_without_loops_does_it_as_any_other_phase(server: object) -> None:
    assert finishes(server, (0, cpu(1) + off("thread", cpu(4), io(2)) + cpu(1))) == [8]


def test_a_sequential_loop_off_loads_too() -> None:
    server = cooperative(parallel="sequential")
    assert finishes(server, (0, off("thread", io(9))), (1, cpu(1))) == [9, 2]


def test_what_is_off_loaded_fails_with_its_worker_and_frees_its_thread() -> None:
    outage = Conditions(outages=(Outage(0, 4 * MS, 6 * MS),))
    requests = [(0, off("thread", cpu(9))), (1, off("thread", io(9))), (7, off("thread", io(1)))]
    trace = run(cooperative(thread_pool=1), *requests, conditions=outage)
    assert statuses(trace) == ["cancelled", "cancelled", "completed"]
    assert ms(trace.finish_ns) == [4, 4, 8]


def test_a_thread_ends_its_phase_for_a_client_that_left() -> None:
    left = Conditions(client=Client(timeout="3ms"))
    server = cooperative(thread_pool=1, cancel_abandoned=True)
    requests = [(0, off("thread", io(5), cpu(9))), (4, off("thread", io(1)))]
    trace = run(server, *requests, conditions=left)
    assert statuses(trace) == ["timed_out", "completed"]
    assert ms(trace.finish_ns) == [3, 6]


def test_a_thread_may_answer_and_go_on() -> None:
    trace = run(cooperative(thread_pool=1), (0, off("thread", io(1), respond(), io(5))))
    assert ms(trace.finish_ns) == [1]


def test_threads_that_wait_for_each_other_are_a_deadlock() -> None:
    requests = [(0, hold("db", io(1), off("thread", io(1)))), (0, off("thread", hold("db", io(1))))]
    trace = run(cooperative(thread_pool=1), *requests, capacity={"db": 1}, end=9)
    assert trace.deadlock is not None
    assert [str(wait) for wait in trace.deadlock.waits] == [
        "request 1 holds db and waits for threads",
        "request 2 holds threads and waits for db",
    ]
