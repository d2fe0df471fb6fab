"""Rate limits and CoDel: schedules by hand in both engines, and what CoDel is for."""

from __future__ import annotations

import numpy as np
import pytest
from schedules import cooperative, ms, run, serial, statuses
from workloads import cpu, io

from simsched.engine import Status, Trace, simulate
from simsched.engine.codel import CoDelState, refuses
from simsched.engine.conditions import Conditions, Outage
from simsched.errors import ScenarioError
from simsched.scenario import loads
from simsched.scenario.model.client import Client
from simsched.statistics.stability import load
from simsched.workload import draw

LIMIT = {"rate": "100/s", "burst": 2}  # a token comes every 10 ms
MS = 1_000_000


def test_who_finds_no_token_is_refused() -> None:
    """Two tokens at 0; the next ones at 10, 20 and, since no one came at 20, 30 ms."""
    arrivals = (0, 0, 1, 9, 10, 11, 30, 30, 30)
    trace = run(cooperative(rate_limit=LIMIT), *((at, io(1)) for at in arrivals))
    refused = [
        at for at, status in zip(arrivals, statuses(trace), strict=True) if status != "completed"
    ]
    assert refused == [1, 9, 11, 30]


def test_who_finds_no_token_waits_in_order() -> None:
    server = cooperative(rate_limit={**LIMIT, "when_full": "wait"})
    trace = run(server, *((at, io(1)) for at in (0, 0, 1, 2, 35, 36)))
    # At 35 there are one and a half tokens, so that the next is whole at 40.
    assert ms(trace.start_ns) == [0, 0, 10, 20, 35, 40]
    assert ms(trace.queue_ns) == [0, 0, 9, 18, 0, 4]


def test_a_burst_fills_up_again_and_no_more() -> None:
    server = cooperative(rate_limit={**LIMIT, "when_full": "wait"})
    trace = run(server, *((at, io(1)) for at in (0, 0, 0, 100, 100, 100, 100)))
    assert ms(trace.start_ns) == [0, 0, 10, 100, 100, 110, 120]


def test_each_worker_may_have_a_bucket_of_its_own() -> None:
    each = {"rate": "100/s", "per": "worker"}
    server = cooperative(workers=2, dispatch="round_robin", rate_limit=each)
    trace = run(server, *((at, io(1)) for at in (0, 0, 1, 1, 10)))
    assert statuses(trace) == ["completed", "completed", "refused", "refused", "completed"]
    assert trace.worker.tolist() == [0, 1, -1, -1, 0]


def test_who_waits_for_a_token_of_a_worker_has_been_sent_to_it() -> None:
    each = {"rate": "100/s", "per": "worker", "when_full": "wait"}
    server = cooperative(workers=2, dispatch="round_robin", rate_limit=each)
    trace = run(server, *((at, io(1)) for at in (0, 0, 1, 1, 2)))
    assert ms(trace.start_ns) == [0, 0, 10, 10, 20]
    assert trace.worker.tolist() == [0, 1, 0, 1, 0]


def test_who_waited_for_a_worker_that_is_down_by_then_goes_to_another() -> None:
    """The third request has a token of worker 0 at 10, when that is down; at 12 the fourth of 1.

    It then takes one of worker 1's, which the fourth has before it.
    """
    each = {"rate": "100/s", "per": "worker", "when_full": "wait"}
    server = cooperative(workers=2, dispatch="round_robin", rate_limit=each)
    down = Conditions(outages=(Outage(0, 5 * MS, 100 * MS),))
    trace = run(server, *((at, io(1)) for at in (0, 0, 1, 2)), conditions=down)
    assert statuses(trace) == ["completed"] * 4
    assert ms(trace.start_ns) == [0, 0, 20, 10]
    assert trace.worker.tolist() == [0, 1, 1, 1]


def test_whose_client_leaves_while_waiting_for_a_token_has_taken_it() -> None:
    server = serial(rate_limit={"rate": "100/s", "when_full": "wait"})
    impatient = Conditions(client=Client(timeout="5ms"))
    trace = run(server, (0, cpu(1)), (0, cpu(1)), (12, cpu(1)), conditions=impatient)
    assert statuses(trace) == ["completed", "timed_out", "timed_out"]
    assert ms(trace.finish_ns) == [1, 5, 17]
    assert (trace.cpu_ns > 0).tolist() == [True, False, False]


def test_a_wait_for_a_token_comes_before_the_queue() -> None:
    server = serial(backlog=0, rate_limit={"rate": "100/s", "when_full": "wait"})
    trace = run(server, (0, cpu(25)), (1, cpu(1)), (2, cpu(1)), (3, cpu(1)))
    assert statuses(trace) == ["completed", "refused", "refused", "completed"]
    assert ms(trace.finish_ns) == [25, 10, 20, 31]


def test_codel_refuses_after_an_interval_and_then_more_and_more_quickly() -> None:
    """A request of 10 ms every 5 ms: waits are 0, 5, 10, ... ms, and above 12 ms from 40 ms on.

    An interval of 20 ms later, at 60 ms, the first is refused; the next are due 20 ms, 20/sqrt 2 ms
    and 20/sqrt 3 ms after each other.
    """
    state = CoDelState(target=12 * MS, interval=20 * MS)
    due = [60]
    for count in (1, 2, 3):
        due.append(due[-1] + 20 / count**0.5)
    refused = []
    for moment in range(30, 130, 1):
        waited = 13 if moment >= 40 else 5
        while refuses(state, moment * MS, waited * MS, waiting=9):
            refused.append(moment)
    assert refused == [60, *(int(np.ceil(each)) for each in due[1:4]), *refused[4:]]
    assert np.all(np.diff(refused) > 0)


def test_codel_stops_with_the_first_short_wait_and_leaves_the_last_one_alone() -> None:
    state = CoDelState(target=5 * MS, interval=10 * MS)
    assert not refuses(state, 0, 6 * MS, 9)
    assert refuses(state, 10 * MS, 6 * MS, 9)
    assert not refuses(state, 30 * MS, 4 * MS, 9)
    assert not refuses(state, 31 * MS, 6 * MS, 9)
    assert not refuses(state, 41 * MS, 6 * MS, 2)
    assert not refuses(state, 51 * MS, 6 * MS, 9)
    assert refuses(state, 61 * MS, 6 * MS, 9)


def test_codel_in_a_schedule() -> None:
    """Served at 0, 10, 20; from 10 on waits are above 5 ms, at 30 for an interval of 20 ms."""
    server = serial(codel={"target": "5ms", "interval": "20ms"})
    trace = run(server, *((at, cpu(10)) for at in (0, 1, 2, 3, 4, 5, 6)))
    # 30: the one of 3 is refused, that of 4 is served. 40: the next is due at 50, that of 5 served;
    # at 50 that of 6 is alone.
    assert statuses(trace) == ["completed"] * 3 + ["refused"] + ["completed"] * 3
    assert ms(trace.finish_ns) == [10, 20, 30, 30, 40, 50, 60]


OVERLOAD = """
name: overload
requests: {page: [{cpu: {exponential: 10ms}}]}
workload: {open: {rate: 130/s}, duration: 60s}
servers:
  patient: {model: serial}
  codel: {model: serial, codel: {target: 20ms, interval: 100ms}}
"""


def test_codel_keeps_the_wait_near_its_target_under_overload() -> None:
    scenario = loads(OVERLOAD)

    def wait_ms(name: str) -> tuple[float, Trace]:
        trace = simulate(
            draw(scenario, 1), scenario.servers[name], Conditions.of(scenario, name), engine="simpy"
        )
        late = (trace.arrival_ns > 20e9) & (trace.status == Status.COMPLETED)
        return float(np.median(trace.queue_ns[late])) / 1e6, trace

    patient, _ = wait_ms("patient")
    short, trace = wait_ms("codel")
    assert patient > 5_000
    assert short < 300
    busy = trace.cpu_ns[trace.status == Status.COMPLETED].sum() / trace.end_ns
    assert busy > 0.97  # what it refuses is what the server could not have done anyway


@pytest.mark.parametrize(
    ("server", "message"),
    [
        (
            "{model: serial, rate_limit: {rate: 0.01/min, burst: 1000000}}",
            "write a smaller burst",
        ),
        (
            "{model: serial, workers: 2, rate_limit: {rate: 1/s, per: worker}}",
            "all workers take from one queue, which no worker's bucket is before",
        ),
        (
            "{model: serial, backlog: 1, backlog_full: drop, rate_limit: {rate: 1/s}}",
            "a rate limit is about what was accepted, and so was not dropped; write refuse",
        ),
        (
            "{model: serial, rate_limit: {burst: 2}}",
            "rate is missing; write for example",
        ),
        ("{model: serial, codel: {target: 0s}}", "codel.target"),
    ],
)
def test_what_cannot_be_is_an_error(server: str, message: str) -> None:
    text = f"""
        name: bad
        requests: {{page: [{{cpu: 1ms}}]}}
        workload: {{open: {{rate: 1/s}}, duration: 1s}}
        servers: {{s: {server}}}
        """
    with pytest.raises(ScenarioError, match=message.replace("'", ".")):
        loads(text)


LIMITED = """
name: limited
requests: {{page: [{{cpu: {{exponential: 10ms}}}}]}}
workload: {{open: {{rate: 130/s}}, duration: 60s}}
servers: {{s: {{model: serial, rate_limit: {limit}}}}}
"""


@pytest.mark.parametrize(
    ("limit", "fate", "station"),
    [
        ("{rate: 90/s, burst: 5}", "refused", "workers"),
        ("{rate: 120/s, burst: 5}", None, "workers"),
        ("{rate: 90/s, burst: 5, when_full: wait}", None, "tokens"),
        ("{rate: 90/s, per: worker, when_full: wait}", None, "tokens"),
    ],
)
def test_a_limit_bounds_the_queue_if_it_is_below_what_the_server_can_do(
    limit: str, fate: str | None, station: str
) -> None:
    scenario = loads(LIMITED.format(limit=limit))
    found = load("s", scenario, scenario.servers["s"])
    assert found is not None
    assert found.excess_fate == fate
    assert found.station.name == station
