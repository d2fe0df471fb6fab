"""What is told of servers that refuse, retry, stand still or are cut off, word for word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stats_traces import MS, trace

from simsched.engine.deadlock import Deadlock, Wait
from simsched.engine.trace import MISSING, Status, Visits
from simsched.scenario import loads
from simsched.scenario.model.objectives import parse_limit
from simsched.statistics import losses, slo
from simsched.statistics.appraisal import appraise
from simsched.statistics.contender import Contender
from simsched.statistics.observation import Asked
from simsched.statistics.replication import check_littles_law, reduce
from simsched.statistics.run_length import Queue
from simsched.statistics.slo import Objective
from simsched.statistics.summarize import Method, summarize, summarize_by
from simsched.statistics.warmup import Cut
from simsched.workload.steps import Resource

OPEN = """
name: queue
requests: {page: [{cpu: {exponential: 10ms}}]}
workload: {open: {rate: 80/s}, duration: 60s}
servers: {s: {model: serial}}
"""
CLOSED = OPEN.replace("open: {rate: 80/s}", "closed: {users: 3, think: 100ms}")


def contender(text=OPEN, *overrides):
    scenario = loads(text, overrides=overrides)
    return Contender("s", scenario, scenario.servers["s"])


def cut_off(completed, left):
    """A trace of so many completed requests, and as many that were still there at the end."""
    arrival = np.arange(completed + left) * MS
    finish = np.where(np.arange(completed + left) < completed, arrival + MS // 2, MISSING)
    status = np.where(finish == MISSING, Status.UNFINISHED, Status.COMPLETED)
    return trace(arrival, finish, end=(completed + left) * MS, status=status)


def unfinished_warning(one, *traces):
    runs = [reduce(trace, Cut(), Asked()) for trace in traces]
    return losses.unfinished(summarize("s", traces), runs, one.scenario.workload, one.load)


def test_what_is_in_flight_at_the_end_of_a_stable_run_is_not_worth_a_word():
    assert unfinished_warning(contender(), cut_off(1990, 10)) is None


def test_a_hundredth_of_the_requests_left_at_the_end_is_warned_of():
    assert unfinished_warning(contender(), cut_off(1980, 20)) == (
        "s: 20 of 2,000 requests were unfinished at the end of the run; response times exclude them"
    )


def test_any_left_at_the_end_of_a_server_that_cannot_keep_up_are_warned_of():
    one = contender(OPEN, "workload.open.rate=120/s")
    assert unfinished_warning(one, cut_off(1990, 10)).startswith("s: 10 of 2,000 requests were")


def test_of_a_closed_workload_each_user_may_be_waiting_at_the_end():
    one = contender(CLOSED)
    assert unfinished_warning(one, cut_off(10, 3), cut_off(10, 3)) is None
    assert unfinished_warning(one, cut_off(10, 3), cut_off(10, 4)).startswith("s: 7 of 27 requests")


WAITS = tuple(Wait(n, ("db",), "a thread") for n in range(1, 5))


def test_requests_that_are_stuck_are_warned_of_whatever_their_number():
    stuck = replace(cut_off(1999, 1), deadlock=Deadlock(1, WAITS[:1]))
    assert unfinished_warning(contender(), stuck).startswith("s: 1 of 2,000 requests was")


def test_a_deadlock_tells_who_holds_what():
    none = cut_off(5, 0)
    assert losses.deadlocked("s", [none]) is None
    one = replace(none, deadlock=Deadlock(2, WAITS[:2]))
    assert losses.deadlocked("s", [one]) == (
        "s: deadlock: 2 requests are stuck: request 1 holds db and waits for a thread; "
        "request 2 holds db and waits for a thread"
    )


def test_a_deadlock_of_many_tells_of_the_first_and_how_often_it_happened():
    waits = (Wait(1, (), "db"), Wait(2, ("db", "a thread"), "db"), *WAITS[2:])
    one = replace(cut_off(5, 0), deadlock=Deadlock(1200, waits))
    assert losses.deadlocked("s", [one, cut_off(5, 0), one]) == (
        "s: deadlock in 2 of 3 replications: 1,200 requests are stuck: request 1 holds nothing and "
        "waits for db; request 2 holds db and a thread and waits for db; request 3 holds db and "
        "waits for a thread; and 1,197 more"
    )


def retried():
    """Request 1 is refused twice, then served; 2 is served at once; 3 times out twice; 4 is cut."""
    rows = [  # number, attempt, arrival, finish, status
        (1, 1, 0, 0, Status.REFUSED),
        (2, 1, 10, 30, Status.COMPLETED),
        (1, 2, 20, 20, Status.REFUSED),
        (3, 1, 30, 60, Status.TIMED_OUT),
        (1, 3, 50, 90, Status.COMPLETED),
        (3, 2, 70, 100, Status.TIMED_OUT),
        (4, 1, 95, None, Status.UNFINISHED),
    ]
    number, attempt, arrival, finish, status = zip(*rows, strict=True)
    done = [MISSING if each is None else each * MS for each in finish]
    one = trace(np.array(arrival) * MS, done, end=100 * MS, attempt=attempt, status=status)
    one = replace(one, request=np.array(number))
    check_littles_law(one)
    return one


def test_a_request_counts_once_by_how_it_ended_at_last():
    summary = summarize("s", [retried()])
    assert summary.requests == {"completed": 2, "timed_out": 1, "unfinished": 1}
    assert summary.attempts == 7


def test_where_nobody_tries_again_attempts_are_not_told():
    assert summarize("s", [cut_off(3, 1)]).attempts is None


def test_response_time_counts_from_the_first_attempt_and_throughput_is_goodput():
    estimates = summarize("s", [retried()]).estimates
    assert estimates["response_time_s.mean"].value == pytest.approx((0.090 + 0.020) / 2)
    assert estimates["throughput_per_s"].value == pytest.approx(2 / 0.1)


def test_time_before_the_last_attempt_is_told_as_retries():
    spent = summarize("s", [retried()]).time_spent["all"]
    assert spent["retries"].value == pytest.approx(0.050 / 2)
    assert sum(each.value for each in spent.values()) == pytest.approx(0.055)


def test_the_share_of_failures_is_among_the_requests_that_came_to_an_end():
    estimate = summarize("s", [retried()]).estimates["failed_fraction"]
    assert estimate.value == pytest.approx(1 / 3)
    nothing = summarize("s", [cut_off(0, 1)]).estimates["failed_fraction"]
    assert (nothing.value, nothing.reason) == (None, "no request came to an end")


def test_failures_of_the_warm_up_are_left_out():
    summary = summarize("s", [retried()], warmup_ns=5 * MS)
    assert summary.estimates["failed_fraction"].value == pytest.approx(1 / 2)


def test_an_objective_may_limit_failures():
    objective = Objective("works", "failed_fraction < 1%", parse_limit("failed_fraction < 1%"))
    (found,) = slo.judge([objective], [summarize("s", [retried()])], certain=True)
    assert found.sentence == "s misses works (failed_fraction < 1%): it is 33.3 %"


def test_a_load_that_leaves_many_attempts_out_says_so():
    summary = summarize("s", [retried()])
    load = contender(OPEN, "workload.open.rate=60/s").load
    assert losses.retried(load, summary) == (
        "s: 4 requests took 7 attempts; the load of 60 % counts each request once; with every "
        "attempt it is up to 105 %"
    )
    assert losses.retried(None, summary) is None
    assert losses.retried(load, replace(summary, attempts=4)) is None
    assert losses.retried(load, summarize("s", [cut_off(3, 0)])) is None


def test_a_bounded_queue_is_overloaded_but_has_a_steady_state():
    one = contender(OPEN, "workload.open.rate=150/s", "servers.s.backlog=4")
    assert one.is_steady
    assert one.method().unstable is None
    assert one.load.growth_per_s == 0
    warnings = appraise([one], {"s": [cut_off(2000, 0)]}).warnings
    assert (
        "s is overloaded: 150 requests a second need 150 % of its workers; the excess is refused; "
        "it could serve all requests below 100/s"
    ) in warnings


def test_clients_that_give_up_bound_a_queue_if_the_server_hears_of_it():
    options = ("workload.open.rate=150/s", "client.timeout=1s")
    assert not contender(OPEN, *options).load.stable
    hears = contender(OPEN, *options, "servers.s.cancel_abandoned=true")
    assert hears.load.bounded_overload_warning() == (
        "s is overloaded: 150 requests a second need 150 % of its workers; the excess is given up; "
        "it could serve all requests below 100/s"
    )


CALLED = """
name: called
services: {db: {model: serial}}
requests: {page: [{call: db, phases: [{cpu: 10ms}]}]}
workload: {open: {rate: 150/s}, duration: 60s}
servers: {s: {model: cooperative}}
"""


def test_a_service_does_not_hear_of_clients_that_give_up():
    options = ("client.timeout=1s", "servers.s.cancel_abandoned=true")
    assert not contender(CALLED, *options).load.stable
    # What waits for threads of the server itself is dropped.
    threads = "servers.s={model: threaded, cancel_abandoned: true}"
    assert contender(CALLED, "client.timeout=1s", threads).load.stable


@pytest.mark.parametrize("limit", ["backlog=4", "queue_timeout=1s"])
def test_a_service_that_refuses_calls_is_overloaded_but_has_a_steady_state(limit):
    one = contender(CALLED, f"services.db.{limit}")
    assert one.load.bounded_overload_warning() == (
        "s is overloaded: 150 requests a second need 150 % of its db workers; the excess fails; it "
        "could serve all requests below 100/s"
    )
    app = "services.app={model: threaded, threads: 4}"
    within = "requests.page=[{call: app, phases: [{call: db, phases: [{cpu: 10ms}]}]}]"
    assert not contender(CALLED, f"services.db.{limit}", app, within).load.stable


@pytest.mark.parametrize(("threads", "stable"), [(5, False), (6, True)])
def test_a_service_refuses_nothing_that_threads_do_not_send(threads, stable):
    server = f"servers.s={{model: threaded, threads: {threads}}}"
    assert contender(CALLED, server, "services.db.backlog=4").load.stable is stable


THROUGH = "requests.page=[{call: app, phases: [{call: db, phases: [{cpu: 10ms}]}]}]"


def test_calls_that_a_service_on_the_way_refuses_do_not_queue_for_the_next():
    app = "services.app={model: threaded, threads: 4, backlog: 10}"
    one = contender(CALLED, app, THROUGH)
    assert one.load.station.service == "db"
    assert one.load.bounded_overload_warning() == (
        "s is overloaded: 150 requests a second need 150 % of its db workers; the excess fails; it "
        "could serve all requests below 100/s"
    )
    for threads, refused in ((14, False), (15, True)):
        server = f"servers.s={{model: threaded, threads: {threads}}}"
        assert contender(CALLED, app, THROUGH, server).load.stable is refused
    # A loop takes up all calls, so that they wait for the database.
    app = "services.app={model: cooperative, backlog: 10}"
    assert not contender(CALLED, app, THROUGH).load.stable


def test_one_way_to_a_service_that_refuses_nothing_fills_its_queue():
    app = "services.app={model: threaded, threads: 4, backlog: 10}"
    both = THROUGH.replace("[{call: app", "[{call: db, phases: [{cpu: 1ms}]}, {call: app")
    assert not contender(CALLED, app, both).load.stable


def test_calls_that_are_given_up_leave_the_queue_of_a_service_that_hears_of_it():
    impatient = "requests.page=[{call: db, phases: [{cpu: 10ms}], timeout: 100ms}]"
    hears = "services.db.cancel_abandoned=true"
    assert not contender(CALLED, impatient).load.stable
    assert contender(CALLED, impatient, hears).load.excess_fate == "failed"
    few = "servers.s={model: threaded, threads: 4}"
    assert not contender(CALLED, impatient, hears, few).load.stable


POOL = """
name: pool
requests: {page: [{io: 10ms, on: db}]}
resources: {db: {capacity: 1}}
workload: {open: {rate: 150/s}, duration: 60s}
servers: {s: {model: cooperative, backlog: 4}}
"""


def test_a_backlog_does_not_bound_what_was_accepted():
    assert not contender(POOL).load.stable
    assert contender(POOL).load.unstable_warning() == (
        "s cannot keep up: 150 requests a second need 150 % of its db; its queue grows by 50.0 "
        "requests a second, and it would be stable below 100/s"
    )
    assert contender(POOL, "servers.s.max_in_flight=9").load.stable


def test_requests_that_fail_bound_the_queue_for_a_pool():
    fails = contender(POOL, "resources.db.acquire_timeout=50ms")
    assert fails.load.stable
    assert fails.load.bounded_overload_warning() == (
        "s is overloaded: 150 requests a second need 150 % of its db; the excess fails; it could "
        "serve all requests below 100/s"
    )


@pytest.mark.parametrize(("threads", "stable"), [(9, False), (12, True)])
def test_as_many_threads_must_wait_as_requests_come_while_one_does(threads, stable):
    # 150/s that take 10 ms and wait for 50 ms keep 9 threads.
    server = f"servers.s={{model: threaded, threads: {threads}}}"
    assert contender(POOL, "resources.db.acquire_timeout=50ms", server).load.stable == stable


CERTAIN = (
    "requests.page=[{cpu: 5ms}]",
    "workload.open.arrivals=constant",
)


@pytest.mark.parametrize("dispatch", ["shared", "round_robin", "least_busy"])
def test_only_a_random_choice_of_worker_is_chance(dispatch):
    two = (*CERTAIN, "servers.s.workers=2")
    assert contender(OPEN, *two, f"servers.s.dispatch={dispatch}").is_certain
    assert not contender(OPEN, *two, "servers.s.dispatch=random").is_certain
    assert contender(OPEN, *CERTAIN, "servers.s.dispatch=random").is_certain


def test_jitter_is_chance():
    retries = (*CERTAIN, "client.timeout=1s", "client.retries.max=2")
    assert contender(OPEN, *retries).is_certain
    assert not contender(OPEN, *retries, "client.retries.jitter=full").is_certain


def test_who_is_handed_a_slot_is_chance_only_at_random():
    certain = (POOL, "workload.open.arrivals=constant")
    assert contender(*certain, "resources.db.discipline=lifo").is_certain
    assert not contender(*certain, "resources.db.discipline=random").is_certain


def test_users_are_certain_if_nothing_they_do_is_left_to_chance():
    assert contender(CLOSED, "requests.page=[{cpu: 5ms}]").is_certain
    assert not contender(CLOSED).is_certain


def test_users_who_wait_have_a_steady_state_under_any_load():
    one = contender(CLOSED)
    assert one.load is None
    assert one.is_steady
    assert one.method().warmup == "auto"
    assert one.method().batches


def test_what_happens_at_a_certain_time_leaves_no_steady_state():
    for event in ("arrivals: 2", "worker: 0, down: true"):
        one = contender(f"{OPEN}events: [{{at: 1s, for: 1s, {event}}}]\n")
        assert not one.is_steady
        assert one.method().warmup == "none"


def test_threads_that_take_turns_are_planned_as_if_service_were_exponential():
    text = OPEN.replace("model: serial", "model: threaded, threads: 40")
    one = contender(text, "requests.page=[{cpu: 10ms}]")
    assert one.queue() == Queue(pytest.approx(0.8), 1.0, 1.0, 1)


def test_workers_that_are_dealt_requests_wait_for_themselves():
    text = OPEN.replace("model: serial", "model: cooperative, workers: 2")
    load = pytest.approx(0.4)
    assert contender(text).queue() == Queue(load, 1.0, pytest.approx(1.0), 1, 2)
    in_turn = contender(text, "servers.s.dispatch=round_robin").queue()
    assert in_turn == Queue(load, 0.5, pytest.approx(1.0), 1, 2)
    fewest = contender(text, "servers.s.dispatch=least_busy").queue()
    assert fewest == Queue(load, 1.0, pytest.approx(1.0), 2)


@pytest.mark.parametrize(
    "option",
    [
        "servers.s.backlog=9",
        "servers.s.max_in_flight=9",
        "client.timeout=5s",
        "workload.open.bursts={on: 1s, off: 1s}",
        "requests.page=[{parallel: [[{cpu: {exponential: 10ms}}]]}]",
    ],
)
def test_no_length_is_advised_where_no_formula_is_near(option):
    assert contender().queue() is not None
    assert contender(OPEN, option).queue() is None
    assert contender(CLOSED).queue() is None


def busy(*shares):
    return [used(cut_off(10, 0), int(each * 2 * 10 * MS)) for each in shares]


def used(trace, length):
    """*trace*, with a slot of two in use from its beginning for *length*."""
    moments = (np.array([each], np.int64) for each in (0, 0, 0, length))
    visits = Visits(np.zeros(1, np.int32), *moments)
    return replace(trace, resources=(Resource("db", 2),), visits=visits)


def test_the_use_of_a_resource_is_over_its_slots_and_the_whole_run():
    found = summarize_by(Method(), "s", busy(0.3, 0.5)).resource_utilisation
    assert found["db"].value == pytest.approx(0.4)
    half = 12.7062 * 0.1 / 2**0.5 * 2**0.5  # t of 1 degree of freedom, s = 0.1414
    assert found["db"].high == pytest.approx(min(1.0, 0.4 + half))
    assert found["db"].low == 0.0
    single = summarize_by(Method(), "s", busy(0.3)).resource_utilisation["db"]
    assert (single.value, single.low, single.high) == (pytest.approx(0.3), None, None)
    assert summarize("s", [cut_off(3, 0)]).resource_utilisation == {}


@pytest.mark.parametrize(
    ("server", "is_told"),
    [
        ("model: serial, workers: 4, cores: 4", True),
        ("model: serial, workers: 4, cores: 2", False),
        ("model: threaded, threads: 1", True),
        ("model: threaded, threads: 2", False),
    ],
)
def test_a_worker_that_waits_for_a_core_or_lock_is_not_planned_for(server, is_told):
    io = "requests.page=[{cpu: 1ms}, {io: {exponential: 9ms}}]"
    one = contender(OPEN.replace("model: serial", server), io)
    assert one.load.station.name in {"workers", "threads"}
    assert (one.queue() is not None) == is_told


def test_users_are_held_against_theory_only_after_many_rounds():
    one = contender(CLOSED)  # three users, 25.6 requests a second in all
    few = [cut_off(1000, 0), cut_off(1000, 0)]  # in one second, as no three users could
    many = [replace(each, end_ns=13 * 10**9) for each in few]
    assert appraise([one], {"s": few}).warnings == ()
    warnings = appraise([one], {"s": many}).warnings
    assert warnings
    assert all("machine repairman (M/M/1//N) says" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("phases", "threads", "stable"),
    [
        # 150 requests a second that keep a thread for at most 110 ms each.
        ("{call: db, phases: [{cpu: 10ms}], timeout: 100ms}", 16, False),
        ("{call: db, phases: [{cpu: 10ms}], timeout: 100ms}", 17, True),
        # Again for 210 ms, and for as long as nothing limits.
        ("{io: 100ms}, {call: db, phases: [{cpu: 10ms}], timeout: 100ms}", 31, False),
        ("{io: 100ms}, {call: db, phases: [{cpu: 10ms}], timeout: 100ms}", 32, True),
        ("{call: db, phases: [{cpu: 10ms}], timeout: 100ms, retries: {max: 1}}", 1000, False),
        (
            "{repeat: {times: 2, phases: [{call: db, phases: [{cpu: 10ms}], timeout: 1s}]}}",
            1000,
            False,
        ),
    ],
)
def test_calls_that_are_given_up_need_threads_that_wait_for_them(phases, threads, stable):
    hears = "services.db.cancel_abandoned=true"
    server = f"servers.s={{model: threaded, threads: {threads}}}"
    assert contender(CALLED, f"requests.page=[{phases}]", hears, server).load.stable is stable
