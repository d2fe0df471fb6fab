"""Exact schedules of clients that give up or try again, and of users, worked out by hand, in ms."""

from __future__ import annotations

import pytest
from schedules import cooperative, finishes, ms, run, serial, statuses, threaded
from workloads import MS, closed, cpu, io

from simsched.engine import simulate
from simsched.engine.conditions import Conditions
from simsched.errors import RunError
from simsched.scenario.model.client import Backoff, Client, Retries
from simsched.scenario.model.servers import Server

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
