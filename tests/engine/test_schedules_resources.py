"""Exact schedules of resources and fan-outs, worked out by hand, in ms."""

from __future__ import annotations

import pytest
from schedules import cooperative, finishes, ms, run, serial, threaded
from workloads import MS, cpu, hold, io, parallel

from simsched.engine.conditions import Conditions, Slowdown

# Resources


def test_io_on_a_resource_waits_for_a_slot_first_come_first_served() -> None:
    requests = [(0, io(10, "db")), (1, io(10, "db")), (2, io(3, "db")), (3, io(3, "db"))]
    trace = run(cooperative(), *requests, capacity={"db": 2})
    assert ms(trace.finish_ns) == [10, 11, 13, 14]
    assert ms(trace.io_wait_ns) == [0, 0, 8, 8]
    assert ms(trace.io_ns) == [10, 10, 3, 3]


def test_waiting_for_a_slot_does_not_keep_a_loop() -> None:
    trace = run(cooperative(), (0, io(10, "db")), (1, io(5, "db")), (2, cpu(4)), capacity={"db": 1})
    assert ms(trace.finish_ns) == [10, 15, 6]


def test_blocking_io_keeps_the_loop_while_it_waits_for_a_slot_and_while_it_lasts() -> None:
    trace = run(
        cooperative(),
        (0, io(10, "db")),
        (1, io(5, "db", blocking=True) + cpu(1)),
        (2, cpu(4)),
        capacity={"db": 1},
    )
    assert ms(trace.finish_ns) == [10, 16, 20]


def test_a_held_slot_is_kept_through_computing_and_io() -> None:
    requests = [(0, hold("db", io(5), cpu(5), io(5)) + cpu(2)), (1, hold("db", io(1)) + cpu(1))]
    trace = run(cooperative(), *requests, capacity={"db": 1})
    # released at 15; the second has its slot then, but the loop only at 17
    assert ms(trace.finish_ns) == [17, 19]
    assert ms(trace.io_wait_ns) == [0, 14]
    assert ms(trace.cpu_wait_ns) == [0, 2]


def test_a_worker_waits_with_the_request_that_waits_for_a_slot() -> None:
    requests = [(0, hold("db", io(5))), (1, hold("db", io(5))), (2, cpu(1))]
    trace = run(serial(workers=2), *requests, capacity={"db": 1})
    assert ms(trace.finish_ns) == [5, 10, 6]


def test_a_slower_resource_takes_a_factor_longer_for_the_part_inside_the_window() -> None:
    slower = Conditions(slowdowns=(Slowdown("db", 4 * MS, 10 * MS, 3.0),))
    requests = [(0, io(5, "db")), (5, io(1, "db")), (8, io(5, "db"))]
    trace = run(cooperative(), *requests, capacity={"db": 9}, conditions=slower)
    assert ms(trace.finish_ns) == [4 + 3, 5 + 3, pytest.approx(10 + 5 - 2 / 3, abs=1e-5)]


def test_a_stopped_resource_goes_on_where_it_stopped() -> None:
    stopped = Conditions(slowdowns=(Slowdown("db", 4 * MS, 10 * MS, float("inf")),))
    trace = run(
        cooperative(), (0, io(5, "db")), (7, io(2, "db")), capacity={"db": 9}, conditions=stopped
    )
    assert ms(trace.finish_ns) == [11, 12]


# Fan-out


FAN_OUT = cpu(1) + parallel(io(5) + cpu(1), cpu(2) + io(4), io(1)) + cpu(1)


def test_branches_are_concurrent_on_a_loop() -> None:
    # forked at 1: A starts io (6), B computes 1-3, io to 7, C starts io at 3 (4); A computes 6-7
    assert finishes(cooperative(), (0, FAN_OUT)) == [8]


def test_branches_are_done_one_after_another_by_a_worker() -> None:
    assert finishes(serial(), (0, FAN_OUT)) == [1 + 6 + 6 + 1 + 1]
    assert finishes(threaded(), (0, FAN_OUT)) == [1 + 6 + 6 + 1 + 1]


def test_branches_have_threads_of_their_own_when_told_so() -> None:
    assert finishes(threaded(parallel="concurrent"), (0, FAN_OUT)) == [8]


def test_branches_may_be_told_to_take_turns_on_a_loop() -> None:
    assert finishes(cooperative(parallel="sequential"), (0, FAN_OUT)) == [15]


def test_a_request_that_ends_with_a_fan_out_is_answered_when_the_last_branch_ends() -> None:
    assert finishes(cooperative(), (0, parallel(io(5), io(9), io(2)))) == [9]


def test_fan_outs_nest() -> None:
    nested = parallel(parallel(io(5), io(3)) + io(2), io(4))
    assert finishes(cooperative(), (0, nested)) == [7]


def test_each_branch_takes_a_slot_of_its_own() -> None:
    fan_out = parallel(io(5, "db"), io(5, "db"), io(5, "db"))
    assert finishes(cooperative(), (0, fan_out), capacity={"db": 2}) == [10]
