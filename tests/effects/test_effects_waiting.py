"""Published effects of who waits with what: for a loop, for a thread, for a connection."""

from __future__ import annotations

import numpy as np
import pytest
from effects_runs import responses, run, runs, shipped

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


PAIRS = """
name: pairs
requests: {call: [{io: 200ms}]}
workload: {schedule: [%s]}
servers:
  gthread: {model: threaded, workers: 2, threads: 1}
  sync: {model: serial, workers: 2}
run: {seed: %d}
"""

BUSY = """
name: busy
requests: {slow: [{io: 3s}], fast: [{io: 10ms}]}
workload: {schedule: [{at: 0s, request: slow}, %s]}
servers: {gthread: {model: threaded, workers: 4, threads: 1}}
run: {seed: %d}
"""


def test_threads_accept_what_they_cannot_serve_yet() -> None:
    """320 requests of 500 ms from 32 users, 8 workers with 4 threads: gunicorn takes 7.2 to 8.6 s.

    Source: measured with gunicorn 27; gunicorn issue 1364. With one queue it would take 5.0 s.
    """
    scenario = shipped("gthread-queues")
    took_s = [trace.finish_ns.max() / 1e9 for trace in runs(scenario, "eight", 40)]
    assert 7.2 < np.mean(took_s) < 8.6
    assert run(scenario, "one").finish_ns.max() / 1e9 == 5.0
    assert run(scenario, "one queue").finish_ns.max() / 1e9 == 5.0


def test_two_simultaneous_requests_may_go_to_the_same_of_two_workers() -> None:
    """Of 30 pairs, gunicorn serves 11 and 12 one after the other; sync workers none.

    Source: measured with gunicorn 27; gunicorn issue 3433.
    """
    pairs = ", ".join(f"{{at: {second}s, request: call, times: 2}}" for second in range(30))

    def stuck(server: str, seed: int) -> int:
        return sum(each > 0.3 for each in responses([run(loads(PAIRS % (pairs, seed)), server)]))

    found = [stuck("gthread", seed) for seed in range(40)]
    assert 0.45 < np.mean(found) / 30 < 0.55
    assert min(found) <= 12
    assert stuck("sync", 1) == 0


def test_fast_requests_go_to_a_worker_that_is_busy() -> None:
    """Of 20 fast requests beside a slow one on 4 workers, gunicorn has 7, 5 and 2 stuck behind it.

    Source: measured with gunicorn 27; gunicorn issue 2191.
    """
    fast = ", ".join(f"{{at: {100 * each}ms, request: fast}}" for each in range(1, 21))
    found = [
        sum(each > 0.1 for each in responses([run(loads(BUSY % (fast, seed)), "gthread")])) - 1
        for seed in range(40)
    ]
    assert 4 < np.mean(found) < 6
    assert {2, 5, 7} <= set(found)


LIGHT = """
name: light
requests: {{page: [{{cpu: 2ms}}, {{io: 20ms}}, {{cpu: 2ms}}]}}
workload: {{open: {{rate: {rate}/s}}, requests: 200}}
servers: {{loops: {{model: cooperative, workers: 4, dispatch: last_idle}}}}
run: {{seed: 1}}
"""


@pytest.mark.parametrize(
    ("rate", "measured"),
    [(5, [0, 0, 0, 200]), (20, [0, 0, 15, 185]), (50, [0, 1, 23, 176]), (100, [1, 6, 40, 153])],
)
def test_the_last_of_idle_loops_takes_most_of_a_light_load(rate: int, measured: list[int]) -> None:
    """One of the processes that wait for one socket has 70 to 96 % of a light load.

    Source: measured with asyncio on one socket; M. Majkowski, Why does one NGINX worker take all
    the load?, Cloudflare, 2017.
    """
    traces = runs(loads(LIGHT.format(rate=rate)), "loops", 20)
    shares = np.mean([np.bincount(trace.worker, minlength=4) for trace in traces], axis=0)
    assert np.abs(shares - measured).max() < 20
    assert shares[3] > 0.65 * 200
    assert np.all(np.diff(shares) >= 0)


@pytest.mark.parametrize(("rate", "share"), [(5, 0.95), (40, 0.71)])
def test_workers_in_a_fixed_order_have_the_shares_of_erlang(rate: int, share: float) -> None:
    """Of a load of a erlang the first to be woken has 1 / (1 + a), what it does not lose.

    Source: C. Palm, Analysis of the Erlang traffic formulae for busy-signal arrangements, 1938.
    """
    text = LIGHT.format(rate=rate).replace("cooperative", "serial").replace("200", "5000")
    scenario = loads(text, overrides=["requests.page=[{cpu: {exponential: 10ms}}]"])
    (trace,) = runs(scenario, "loops", 1)
    assert share == pytest.approx(1 / (1 + rate / 100), abs=0.005)
    assert np.mean(trace.worker == 3) == pytest.approx(share, abs=0.02)


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
