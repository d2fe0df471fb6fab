"""Resources that only so many requests may ask for in a time, with schedules by hand in ms."""

from __future__ import annotations

import pytest
from schedules import cooperative, ms, run, serial, statuses
from workloads import MS, cpu, hold, io

from simsched.engine import Trace
from simsched.engine.conditions import Conditions
from simsched.engine.trace import MISSING
from simsched.errors import ScenarioError
from simsched.scenario import loads
from simsched.scenario.model.client import Client
from simsched.scenario.model.servers import Server
from simsched.statistics.stability import load
from simsched.statistics.theory.bounds import batch_of
from simsched.statistics.theory.matching import known
from simsched.workload.steps import Resource, Tokens


def api(capacity: int = 9, burst: int = 2, *, refuses: bool = False, **others: object) -> Resource:
    return Resource("api", capacity, tokens=Tokens(10 * MS, burst, refuses), **others)


def calls(server: Server, resource: Resource, *arrivals: float, **others: object) -> Trace:
    requests = [(at, io(5, on="api")) for at in arrivals]
    return run(server, *requests, resources=[resource], **others)


def test_who_finds_no_token_waits_for_one() -> None:
    trace = calls(cooperative(), api(), 0, 0, 1, 2, 35, 36)
    assert ms(trace.io_wait_ns) == [0, 0, 9, 18, 0, 4]
    assert ms(trace.finish_ns) == [5, 5, 15, 25, 40, 45]
    assert ms(trace.visits.asked_ns) == [0, 0, 1, 2, 35, 36]
    assert ms(trace.visits.granted_ns) == [0, 0, 10, 20, 35, 40]


def test_who_finds_no_token_fails_at_once_if_it_is_refused() -> None:
    trace = calls(cooperative(), api(refuses=True), 0, 0, 1, 10)
    assert statuses(trace) == ["completed", "completed", "failed", "completed"]
    assert ms(trace.finish_ns) == [5, 5, 1, 15]
    assert trace.visits.granted_ns[2] == MISSING
    assert ms(trace.visits.released_ns) == [5, 5, 1, 15]


def test_a_slot_is_waited_for_after_the_token() -> None:
    trace = calls(cooperative(), api(capacity=1, burst=3), 0, 0, 0, 0)
    assert ms(trace.visits.granted_ns) == [0, 5, 10, 15]
    slow = run(
        cooperative(),
        (0, io(30, on="api")),
        (0, io(1, on="api")),
        resources=[api(capacity=1, burst=1)],
    )
    assert ms(slow.visits.granted_ns) == [0, 30]


def test_the_acquire_timeout_covers_both_waits() -> None:
    trace = calls(cooperative(), api(burst=1, patience_ns=15 * MS), 0, 0, 0)
    assert statuses(trace) == ["completed", "completed", "failed"]
    assert ms(trace.finish_ns) == [5, 15, 15]


def test_who_gave_up_has_used_its_token_up() -> None:
    impatient = Conditions(client=Client(timeout="5ms"))
    server = cooperative(cancel_abandoned=True)
    requests = [(at, cpu(0) + io(1, on="api")) for at in (0, 0, 18)]
    trace = run(server, *requests, resources=[api(burst=1)], conditions=impatient)
    assert statuses(trace) == ["completed", "timed_out", "completed"]
    assert ms(trace.visits.granted_ns) == [0, 10, 20]


def test_a_phase_that_is_given_up_waits_no_longer() -> None:
    requests = [(0, io(1, on="api", timeout=4, goes_on=True) + cpu(1)) for _ in range(2)]
    trace = run(cooperative(), *requests, resources=[api(burst=1)])
    assert statuses(trace) == ["completed", "completed"]
    assert ms(trace.finish_ns) == [2, 5]


def test_what_is_held_needs_a_token_once() -> None:
    page = hold("api", io(5), io(5))
    trace = run(serial(workers=2), (0, page), (0, page), resources=[api(burst=1)])
    assert ms(trace.finish_ns) == [10, 20]


def test_a_refused_hold_lets_the_worker_go_on() -> None:
    page = hold("api", io(5))
    trace = run(serial(), (0, page), (0, page), (0, cpu(1)), resources=[api(burst=1, refuses=True)])
    assert statuses(trace) == ["completed", "failed", "completed"]
    assert ms(trace.finish_ns) == [5, 5, 6]


def test_each_worker_may_have_a_bucket_of_its_own() -> None:
    server = cooperative(workers=2, dispatch="round_robin")
    trace = calls(server, api(burst=1, per_worker=True), 0, 0, 0, 0)
    assert ms(trace.finish_ns) == [5, 5, 15, 15]


SCENARIO = """
name: limited
resources: {{api: {{capacity: 100, rate_limit: {limit}}}}}
requests: {{page: [{{io: 10ms, on: api}}]}}
workload: {workload}
servers: {{s: {{model: cooperative}}}}
"""


def test_tokens_say_how_many_requests_there_may_be() -> None:
    poisson = "{open: {rate: 130/s}, duration: 60s}"
    waiting = loads(
        SCENARIO.format(limit="{rate: 100/s, when_full: wait}", workload=poisson),
    )
    found = load("s", waiting, waiting.servers["s"])
    assert found is not None
    assert found.station.name == "api"
    assert found.station.demand_s == pytest.approx(0.01)
    assert not found.stable
    refusing = loads(SCENARIO.format(limit="{rate: 100/s}", workload=poisson))
    found = load("s", refusing, refusing.servers["s"])
    assert found is not None
    assert found.stable


def test_a_full_bucket_leaves_no_bound_on_a_schedule() -> None:
    schedule = "{schedule: [{at: 0ms, request: page, times: 4}]}"
    limited = loads(
        SCENARIO.format(limit="{rate: 10/s, burst: 4, when_full: wait}", workload=schedule)
    )
    assert known(limited, "s", limited.servers["s"], batch=batch_of(limited)) == ()


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("{burst: 2}", "rate is missing"),
        ("{rate: 0.01/min, burst: 1000000}", "write a smaller burst"),
        ("{rate: 1/s, per: worker}", "per"),
    ],
)
def test_what_cannot_be_is_an_error(limit: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        loads(SCENARIO.format(limit=limit, workload="{open: {rate: 1/s}, duration: 1s}"))
