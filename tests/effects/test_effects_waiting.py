"""Published effects of who waits with what: for a loop, for a thread, for a connection."""

from __future__ import annotations

import numpy as np
import pytest
from effects_runs import responses, run, shipped

from simsched.engine.trace import Status
from simsched.scenario import loads

TWENTY = """
name: twenty at once
requests: {{any: [{{io: 50ms, blocking: {blocking}}}]}}
workload: {{schedule: [{{at: 0ms, request: any, times: 20}}]}}
servers: {{loop: {{model: cooperative}}}}
"""


@pytest.mark.parametrize(("blocking", "last"), [("true", 1.0), ("false", 0.05)])
def test_a_blocking_call_makes_an_event_loop_serve_one_at_a_time(
    blocking: str, last: float
) -> None:
    """20 requests of 50 ms at once: all done after 1.0 s if they block, after 0.05 s if not.

    Source: Python documentation, Developing with asyncio, "Running Blocking Code": while a
    function blocks for a second, all other tasks are delayed by a second.
    """
    trace = run(loads(TWENTY.format(blocking=blocking)), "loop")
    assert len(trace) == 20
    assert trace.finish_ns.max() / 1e9 == last


def test_the_forty_first_call_waits_for_a_token_of_forty() -> None:
    """Synchronous handlers share a pool of 40 tokens; the 41st waits for one of them.

    Source: Starlette documentation, "Thread Pool"; AnyIO documentation, "Working with threads",
    "Adjusting the default maximum worker thread count": 40 unless told otherwise.
    """
    trace = run(shipped("thread-pool"), "default")
    assert sorted(responses([trace])) == [1.0] * 40 + [2.0]
    assert np.flatnonzero(trace.io_wait_ns).tolist() == [40]
    assert trace.io_wait_ns[40] == 1_000_000_000


def test_who_waits_for_a_token_longer_gets_it_first() -> None:
    trace = run(shipped("thread-pool", "workload.schedule[0].times=120"), "default")
    assert (trace.io_wait_ns // 1_000_000_000).tolist() == [0] * 40 + [1] * 40 + [2] * 40


def test_forty_one_tokens_are_enough_for_forty_one_calls() -> None:
    trace = run(shipped("thread-pool", "resources.threads.capacity=41"), "default")
    assert set(responses([trace])) == {1.0}


def test_eleven_requests_that_need_a_thread_to_let_go_of_ten_connections_deadlock() -> None:
    """Who has a connection waits for a thread, and who has the threads for a connection.

    Source: FastAPI issue 3205, "Using dependency injection to get SQLAlchemy session can lead to
    deadlock": a pool of 10 connections and 11 simultaneous requests.
    """
    trace = run(shipped("deadlock"), "framework")
    assert (trace.status == Status.UNFINISHED).all()
    assert trace.deadlock is not None
    assert trace.deadlock.stuck == 11
    told = {wait.request: (wait.holds, wait.waits_for) for wait in trace.deadlock.waits}
    holders = [each for each in told.values() if each == (("threads", "connections"), "threads")]
    assert len(holders) == 10
    assert list(told.values()).count((("threads",), "connections")) == 1


def test_ten_requests_with_ten_connections_do_not() -> None:
    trace = run(shipped("deadlock", "workload.schedule[0].times=10"), "framework")
    assert trace.deadlock is None
    assert (trace.status == Status.COMPLETED).all()
    assert np.all(responses([trace]) >= 0.022)


@pytest.mark.parametrize("times", [11, 100])
def test_holding_the_connection_inside_the_handler_does_not(times: int) -> None:
    overrides = "workload.schedule[0].request=inside", f"workload.schedule[0].times={times}"
    trace = run(shipped("deadlock", *overrides), "framework")
    assert trace.deadlock is None
    assert (trace.status == Status.COMPLETED).all()
    assert len(trace) == times
