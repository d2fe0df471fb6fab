"""Connections that clients keep alive: schedules by hand, in ms, and what holds on every one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from schedules import cooperative, ms, run, serial, statuses, threaded
from workloads import MS, call, cpu, hold, io, workload

from scenarios import connections, programs, servers, straight_programs, workloads
from simsched.engine import Status, Trace, compiled, reference, simulate
from simsched.engine.conditions import Conditions, Outage, Service
from simsched.engine.trace import MISSING
from simsched.errors import ScenarioError
from simsched.scenario import loads
from simsched.scenario.model.client import Client, Connections
from simsched.scenario.model.servers import Server
from simsched.statistics.stability import load
from simsched.workload.columns import Workload


def keeping(most: int, *, outages: tuple[Outage, ...] = (), **options: object) -> Conditions:
    kept = Connections(max=most, **options)
    return Conditions(client=Client(connections=kept), outages=outages)


def in_turn(**options: object) -> Server:
    return cooperative(workers=2, dispatch="round_robin", **options)


def workers_of(*arrivals: float, server: Server | None = None, **others: object) -> list[int]:
    trace = run(server or in_turn(), *((at, io(1)) for at in arrivals), **others)
    assert set(statuses(trace)) == {"completed"}
    return trace.worker.tolist()


def test_a_connection_stays_with_the_worker_that_accepted_it():
    assert workers_of(0, 10, 20) == [0, 1, 0]
    assert workers_of(0, 10, 20, conditions=keeping(1)) == [0, 0, 0]


@pytest.mark.parametrize(("reuse", "workers"), [("lifo", [0, 1, 0, 0]), ("fifo", [0, 1, 1, 0])])
def test_of_idle_connections_one_end_is_taken(reuse, workers):
    requests = [(0, io(5)), (1, io(1)), (10, io(1)), (20, io(1))]
    trace = run(in_turn(), *requests, conditions=keeping(2, reuse=reuse))
    assert trace.worker.tolist() == workers


def test_a_request_waits_at_its_client_while_all_connections_are_in_use():
    requests = [(0, io(10)), (2, io(10)), (3, io(1))]
    trace = run(cooperative(), *requests, conditions=keeping(1))
    assert ms(trace.start_ns) == [0, 10, 20]
    assert ms(trace.queue_ns) == [0, 8, 17]
    assert ms(trace.finish_ns) == [10, 20, 21]


def test_who_gives_up_in_line_leaves_it_and_never_reaches_the_server():
    waits = [(None, None), (3, None), (None, 4), (None, None)]
    requests = [(0, io(20)), (1, io(1)), (1, io(1)), (2, io(1))]
    trace = run(cooperative(), *requests, conditions=keeping(1), waits=waits)
    assert statuses(trace) == ["completed", "timed_out", "timed_out", "completed"]
    assert trace.worker.tolist() == [0, -1, -1, 0]
    assert ms(trace.finish_ns) == [20, 4, 5, 21]


def test_who_gives_up_closes_the_connection_and_the_next_in_line_opens_one():
    waits = [(5, None), (None, None)]
    trace = run(in_turn(), (0, io(9)), (1, io(2)), conditions=keeping(1), waits=waits)
    assert ms(trace.start_ns) == [0, 5]
    assert trace.worker.tolist() == [0, 1]


def test_a_failed_request_leaves_its_connection_to_others_and_a_refused_one_does_not():
    failed = run(in_turn(), (0, io(1, fails=[1])), (5, io(1)), conditions=keeping(1))
    assert statuses(failed) == ["failed", "completed"]
    assert failed.worker.tolist() == [0, 0]
    late = in_turn(max_in_flight=1, queue_timeout="1ms")
    requests = [(0, io(4)), (1, io(1)), (10, io(1)), (10, io(1))]
    trace = run(late, *requests, conditions=keeping(2))
    assert statuses(trace) == ["completed", "refused", "completed", "completed"]
    assert trace.worker.tolist() == [0, -1, 0, 0]  # the third connection is the first worker's


def test_an_idle_connection_is_closed_after_its_time():
    kept = keeping(1, idle="5ms")
    assert workers_of(0, 5, 11, conditions=kept) == [0, 0, 1]  # idle for 4 ms, and for 5


def test_a_worker_that_restarts_closes_its_connections():
    server = in_turn(max_requests=2)
    assert workers_of(0, 10, 20, 30, server=server, conditions=keeping(1)) == [0, 0, 1, 1]


@pytest.mark.parametrize("drain", [False, True])
def test_a_worker_that_is_down_has_closed_its_connections(drain):
    down = (Outage(0, 5 * MS, 8 * MS, drain=drain),)
    assert workers_of(0, 6, 10, conditions=keeping(1, outages=down)) == [0, 1, 1]
    assert workers_of(0, 10, 20, conditions=keeping(1, outages=down)) == [0, 1, 1]


def test_when_a_worker_goes_down_those_in_line_open_other_connections():
    down = (Outage(0, 5 * MS, 8 * MS),)
    trace = run(in_turn(), (0, io(10)), (1, io(1)), conditions=keeping(1, outages=down))
    assert statuses(trace) == ["cancelled", "completed"]
    assert ms(trace.start_ns) == [0, 5]
    assert trace.worker.tolist() == [0, 1]


def two_to_one_loop(server: Server, **others: object) -> Trace:
    """Return what becomes of two connections of one worker, whose requests then meet."""
    requests = [(0, io(2)), (1, io(2)), (10, cpu(5)), (11, cpu(1)), (11, cpu(1))]
    return run(server, *requests, **others)


@pytest.mark.parametrize("dispatch", ["last_idle", "shared"])
def test_a_request_waits_for_the_worker_of_its_connection_though_others_are_idle(dispatch):
    server = cooperative(workers=2, dispatch=dispatch)
    trace = two_to_one_loop(server, conditions=keeping(3))
    if dispatch == "last_idle":
        assert trace.worker.tolist() == [1, 1, 1, 1, 0]
        assert ms(trace.finish_ns) == [2, 3, 15, 16, 12]
    else:  # in turn: the first loop is idle again behind the second
        assert trace.worker.tolist() == [0, 1, 1, 0, 0]


def test_the_threads_of_a_worker_share_what_its_connections_bring():
    server = threaded(workers=2, threads=2, dispatch="shared")
    requests = [*((at, io(2)) for at in (0, 0, 0, 0)), *((10, cpu(1)) for _ in range(4))]
    trace = run(server, *requests, conditions=keeping(4))
    assert trace.worker.tolist() == [0, 1, 0, 1, 1, 0, 1, 0]
    assert ms(trace.cpu_wait_ns) == [0] * 6 + [1, 1]


def test_a_worker_that_drains_ends_what_its_connections_have_brought():
    server = cooperative(workers=2, dispatch="last_idle")
    down = (Outage(1, 12 * MS, 14 * MS, drain=True),)
    trace = two_to_one_loop(server, conditions=keeping(2, outages=down))
    assert statuses(trace) == ["completed"] * 5
    assert trace.worker.tolist() == [1, 1, 1, 1, 0]
    # The last waits for a connection until the third is done; both of the loop's are closed.
    assert ms(trace.finish_ns) == [2, 3, 15, 16, 16]


def test_the_wait_for_a_connection_is_none_of_the_servers():
    """A request that comes late to the server is not refused for that."""
    server = cooperative(queue_timeout="1ms")
    trace = run(server, (0, io(10)), (0, io(10)), conditions=keeping(1))
    assert statuses(trace) == ["completed", "completed"]


ONE = hold("a", io(1), hold("b", io(1)))
OTHER = hold("b", io(1), hold("a", io(1)))
ONE_OF_EACH = {"a": 1, "b": 1}


def test_who_waits_for_a_connection_behind_a_deadlock_is_stuck_too():
    requests = [(0, ONE), (0, OTHER), (5, io(1))]
    stuck = run(cooperative(), *requests, conditions=keeping(2), capacity=ONE_OF_EACH)
    assert [str(wait) for wait in stuck.deadlock.waits] == [
        "request 1 holds a connection and a and waits for b",
        "request 2 holds a connection and b and waits for a",
        "request 3 holds nothing and waits for a connection",
    ]
    free = run(cooperative(), *requests, conditions=keeping(3), capacity=ONE_OF_EACH)
    assert free.deadlock.stuck == 2


def test_a_request_that_has_no_connection_any_more_frees_none():
    requests = [(0, io(100)), (2, ONE), (2, OTHER), (5, io(1))]
    options = {"conditions": keeping(2), "waits": [(1, None), *[(None, None)] * 3]}
    server = cooperative(max_in_flight=3)
    trace = run(server, *requests, capacity=ONE_OF_EACH, end=10, **options)
    assert [wait.request for wait in trace.deadlock.waits] == [2, 3, 4]


@pytest.mark.parametrize("engine", [reference, compiled])
@pytest.mark.parametrize(
    ("service", "waits"),
    [
        (io(9), None),
        (
            call("a", io(1)),
            [
                "request 5 holds a connection and waits for a worker",
                "request 4 holds a connection and a worker and a worker of a"
                " and waits for a worker of a",
            ],
        ),
    ],
)
def test_who_waits_for_the_worker_of_its_connection_is_stuck_only_if_that_is(
    engine, service, waits
):
    """The last two come on connections of the second worker, while the first is idle."""
    early = [(0, cpu(3)), (0, cpu(1)), (0, cpu(1))]
    met = workload([*early, (5, call("a", service)), (6, cpu(1))], services=("a",), end=7)
    conditions = replace(keeping(3, reuse="fifo"), services=(Service("a", serial()),))
    trace = engine.simulate(met, serial(workers=2, dispatch="shared"), conditions)
    assert trace.worker.tolist() == [0, 1, 1, 1, -1]
    assert (trace.deadlock and [str(wait) for wait in trace.deadlock.waits]) == waits


@given(workloads(programs, impatient=True), servers, connections)
def test_no_more_requests_are_under_way_than_there_are_connections(
    workload: Workload, server: Server, kept: Connections
) -> None:
    trace = simulate(workload, server, Conditions(client=Client(connections=kept)))
    served = trace.start_ns != MISSING
    ends = np.where(trace.status == Status.UNFINISHED, trace.end_ns, trace.finish_ns)[served]
    begins = trace.start_ns[served]
    for moment in begins.tolist():
        assert np.count_nonzero((begins <= moment) & (ends > moment)) <= kept.max


@given(workloads(straight_programs), servers, connections)
def test_the_wait_for_a_connection_is_part_of_the_response_time(
    workload: Workload, server: Server, kept: Connections
) -> None:
    trace = simulate(workload, server, Conditions(client=Client(connections=kept)))
    ends = np.where(trace.status == Status.UNFINISHED, trace.end_ns, trace.finish_ns)
    spent = trace.queue_ns + trace.cpu_ns + trace.cpu_wait_ns + trace.io_ns + trace.io_wait_ns
    assert (spent == ends - trace.arrival_ns).all()


SCENARIO = """
name: connections
requests: {{page: [{{io: 100ms}}]}}
workload: {{open: {{rate: {rate}/s}}, requests: 100}}
client: {{connections: {{max: 10}}{client}}}
servers: {{loop: {{model: cooperative, backlog: 1}}}}
"""


def test_too_few_connections_are_known_before_a_run():
    scenario = loads(SCENARIO.format(rate=120, client=""))
    found = load("loop", scenario, scenario.servers["loop"])
    assert found.station.name == "client connections"
    assert found.utilisation == pytest.approx(1.2)
    assert not found.stable
    assert "need 120 % of its client connections" in found.unstable_warning()
    patient = loads(SCENARIO.format(rate=120, client=", timeout: 1s"))
    assert load("loop", patient, patient.servers["loop"]).excess_fate == "given up"
    enough = loads(SCENARIO.format(rate=50, client=""))
    assert load("loop", enough, enough.servers["loop"]).stable


@pytest.mark.parametrize(
    ("connections", "message"),
    [
        ("{}", "connections: max is missing; write for example max: 100"),
        ("{max: 0}", "connections.max: the number 0 is too small; it must be at least 1"),
        ("{max: 200000}", "it must be at most 100000"),
        ("{max: 1, reuse: random}", "connections.reuse: 'random' is not one of lifo, fifo"),
        ("{max: 1, idle: 0s}", "connections.idle: 0 is too short"),
        ("{max: 1, idle: 75}", "connections.idle: 75 has no unit; write 75ms or 75s"),
    ],
)
def test_what_is_wrong_with_connections_is_said(connections, message):
    text = SCENARIO.format(rate=1, client="").replace("{max: 10}", connections)
    with pytest.raises(ScenarioError) as error:
        loads(text)
    assert message in str(error.value)
