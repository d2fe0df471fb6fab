"""Phases that are given up after a time, and phases that fail by chance; in ms."""

from __future__ import annotations

import numpy as np
import pytest
from schedules import cooperative, ms, run, serial, statuses, threaded
from workloads import MS, cpu, hold, io, parallel

from simsched.engine.conditions import Conditions, Outage, Slowdown
from simsched.scenario import loads
from simsched.scenario.model.client import Backoff, Client, Retries
from simsched.scenario.model.servers import Server
from simsched.workload import draw

ONE = {"db": 1}

# Timeouts


def test_io_that_takes_too_long_fails_the_request_or_is_gone_without() -> None:
    requests = [(0, io(8, timeout=5) + cpu(1)), (0, io(8, timeout=5, goes_on=True) + cpu(1))]
    trace = run(cooperative(), *requests)
    assert statuses(trace) == ["failed", "completed"]
    assert ms(trace.finish_ns) == [5, 6]
    assert ms(trace.io_ns) == [5, 5]


def test_io_that_ends_at_that_moment_has_ended() -> None:
    assert statuses(run(cooperative(), (0, io(5, timeout=5)))) == ["completed"]
    on_db = run(cooperative(), *[(0, io(4, "db", timeout=8))] * 2, capacity=ONE)
    assert ms(on_db.finish_ns) == [4, 8]
    assert statuses(on_db) == ["completed", "completed"]


def test_the_wait_for_a_slot_counts() -> None:
    requests = [(0, io(8, "db")), (1, io(3, "db", timeout=5)), (1, io(3, "db", timeout=9))]
    trace = run(cooperative(), *requests, capacity=ONE)
    assert statuses(trace) == ["completed", "failed", "failed"]
    assert ms(trace.finish_ns) == [8, 6, 10]
    assert ms(trace.io_wait_ns) == [0, 5, 7]
    assert ms(trace.io_ns) == [8, 0, 2]


def test_who_gives_up_leaves_the_line_and_gives_the_slot_back() -> None:
    requests = [
        (0, io(8, "db", timeout=6)),
        (1, io(3, "db", timeout=2)),
        (2, io(1, "db")),
    ]
    trace = run(cooperative(), *requests, capacity=ONE)
    assert ms(trace.finish_ns) == [6, 3, 7]


def test_a_slower_resource_is_given_up_sooner() -> None:
    slower = Conditions(slowdowns=(Slowdown("db", 0, 100 * MS, 3.0),))
    requests = [(0, io(4, "db", timeout=10) + cpu(1)), (0, io(4, "db", timeout=13) + cpu(1))]
    trace = run(cooperative(), *requests, capacity={"db": 2}, conditions=slower)
    assert statuses(trace) == ["failed", "completed"]
    assert ms(trace.finish_ns) == [10, 13]


def test_a_resource_that_stands_still_is_given_up() -> None:
    stopped = Conditions(slowdowns=(Slowdown("db", 2 * MS, 90 * MS, np.inf),))
    late = io(4, "db", timeout=10, goes_on=True) + cpu(1)
    assert ms(run(cooperative(), (0, late), capacity=ONE, conditions=stopped).finish_ns) == [11]


@pytest.mark.parametrize("server", [serial(), threaded(threads=1)])
def test_the_worker_or_thread_waits_until_then(server: Server) -> None:
    trace = run(server, (0, io(8, timeout=5)), (1, io(8, timeout=5, goes_on=True)), (2, cpu(1)))
    assert ms(trace.finish_ns) == [5, 10, 11]


def test_a_blocking_call_keeps_the_loop_until_it_is_given_up() -> None:
    trace = run(cooperative(), (0, io(9, blocking=True, timeout=5)), (1, cpu(1)))
    assert ms(trace.finish_ns) == [5, 6]
    blocked = io(9, "db", blocking=True, timeout=5, goes_on=True) + cpu(1)
    trace = run(cooperative(), (0, blocked), (1, cpu(1)), capacity=ONE)
    assert ms(trace.finish_ns) == [6, 7]


def test_going_on_needs_the_loop_as_after_any_io() -> None:
    trace = run(cooperative(), (0, io(9, timeout=5, goes_on=True) + cpu(1)), (1, cpu(7)))
    assert ms(trace.finish_ns) == [9, 8]
    assert ms(trace.cpu_wait_ns) == [3, 0]


def test_a_request_that_fails_needs_no_loop() -> None:
    assert ms(run(cooperative(), (0, io(9, timeout=5)), (1, cpu(7))).finish_ns) == [5, 8]


def test_what_is_held_is_given_back() -> None:
    requests = [(0, hold("db", io(9, timeout=5), cpu(1))), (1, io(2, "db"))]
    assert ms(run(cooperative(), *requests, capacity=ONE).finish_ns) == [5, 7]


def test_a_phase_that_is_given_up_as_its_worker_goes_down_has_ended() -> None:
    down = Conditions(outages=(Outage(0, 5 * MS, 9 * MS),))
    requests = [(0, io(9, "db", timeout=5)), (0, io(9, "db", timeout=5)), (0, io(9, timeout=5))]
    trace = run(cooperative(), *requests, capacity=ONE, conditions=down)
    # The second has the slot of the first at that moment, and begins nothing.
    assert statuses(trace) == ["failed", "cancelled", "failed"]
    trace = run(cooperative(), (1, io(9, "db", timeout=5)), capacity=ONE, conditions=down)
    assert statuses(trace) == ["cancelled"]


def test_a_client_that_gives_up_at_that_moment_has_the_failure() -> None:
    leaves = Conditions(client=Client(timeout="5ms"))
    requests = [(0, io(9, "db", timeout=5)), (0, io(9, "db", timeout=5)), (0, io(9, timeout=5))]
    trace = run(cooperative(), *requests, capacity=ONE, conditions=leaves)
    assert statuses(trace) == ["failed", "failed", "failed"]


def test_who_will_give_up_is_not_stuck() -> None:
    # 2 waits for db inside cache; 1 for cache inside db, but no longer than 30.
    one = hold("db", io(2), io(1, "cache", timeout=30))
    other = hold("cache", io(2), hold("db", io(1)))
    trace = run(cooperative(), (0, one), (0, other), capacity={"db": 1, "cache": 1}, end=20)
    assert trace.deadlock is None
    trace = run(cooperative(), (0, one), (0, other), capacity={"db": 1, "cache": 1})
    assert ms(trace.finish_ns) == [32, 33]


def test_what_is_held_before_a_timeout_may_be_waited_for_for_ever() -> None:
    # The wait for the slot that is to be held has no timeout; that of the I/O in it has one.
    one = hold("db", io(2), hold("cache", io(1, timeout=30)))
    other = hold("cache", io(2), hold("db", io(1)))
    trace = run(cooperative(), (0, one), (0, other), capacity={"db": 1, "cache": 1})
    assert trace.deadlock is not None


# By chance


def test_a_phase_that_fails_ends_the_request() -> None:
    trace = run(
        cooperative(),
        (0, cpu(1) + io(3, fails=[1]) + cpu(2)),
        (0, io(3, "db", fails=[1])),
        capacity=ONE,
    )
    assert statuses(trace) == ["failed", "failed"]
    assert ms(trace.finish_ns) == [4, 4]


def test_each_attempt_fails_or_not_by_itself() -> None:
    again = Conditions(
        client=Client(retries=Retries(max=2, backoff=Backoff(initial="2ms", factor=1)))
    )
    trace = run(
        cooperative(),
        (0, io(3, fails=[1, 2])),
        (0, io(4, fails=[2])),
        (0, io(5, fails=[1, 2, 3])),
        conditions=again,
        attempts=3,
    )
    assert statuses(trace.requests) == ["completed", "completed", "failed"]
    assert trace.requests.attempt.tolist() == [3, 1, 3]
    assert ms(trace.requests.finish_ns) == [13, 4, 19]


def test_other_branches_end_their_phase_and_begin_nothing() -> None:
    trace = run(
        cooperative(), (0, parallel(io(2, fails=[1]), cpu(5) + io(9)) + cpu(4)), (3, cpu(1))
    )
    assert statuses(trace) == ["failed", "completed"]
    assert ms(trace.finish_ns) == [2, 6]
    assert ms(trace.late_cpu_ns) == [3, 0]


def test_a_phase_that_is_given_up_and_gone_without_cannot_fail_by_chance() -> None:
    trace = run(cooperative(), (0, io(9, "db", timeout=5, goes_on=True, fails=[1])), capacity=ONE)
    assert statuses(trace) == ["completed"]


# From the file


SCENARIO = """
name: fails
requests: {{page: [{phase}, {{cpu: 1ms}}]}}
resources: {{db: {{capacity: 100}}}}
workload: {{open: {{rate: 100/s}}, requests: {requests}}}
client: {{retries: {{max: {retries}}}}}
servers: {{loop: {{model: cooperative}}}}
"""


def columns(phase: str, requests: int = 3000, retries: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return how long the first phase of each request takes, and whether it fails, by attempt."""
    scenario = loads(SCENARIO.format(phase=phase, requests=requests, retries=retries))
    drawn = draw(scenario, 1)
    return drawn.duration_ns[::2], drawn.fails[:, ::2]


def test_a_share_of_the_phases_fails_in_each_attempt_anew() -> None:
    _, fails = columns("{io: 1ms, fails: 20%}")
    assert fails.shape == (2, 3000)
    # 4 standard deviations of a share of 3000 draws
    assert abs(fails.mean(axis=1) - 0.2).max() < 4 * (0.16 / 3000) ** 0.5
    assert abs((fails[0] & fails[1]).mean() - 0.04) < 4 * (0.0384 / 3000) ** 0.5


def test_neither_more_requests_nor_more_retries_change_which_fail() -> None:
    _, fails = columns("{io: 1ms, fails: 20%}")
    _, longer = columns("{io: 1ms, fails: 20%}", requests=4000, retries=3)
    assert fails.tolist() == longer[:2, :3000].tolist()


def test_a_chance_to_fail_and_a_timeout_change_no_duration_that_is_in_time() -> None:
    usual, none = columns("{io: {exponential: 10ms}}")
    assert none.size == 0
    failing, _ = columns("{io: {exponential: 10ms}, fails: 20%}")
    assert usual.tolist() == failing.tolist()
    cut, fails = columns("{io: {exponential: 10ms}, timeout: 12ms}")
    assert cut.tolist() == np.minimum(usual, 12 * MS).tolist()
    assert fails.tolist() == [(usual > 12 * MS).tolist()] * 2
    _, goes_on = columns("{io: {exponential: 10ms}, timeout: 12ms, on_timeout: continue}")
    assert goes_on.size == 0


def test_without_phases_that_fail_nothing_is_drawn_for_them() -> None:
    _, fails = columns("{io: 1ms, on: db}")
    assert fails.size == 0
