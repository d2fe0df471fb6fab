"""Exact schedules of dispatch, full queues and limits, worked out by hand, in ms."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from schedules import cooperative, finishes, ms, run, serial, statuses, threaded
from workloads import MS, cpu, io

from simsched.engine import MISSING
from simsched.engine.conditions import Conditions, Outage
from simsched.scenario.model.client import Backoff, Client, Retries
from simsched.scenario.model.servers import Server


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
