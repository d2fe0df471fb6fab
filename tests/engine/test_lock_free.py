"""Phases that need no interpreter lock for a part; exact schedules."""

from __future__ import annotations

import pytest
from schedules import cooperative, finishes, ms, run, serial, statuses, threaded
from workloads import MS, cpu, io, off, parallel, respond

from simsched.engine.conditions import Conditions, Outage
from simsched.scenario.model.client import Client
from simsched.scenario.model.servers import Server

SORTS = cpu(10, lock_free=0.6)
"""It computes for 4 ms with the lock, and for 6 ms without it."""


def test_while_one_computes_without_the_lock_another_has_it() -> None:
    trace = run(threaded(cores=2), (0, SORTS), (0, SORTS))
    assert ms(trace.finish_ns) == [10, 14]
    assert ms(trace.cpu_ns) == [10, 10]
    assert ms(trace.cpu_wait_ns) == [0, 4]


def test_without_a_lock_it_still_needs_a_core() -> None:
    assert finishes(threaded(cores=1), (0, SORTS), (0, SORTS)) == [14, 20]


def test_all_of_a_phase_may_be_without_the_lock() -> None:
    assert finishes(threaded(cores=3), *[(0, cpu(9, lock_free=1.0))] * 3) == [9, 9, 9]


def test_a_phase_without_the_lock_may_follow_the_answer() -> None:
    assert ms(run(threaded(), (0, respond() + cpu(9, lock_free=1.0))).late_until_ns) == [9]


def test_who_computes_without_the_lock_is_not_interrupted_for_it() -> None:
    trace = run(threaded(cores=2, switch_interval="1ms"), (0, cpu(8, lock_free=1.0)), (1, cpu(9)))
    assert ms(trace.finish_ns) == [8, 10]


def test_a_phase_behind_it_waits_for_the_lock_again() -> None:
    trace = run(threaded(cores=2), (0, cpu(6, lock_free=0.5) + cpu(2)), (0, cpu(5)))
    assert ms(trace.finish_ns) == [10, 8]
    assert ms(trace.cpu_wait_ns) == [2, 3]


def test_the_lock_returns_at_the_cost_of_a_switch() -> None:
    server = threaded(cores=2, overhead={"request": "1ms", "switch": "2ms"})
    assert finishes(server, (0, SORTS + cpu(1) + io(5) + cpu(1))) == [22]
    assert finishes(server, (0, cpu(3, lock_free=1.0))) == [4]


def test_it_is_one_burst_in_the_timeline() -> None:
    trace = run(threaded(cores=2), (0, cpu(3) + SORTS), (0, cpu(5)))
    mine = trace.segments.request == 1
    assert ms(trace.segments.start_ns[mine]) == [0, 3, 5, 10]
    assert ms(trace.segments.finish_ns[mine]) == [3, 5, 10, 18]


def test_a_thread_of_a_loop_lets_go_of_the_lock_too() -> None:
    long = off("thread", cpu(50, lock_free=0.8))
    assert finishes(cooperative(cores=2), (0, long), (12, cpu(3))) == [50, 15]
    assert finishes(cooperative(cores=2), (0, long), (2, cpu(3))) == [53, 10]
    apart = cooperative(process_pool=1)
    assert finishes(apart, (0, off("process", cpu(50, lock_free=0.8))), (2, cpu(3))) == [50, 5]


def test_a_loop_that_computes_without_the_lock_is_kept_all_the_same() -> None:
    requests = [(0, off("thread", cpu(8))), (0, SORTS), (1, cpu(1))]
    assert finishes(cooperative(cores=2), *requests) == [12, 15, 16]


@pytest.mark.parametrize(
    "server",
    [serial(), cooperative(), threaded(interpreter_lock=False, cores=2, threads=1)],
)
def test_where_nobody_wants_a_lock_it_changes_nothing(server: Server) -> None:
    assert finishes(server, (0, SORTS + cpu(2)), (1, SORTS)) == [12, 22]


def test_branches_that_are_done_one_after_another_are_one_burst() -> None:
    fan = parallel(cpu(4, lock_free=0.5), cpu(2)) + cpu(1)
    assert finishes(threaded(cores=2), (0, fan)) == [7]
    assert finishes(threaded(cores=2, parallel="concurrent"), (0, fan)) == [5]


def test_a_slow_worker_takes_longer_for_both_parts() -> None:
    server = threaded(workers=[{"speed": 0.5}], cores=2)
    assert finishes(server, (0, SORTS), (0, SORTS)) == [25, 28]


def test_a_phase_under_way_is_ended_for_a_client_that_left() -> None:
    left = Conditions(client=Client(timeout="3ms"))
    server = threaded(cores=2, threads=1, cancel_abandoned=True)
    trace = run(server, (0, SORTS + cpu(7)), (8, cpu(1)), conditions=left)
    assert statuses(trace) == ["timed_out", "completed"]
    assert ms(trace.finish_ns) == [3, 11]


@pytest.mark.parametrize("down", [3, 4, 7, 10])
def test_both_parts_fail_with_their_worker(down: int) -> None:
    outage = Conditions(outages=(Outage(0, down * MS, 12 * MS),))
    trace = run(threaded(cores=2), (0, SORTS + cpu(2)), (13, cpu(1)), conditions=outage)
    assert statuses(trace) == ["cancelled", "completed"]
    assert ms(trace.finish_ns) == [down, 14]
