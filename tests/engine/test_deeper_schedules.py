"""Exact schedules of everything beyond the lecture's two servers, worked out by hand, in ms."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from schedules import cooperative, finishes, ms, run, serial, statuses, threaded
from workloads import MS, closed, cpu, hold, io, parallel

from simsched.engine import MISSING, simulate
from simsched.engine.conditions import Conditions, Outage, Slowdown
from simsched.errors import RunError
from simsched.scenario.model.client import Backoff, Client, Retries
from simsched.scenario.model.overhead import Overhead
from simsched.scenario.model.servers import Server

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


# Threads


def test_threads_compute_one_at_a_time_and_wait_together() -> None:
    request = cpu(2) + io(10) + cpu(2)
    assert finishes(threaded(threads=3), (0, request), (0, request), (0, request)) == [14, 16, 18]


def test_a_request_waits_for_a_thread() -> None:
    assert finishes(threaded(threads=1), (0, io(5)), (0, io(5))) == [5, 10]


def test_a_thread_that_is_waited_for_yields_after_the_switch_interval() -> None:
    # 1 has the lock from 0; 2 wants it from 2, gets it at 2+5=7; 1 wants it back: at 12
    trace = run(threaded(), (0, cpu(10)), (2, cpu(20)))
    assert ms(trace.finish_ns) == [15, 30]
    assert ms(trace.cpu_wait_ns) == [5, 5 + 3]


def test_a_thread_gives_the_lock_up_for_io() -> None:
    assert finishes(threaded(), (0, cpu(3) + io(9)), (1, cpu(4))) == [12, 7]


def test_without_a_lock_threads_share_the_cores() -> None:
    free = {"interpreter_lock": False, "cores": 2}
    assert finishes(threaded(**free), (0, cpu(10)), (0, cpu(10))) == [10, 10]
    # slices of 3: A and B, then C and A, then B and C
    assert finishes(threaded(**free), *[(0, cpu(6))] * 3) == [6, 9, 9]


def test_being_given_the_lock_again_costs_the_switch_overhead() -> None:
    server = threaded(overhead={"switch": "1ms"})
    assert finishes(server, (0, cpu(2) + io(3) + cpu(2))) == [8]
    # 1: 0-5, waits; 2: 5-8; 1 again: 1 more, 8-12
    assert finishes(server, (0, cpu(8)), (0, cpu(3))) == [12, 8]


# Cores


def test_workers_share_cores_in_time_slices() -> None:
    server = serial(workers=2, cores=1)
    # A 0-3, B 3-6, A 6-7, B 7-8
    assert finishes(server, (0, cpu(4)), (0, cpu(4))) == [7, 8]


def test_a_worker_that_had_its_slice_gives_way_at_once_to_one_that_wakes() -> None:
    # A alone 0-5; B wants to run at 5 and A has had more than a slice: B 5-6, A 6-7
    assert finishes(serial(workers=2, cores=1), (0, cpu(6)), (5, cpu(1))) == [7, 6]


def test_a_worker_within_its_slice_finishes_it() -> None:
    # B wants to run at 2; A goes on to 3, B 3-4, A 4-6
    assert finishes(serial(workers=2, cores=1), (0, cpu(5)), (2, cpu(1))) == [6, 4]


def test_io_needs_no_core() -> None:
    request = cpu(2) + io(4) + cpu(2)
    assert finishes(serial(workers=2, cores=1), (0, request), (0, request)) == [8, 10]


def test_loops_share_cores_too() -> None:
    server = cooperative(workers=2, cores=1)
    assert finishes(server, (0, cpu(4)), (0, cpu(4)), dispatch=[0.1, 0.9]) == [7, 8]


def test_the_lock_is_kept_while_its_thread_waits_for_a_core() -> None:
    server = threaded(workers=2, cores=1, threads=2, dispatch="round_robin")
    # worker 0: requests 1 and 3; worker 1: request 2
    trace = run(server, (0, cpu(3)), (0, cpu(3)), (0, cpu(3)))
    assert ms(trace.finish_ns) == [3, 6, 9]


def shared_core(**options: object) -> Server:
    return threaded(threads=2, cores=1, dispatch="random", **options)


def test_the_switch_interval_goes_on_while_the_thread_with_the_lock_has_no_core() -> None:
    server = threaded(workers=2, threads=2, cores=1, dispatch="round_robin")
    # 1 and 3 are threads of one worker. 1 computes 0-3 and 6-7, when 3 has waited for its lock
    # since 2; 2 computes 3-6 and 7-8
    assert finishes(server, (0, cpu(12)), (0, cpu(4)), (2, cpu(3))) == [19, 8, 11]
    # 3 has the lock from 7 and a core from 8; 1 has waited since 7, and has the lock back at 12
    assert finishes(server, (0, cpu(12)), (0, cpu(4)), (2, cpu(5))) == [21, 8, 18]


def test_a_thread_that_has_no_core_when_the_interval_ends_gives_the_lock_up_when_it_has_one() -> (
    None
):
    server = shared_core(workers=3)
    requests = [(0, cpu(12)), (0, cpu(6)), (0, cpu(6)), (2, cpu(2))]
    # the first three compute for 3 each; 1 has its core again at 9, two late, and gives way to 4
    # for which 2 (9-12) and 3 (12-15) leave a core at 15
    assert finishes(server, *requests, dispatch=[0, 0.4, 0.9, 0]) == [26, 12, 15, 17]


def test_threads_that_wait_longer_for_a_core_than_the_interval_get_on() -> None:
    server = shared_core(workers=2, time_slice="10ms", switch_interval="1ms")
    requests = [(0, cpu(30)), (0, cpu(2)), (0, cpu(2))]
    # 1 computes 0-10, 11-21, 22-32; between them, 2 and 3 compute for an interval each
    assert finishes(server, *requests, dispatch=[0, 0.9, 0.9]) == [32, 33, 34]


def test_threads_get_on_whose_overhead_of_switching_is_longer_than_the_interval() -> None:
    server = shared_core(workers=2, overhead={"switch": "6ms"})
    # 1 computes for 3 whenever it has the core. 2: 3-5 and 3: 8-10, when the other has waited for
    # 5. Then each has its overhead in two turns, and 2 of its own: 2: 25-27, 3: 42-44, 2: 59-61
    requests = [(0, cpu(40)), (0, cpu(6)), (0, cpu(5))]
    trace = run(server, *requests, dispatch=[0.9, 0, 0])
    assert ms(trace.finish_ns) == [74, 61, 75]
    assert ms(trace.cpu_ns) == [40, 6 + 2 * 6, 5 + 2 * 6]


def test_the_first_who_waits_for_the_lock_sets_the_interval() -> None:
    # 2 has waited since 1 and has the lock at 6, then 3; the wait of 3 since 4 changes nothing
    assert finishes(threaded(), (0, cpu(9)), (1, cpu(1)), (4, cpu(1))) == [11, 7, 8]
    # 1: 0-5; 2: 5-10; 1: 6 of overhead and an interval, 10-21, whenever 3 comes; 2 and 3 end
    server = threaded(overhead={"switch": "6ms"})
    assert finishes(server, (0, cpu(14)), (0, cpu(8)), (11, cpu(1))) == [41, 30, 31]


# Admission


def test_least_busy_dispatch_counts_those_who_wait_and_those_who_are_served() -> None:
    server = cooperative(workers=2, dispatch="least_busy")
    trace = run(server, (0, cpu(9)), (0, cpu(2)), (1, cpu(2)), (1, cpu(2)))
    assert trace.worker.tolist() == [0, 1, 0, 1]


def test_round_robin_dispatch_takes_one_worker_after_the_other() -> None:
    server = serial(workers=3, dispatch="round_robin")
    trace = run(server, *[(0, cpu(1))] * 5)
    assert trace.worker.tolist() == [0, 1, 2, 0, 1]
    assert ms(trace.finish_ns) == [1, 1, 1, 2, 2]


@pytest.mark.parametrize("kind", [serial, cooperative, threaded])
def test_the_last_of_the_idle_workers_is_woken(kind: Callable[..., Server]) -> None:
    one = {"threads": 1} if kind is threaded else {}
    server = kind(workers=3, dispatch="last_idle", **one)
    # 2 is busy at 1, so 1 is woken; at 5 all are idle, 2 for longer than 1
    trace = run(server, (0, cpu(3)), (1, cpu(3)), (5, cpu(1)), (5, cpu(1)), (5, cpu(1)))
    assert trace.worker.tolist() == [2, 1, 2, 1, 0]
    # whoever is free first takes what waits
    crowd = run(server, (0, cpu(3)), (0, cpu(2)), (0, cpu(4)), (1, cpu(1)))
    assert crowd.worker.tolist() == [2, 1, 0, 1]


def test_a_loop_that_waits_is_idle() -> None:
    server = cooperative(workers=2, dispatch="last_idle")
    trace = run(server, (0, cpu(1) + io(9)), (0, cpu(1) + io(9)), (2, cpu(1)), (2, cpu(1)))
    assert trace.worker.tolist() == [1, 0, 1, 0]


def test_a_thread_waits_for_its_own_worker_while_another_is_idle() -> None:
    server = threaded(workers=2, threads=1)
    both, later = [(0, io(5)), (1, io(5))], [0.2, 0.4]
    assert ms(run(server, *both, dispatch=later).finish_ns) == [5, 10]
    assert run(server, *both, dispatch=later).worker.tolist() == [0, 0]
    shared = threaded(workers=2, threads=1, dispatch="shared")
    assert ms(run(shared, *both, dispatch=later).finish_ns) == [5, 6]


def test_a_worker_that_has_just_accepted_is_ahead_of_those_that_wake_up() -> None:
    # at one instant: below a half the same worker again, above it one of the others
    draws = [0.4, 0.49, 0.5, 0.8, 0.3]
    trace = run(threaded(workers=3), *[(0, io(5))] * 5, dispatch=draws)
    assert trace.worker.tolist() == [1, 1, 0, 2, 2]
    # at instants of their own: each third of the draws is a worker's
    apart = [(float(at), io(5)) for at in range(5)]
    assert run(threaded(workers=3), *apart, dispatch=draws).worker.tolist() == [1, 1, 1, 2, 0]


def test_only_workers_that_are_up_race_for_a_request() -> None:
    outage = Conditions(outages=(Outage(0, 0, 5 * MS), Outage(1, 0, 9 * MS)))
    trace = run(
        serial(workers=3, dispatch="race"),
        *[(0, io(1))] * 2,
        (5, io(1)),
        (5, io(1)),
        dispatch=[0.9, 0.9, 0.1, 0.9],
        conditions=outage,
    )
    assert trace.worker.tolist() == [2, 2, 0, 2]


def test_threads_of_one_worker_have_one_queue() -> None:
    assert threaded(threads=2).dispatch == "shared"
    assert threaded(threads=2, workers=2).dispatch == "race"
    assert threaded(threads=2, workers=2, dispatch="shared").dispatch == "shared"


def test_loops_may_share_one_accept_queue() -> None:
    server = cooperative(workers=2, dispatch="shared")
    trace = run(server, (0, cpu(5)), (0, cpu(2)), (1, cpu(2)))
    assert trace.worker.tolist() == [0, 1, 1]


def test_a_full_backlog_refuses() -> None:
    trace = run(serial(backlog=1), (0, cpu(5)), (1, cpu(5)), (2, cpu(5)), (6, cpu(5)))
    assert statuses(trace) == ["completed", "completed", "refused", "completed"]
    assert ms(trace.finish_ns) == [5, 10, 2, 15]
    assert trace.start_ns.tolist()[2] == MISSING


def test_a_dropped_connection_is_tried_again_after_1_3_7_15_and_31_s() -> None:
    # one is served and two wait, as Linux has it; the other seven try again: at 1 s in vain; at 3 s
    # one finds room, at 7 s two, at 15 s three (one at once, two wait), and at 31 s the last
    trace = run(serial(backlog=1, backlog_full="drop"), *[(0, io(2000))] * 10)
    assert statuses(trace) == ["completed"] * 10
    finish_s = [2, 4, 6, 8, 10, 12, 17, 19, 21, 33]
    assert ms(trace.finish_ns) == [1000 * finish for finish in finish_s]
    assert ms(trace.queue_ns) == [1000 * (finish - 2) for finish in finish_s]
    at_once = run(serial(backlog=1), *[(0, io(2000))] * 10)
    assert statuses(at_once) == ["completed"] * 2 + ["refused"] * 8


def test_who_cannot_connect_gives_up_after_127_s() -> None:
    trace = run(serial(backlog=0, backlog_full="drop"), *[(0, io(200_000))] * 3)
    assert statuses(trace) == ["completed", "completed", "refused"]
    assert ms(trace.finish_ns) == [200_000, 400_000, 127_000]
    assert ms(trace.queue_ns) == [0, 200_000, 127_000]


@pytest.mark.parametrize("cancels", [False, True])
def test_who_gives_up_before_connecting_does_not_try_again(*, cancels: bool) -> None:
    server = serial(backlog=0, backlog_full="drop", cancel_abandoned=cancels)
    impatient = Conditions(client=Client(timeout="2500ms"))
    requests = [(0, io(2900)), (0, io(100)), (0, io(100)), (2950, io(10))]
    trace = run(server, *requests, conditions=impatient)
    assert statuses(trace) == ["timed_out", "timed_out", "timed_out", "completed"]
    assert trace.worker.tolist() == [0, -1 if cancels else 0, -1, 0]
    assert ms(trace.finish_ns)[3] == (2960 if cancels else 3010)


def test_a_dropped_connection_finds_a_worker_that_is_idle() -> None:
    server = cooperative(workers=2, backlog=0, backlog_full="drop", dispatch="round_robin")
    # 1 and 3 are on loop 0, where there is room for one to wait; 5 is turned away there, and at 1 s
    # it is the turn of loop 1
    trace = run(server, *[(0, cpu(3))] * 5)
    assert ms(trace.finish_ns) == [3, 3, 6, 6, 1003]
    assert trace.worker.tolist() == [0, 1, 0, 1, 1]


def test_who_has_waited_too_long_is_refused_when_the_turn_comes() -> None:
    trace = run(serial(queue_timeout="5ms"), (0, cpu(10)), (1, cpu(1)), (5, cpu(1)), (6, cpu(1)))
    assert statuses(trace) == ["completed", "refused", "completed", "completed"]
    assert ms(trace.finish_ns) == [10, 10, 11, 12]
    assert ms(trace.queue_ns) == [0, 9, 5, 5]


def test_whose_turn_does_not_come_is_not_refused() -> None:
    server = serial(queue_timeout="5ms", discipline="lifo")
    trace = run(server, (0, cpu(10)), (1, cpu(1)), (9, cpu(8)), (16, cpu(4)), end=20)
    assert statuses(trace) == ["completed", "unfinished", "completed", "unfinished"]


def test_a_refusal_in_the_queue_is_tried_again() -> None:
    retries = Retries(max=1, backoff=Backoff(initial="4ms", max="4ms"), jitter="none")
    trace = run(
        cooperative(queue_timeout="5ms"),
        (0, cpu(10)),
        (1, cpu(1)),
        conditions=Conditions(client=Client(retries=retries)),
        attempts=2,
    )
    assert statuses(trace) == ["completed", "refused", "completed"]
    assert ms(trace.finish_ns) == [10, 10, 15]


def test_a_loop_refuses_only_those_it_has_not_begun() -> None:
    # 1 waits for the loop from 2 to 9, which is no wait in the accept queue; 3 is refused at 10
    server = cooperative(queue_timeout="5ms")
    trace = run(server, (0, cpu(1) + io(1) + cpu(1)), (1, cpu(8)), (2, cpu(1)))
    assert statuses(trace) == ["completed", "completed", "refused"]
    assert ms(trace.finish_ns) == [10, 9, 10]


def test_a_backlog_of_none_refuses_whoever_would_wait() -> None:
    assert statuses(run(serial(backlog=0), (0, cpu(5)), (1, cpu(5)), (5, cpu(1)))) == [
        "completed",
        "refused",
        "completed",
    ]


def test_no_more_are_served_at_a_time_than_max_in_flight() -> None:
    trace = run(cooperative(max_in_flight=2), *[(0, io(5))] * 5)
    assert ms(trace.finish_ns) == [5, 5, 10, 10, 15]
    assert ms(trace.queue_ns) == [0, 0, 5, 5, 10]


ONE_EACH = {"max": 1, "per": "worker"}
LONG_AND_SHORT = [(0, io(9)), (0, io(1)), (0, io(1)), (0, io(1))]


def test_each_worker_serves_no_more_than_its_own_limit() -> None:
    each = cooperative(workers=2, dispatch="round_robin", max_in_flight=ONE_EACH)
    assert finishes(each, *LONG_AND_SHORT) == [9, 1, 10, 2]
    together = cooperative(workers=2, dispatch="round_robin", max_in_flight=2)
    assert finishes(together, *LONG_AND_SHORT) == [9, 1, 2, 3]


def test_a_worker_without_room_leaves_the_shared_queue_to_the_others() -> None:
    shared = cooperative(workers=2, dispatch="shared", max_in_flight=ONE_EACH)
    trace = run(shared, *LONG_AND_SHORT)
    assert trace.worker.tolist() == [0, 1, 1, 1]
    assert ms(trace.finish_ns) == [9, 1, 2, 3]
    woken_last = shared.model_copy(update={"dispatch": "last_idle"})
    assert run(woken_last, *LONG_AND_SHORT).worker.tolist() == [1, 0, 0, 0]


def test_with_no_backlog_a_worker_without_room_refuses_though_another_idles() -> None:
    server = cooperative(workers=2, dispatch="round_robin", max_in_flight=ONE_EACH, backlog=0)
    trace = run(server, (0, io(9)), (0, io(1)), (2, io(1)), (3, io(1)))
    assert statuses(trace) == ["completed", "completed", "refused", "completed"]


def test_priority_serves_the_smallest_first() -> None:
    trace = run(
        serial(discipline="priority"),
        *[(0, cpu(2)), (1, cpu(2)), (1, cpu(2)), (1, cpu(2))],
        priorities=[5, 1, -1, 1],
    )
    assert ms(trace.finish_ns) == [2, 6, 4, 8]


# Clients


IMPATIENT = Conditions(client=Client(timeout="4ms"))


def test_each_request_may_be_waited_for_as_long_as_chance_says() -> None:
    requests = [(0, cpu(9)), (1, cpu(2)), (2, cpu(2))]
    waits = [(3, None), (11, None), (9.5, None)]
    trace = run(serial(), *requests, waits=waits)
    assert statuses(trace) == ["timed_out", "completed", "timed_out"]
    assert ms(trace.finish_ns) == [3, 11, 11.5]


def test_who_has_patience_for_waiting_alone_leaves_the_queue_and_no_work_is_done() -> None:
    requests = [(0, cpu(9)), (1, cpu(2)), (2, cpu(2))]
    trace = run(serial(), *requests, waits=[(None, 3), (None, 4), (None, 8)])
    assert statuses(trace) == ["completed", "timed_out", "completed"]
    assert ms(trace.finish_ns) == [9, 5, 11]
    assert ms(trace.queue_ns) == [0, 4, 7]


def test_patience_and_a_timeout_go_together_and_a_retry_waits_for_as_long() -> None:
    retries = Retries(max=1, backoff=Backoff(initial="1ms"))
    conditions = Conditions(client=Client(retries=retries))
    requests = [(0, cpu(5)), (1, cpu(9))]
    waits = [(None, None), (6, 2)]
    trace = run(serial(), *requests, waits=waits, attempts=2, conditions=conditions)
    assert statuses(trace) == ["completed", "timed_out", "timed_out"]
    assert ms(trace.finish_ns) == [5, 3, 10]  # in line from 1 to 3, again from 4 on, begun at 5


def test_a_client_leaves_and_the_server_works_on() -> None:
    trace = run(serial(), (0, cpu(6)), (1, cpu(1)), conditions=IMPATIENT)
    assert statuses(trace) == ["timed_out", "timed_out"]
    assert ms(trace.finish_ns) == [4, 5]
    assert ms(trace.cpu_ns) == [4, 0]
    assert ms(trace.late_cpu_ns) == [2, 1]
    assert ms(trace.late_until_ns) == [6, 7]
    assert trace.end_ns == 7 * MS


def test_an_answer_at_the_last_moment_is_an_answer() -> None:
    assert statuses(run(serial(), (0, cpu(4)), conditions=IMPATIENT)) == ["completed"]


def test_abandoned_work_that_waits_is_dropped_when_told_so() -> None:
    server = serial(cancel_abandoned=True)
    trace = run(server, (0, cpu(6)), (1, cpu(1)), (3, cpu(1)), conditions=IMPATIENT)
    assert statuses(trace) == ["timed_out", "timed_out", "completed"]
    assert ms(trace.finish_ns) == [4, 5, 7]


def test_abandoned_work_stops_when_its_phase_ends_when_told_so() -> None:
    trace = run(
        cooperative(cancel_abandoned=True),
        (0, cpu(1) + io(5) + cpu(9)),
        (8, cpu(1)),
        conditions=IMPATIENT,
    )
    assert ms(trace.finish_ns) == [4, 9]
    assert not trace.late_cpu_ns.any()


@pytest.mark.parametrize(
    "server",
    [
        serial(cancel_abandoned=True),
        threaded(cancel_abandoned=True, threads=1, overhead={"switch": "1ms"}),
    ],
)
def test_abandoned_work_computes_no_more_after_the_io_under_way(server: Server) -> None:
    requests = [(0, cpu(1) + io(5) + cpu(9)), (5, cpu(1))]
    trace = run(server, *requests, conditions=IMPATIENT)
    assert statuses(trace) == ["timed_out", "completed"]
    assert ms(trace.finish_ns) == [4, 7]
    assert not trace.late_cpu_ns.any()


def test_abandoned_work_computes_no_more_after_it_waited_for_the_loop_or_blocked_it() -> None:
    server = cooperative(cancel_abandoned=True)
    waiting = [(0, cpu(1) + io(2) + cpu(9)), (2, cpu(3)), (4.5, cpu(1))]
    assert ms(run(server, *waiting, conditions=IMPATIENT).finish_ns) == [4, 5, 6]
    blocking = [(0, cpu(1) + io(5, blocking=True) + cpu(9)), (5, cpu(1))]
    assert ms(run(server, *blocking, conditions=IMPATIENT).finish_ns) == [4, 7]


def test_a_thread_whose_request_ends_with_io_is_not_given_the_lock_again() -> None:
    server = threaded(overhead={"switch": "1ms"})
    assert finishes(server, (0, cpu(2) + io(3))) == [5]


def retrying(**options: object) -> Conditions:
    policy = {"max": 3, "backoff": {"initial": "1ms", "factor": 2, "max": "100ms"}, **options}
    return Conditions(client=Client.model_validate({"timeout": "4ms", "retries": policy}))


def test_a_client_tries_again_after_a_wait_that_doubles() -> None:
    trace = run(serial(), (0, cpu(60)), conditions=retrying(), attempts=4, end=30)
    assert trace.request.tolist() == [1, 1, 1, 1]
    assert trace.attempt.tolist() == [1, 2, 3, 4]
    assert ms(trace.arrival_ns) == [0, 4 + 1, 9 + 2, 15 + 4]
    assert ms(trace.requests.arrival_ns) == [0]
    assert ms(trace.requests.retry_ns) == [19]
    assert trace.requests.requests is trace.requests
    assert statuses(trace) == ["timed_out"] * 4


def test_a_refused_request_is_tried_again() -> None:
    trace = run(serial(backlog=0), (0, cpu(2)), (1, cpu(2)), conditions=retrying(), attempts=4)
    assert statuses(trace) == ["completed", "refused", "completed"]
    assert ms(trace.arrival_ns) == [0, 1, 2]
    assert ms(trace.finish_ns) == [2, 1, 4]


@pytest.mark.parametrize(("jitter", "second"), [("none", 5), ("full", 4.25), ("equal", 4.625)])
def test_jitter_spreads_the_wait(jitter: str, second: float) -> None:
    conditions = retrying(jitter=jitter, max=1)
    trace = run(serial(), (0, cpu(60)), conditions=conditions, attempts=2, jitter=0.25)
    assert ms(trace.arrival_ns)[:2] == [0, second]


def test_a_budget_allows_so_many_retries() -> None:
    conditions = retrying(budget={"ratio": 0.5, "burst": 1})
    requests = [(0, cpu(100)), (0, cpu(100)), (20, cpu(100))]
    trace = run(serial(), *requests, conditions=conditions, attempts=4, end=50)
    # one retry from the start; two requests earned nothing more, as the account was full; the
    # third brings it to a half
    assert trace.request.tolist() == [1, 2, 1, 3]


# Users


def test_a_user_thinks_asks_and_waits_for_the_answer() -> None:
    users = [[(1, cpu(2)), (3, cpu(1))], [(1, cpu(4)), (0, cpu(1))]]
    trace = simulate(closed(users, end=12), serial())
    # user 0 asks at 1 (served 1-3), at 6 (behind user 1: 7-8), at 9 (9-11)
    # user 1 asks at 1 (3-7), at 7 (8-9), at 10 (11-)
    assert trace.user.tolist() == [0, 1, 0, 1, 0, 1]
    assert trace.request.tolist() == [1, 2, 3, 4, 5, 6]
    assert ms(trace.arrival_ns) == [1, 1, 6, 7, 9, 10]
    assert ms(trace.finish_ns)[:5] == [3, 7, 8, 9, 11]
    assert statuses(trace)[5] == "unfinished"


def test_a_paced_user_asks_at_its_pace_or_as_soon_as_the_answer_is_there() -> None:
    users = [[(0, cpu(2)), (5, cpu(8)), (5, cpu(1))]]
    trace = simulate(closed(users, end=25, paced=True), serial())
    # at 0 and, 5 later, at 5 (5-13); at once at 13; then 0 later, at 14 (14-16); 5 later, at 19
    assert ms(trace.arrival_ns) == [0, 5, 13, 14, 19]
    assert ms(trace.finish_ns)[:4] == [2, 13, 14, 16]


def test_each_user_asks_as_often_as_it_is_to() -> None:
    users = [[(1, cpu(2))], [(0, cpu(1))]]
    trace = simulate(closed(users, iterations=2), serial())
    # user 1 asks at 0 (0-1) and, behind user 0, at 1 (3-4); user 0 asks at 1 (1-3) and 4 (4-6)
    assert trace.user.tolist() == [1, 0, 1, 0]
    assert ms(trace.arrival_ns) == [0, 1, 1, 4]
    assert ms(trace.finish_ns) == [1, 3, 4, 6]
    assert trace.end_ns == 6 * MS


def test_users_join_and_leave_in_stages() -> None:
    users = [[(3, cpu(1))], [(3, cpu(1))]]
    stages = [(0.0, 1), (10.0, 2), (20.0, 2), (30.0, 0)]
    trace = simulate(closed(users, end=40, stages=stages), serial(workers=2))
    # user 1 joins at 10, thinks, and leaves just after 20; user 0 leaves just after 25, and what
    # each would send later is not sent
    at = [
        (user, when) for user, when in zip(trace.user.tolist(), ms(trace.arrival_ns), strict=True)
    ]
    assert [when for user, when in at if user == 0] == [3, 7, 11, 15, 19, 23]
    assert [when for user, when in at if user == 1] == [13, 17]


def test_a_user_who_comes_back_begins_anew() -> None:
    stages = [(0.0, 1), (5.0, 1), (5.0, 0), (8.0, 0), (8.0, 1)]
    for paced, expected in ((False, [3, 11, 15]), (True, [3, 8, 11, 14])):
        users = closed([[(3, cpu(1))]], end=16, paced=paced, stages=stages)
        trace = simulate(users, serial())
        assert ms(trace.arrival_ns) == expected


def test_an_answer_that_comes_after_its_user_left_is_still_an_answer() -> None:
    stages = [(0.0, 1), (5.0, 1), (5.0, 0)]
    trace = simulate(closed([[(4, cpu(9))]], end=20, stages=stages), serial())
    assert (ms(trace.arrival_ns), ms(trace.finish_ns)) == ([4], [13])


def test_a_user_who_loses_patience_thinks_before_asking_again() -> None:
    trace = simulate(closed([[(2, cpu(9))]], end=20), serial(), IMPATIENT)
    assert ms(trace.arrival_ns) == [2, 8, 14, 20]


def test_users_who_are_refused_and_ask_again_at_once_do_not_hang_the_run() -> None:
    users = closed([[(0, cpu(10))], [(0, cpu(10))]], end=100)
    with pytest.raises(RunError) as refused:
        simulate(users, serial(backlog=0))
    assert str(refused.value) == (
        "at 0 s user 2 sends request after request and time stands still: each is answered or "
        "refused at once, and the user asks again at once; let users think"
    )


# Deadlock


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
