"""Work that goes on after the client has its answer; in ms."""

from __future__ import annotations

import numpy as np
import pytest
from schedules import cooperative, ms, run, serial, statuses, threaded
from workloads import MS, closed, cpu, hold, io, respond

from simsched.engine import simulate
from simsched.engine.conditions import Conditions, Outage
from simsched.scenario import loads
from simsched.scenario.model.client import Client
from simsched.scenario.model.servers import Server
from simsched.workload import draw

TASK = cpu(2) + respond() + cpu(3) + io(4) + cpu(1)


@pytest.mark.parametrize("server", [serial(), threaded(), cooperative()])
def test_the_client_has_its_answer_while_the_server_goes_on(server: Server) -> None:
    trace = run(server, (0, TASK))
    assert ms(trace.finish_ns) == [2]
    assert statuses(trace) == ["completed"]
    assert (ms(trace.cpu_ns), ms(trace.io_ns)) == ([2], [0])
    assert ms(trace.late_cpu_ns) == [4]
    assert ms(trace.late_until_ns) == [10]
    assert trace.end_ns == 10 * MS


def test_a_worker_takes_the_next_request_when_all_is_done() -> None:
    trace = run(serial(), (0, TASK), (1, cpu(1)))
    assert ms(trace.start_ns) == [0, 10]
    assert ms(trace.finish_ns) == [2, 11]


def test_a_loop_computes_what_follows_without_yielding() -> None:
    trace = run(cooperative(), (0, TASK), (1, cpu(1)))
    # The loop is busy until 5; the I/O of the background is no concern of it.
    assert ms(trace.finish_ns) == [2, 6]


def test_an_answer_after_io_needs_the_loop() -> None:
    trace = run(cooperative(), (0, io(2) + respond() + io(3)), (0, cpu(5)))
    assert ms(trace.finish_ns) == [5, 5]


def test_a_thread_is_kept_by_what_follows() -> None:
    trace = run(threaded(threads=1), (0, respond() + io(6)), (1, cpu(1)))
    assert ms(trace.finish_ns) == [0, 7]


def test_what_follows_counts_as_in_flight() -> None:
    trace = run(cooperative(max_in_flight=1), (0, respond() + io(6)), (1, cpu(1)))
    assert ms(trace.finish_ns) == [0, 7]


def test_a_slot_may_be_held_beyond_the_answer() -> None:
    requests = [(0, hold("db", io(2), respond(), io(3))), (0, hold("db", io(1)))]
    assert ms(run(cooperative(), *requests, capacity={"db": 1}).finish_ns) == [2, 6]


def test_only_the_first_answer_counts() -> None:
    assert ms(run(cooperative(), (0, cpu(1) + respond() + cpu(1) + respond())).finish_ns) == [1]


def test_a_client_that_has_its_answer_does_not_give_up() -> None:
    leaves = Conditions(client=Client(timeout="4ms"))
    trace = run(cooperative(), (0, TASK), (20, cpu(5) + respond() + cpu(1)), conditions=leaves)
    assert statuses(trace) == ["completed", "timed_out"]
    assert ms(trace.finish_ns) == [2, 24]


def test_a_failure_after_the_answer_ends_the_work_and_changes_no_answer() -> None:
    trace = run(cooperative(), (0, cpu(1) + respond() + io(3, fails=[1]) + cpu(9)), (0, cpu(1)))
    assert statuses(trace) == ["completed", "completed"]
    assert ms(trace.finish_ns) == [1, 2]
    assert ms(trace.late_cpu_ns) == [0, 0]


def test_a_worker_that_goes_down_ends_the_work_and_changes_no_answer() -> None:
    down = Conditions(outages=(Outage(0, 5 * MS, 9 * MS),))
    trace = run(serial(), (0, cpu(2) + respond() + cpu(9)), (3, cpu(1)), conditions=down)
    assert statuses(trace) == ["completed", "completed"]
    assert ms(trace.finish_ns) == [2, 10]
    assert ms(trace.late_cpu_ns) == [3, 0]


def test_a_user_thinks_while_the_server_goes_on() -> None:
    trace = simulate(closed([[(3, cpu(2) + respond() + cpu(2))]], end=20), serial())
    # Asks at 3, 8, 13, ...: the worker is done with the one before at 7, 12, ...
    assert ms(trace.arrival_ns) == [3, 8, 13, 18]
    assert ms(trace.finish_ns) == [5, 10, 15, 20]


def test_what_is_cut_off_at_the_end_of_the_run_has_been_answered() -> None:
    trace = run(serial(), (0, cpu(2) + respond() + cpu(9)), end=5)
    assert statuses(trace) == ["completed"]
    assert ms(trace.late_cpu_ns) == [3]


STARLETTE = """
name: starlette
requests:
  mail: [{{cpu: 1ms}}, {{respond: true}}, {{{kind}: 3s}}]
workload: {{schedule: [{{at: 0s, request: mail, times: 3}}]}}
servers: {{loop: {{model: cooperative}}}}
"""


def test_the_first_answer_of_background_tasks_comes_at_once() -> None:
    """Starlette sends the response, and then runs the background task (its documentation).

    One that awaits lets the others through; one that computes, or blocks, keeps the loop.
    """
    for kind, last in (("io", 3), ("cpu", 6003)):
        scenario = loads(STARLETTE.format(kind=kind))
        trace = simulate(draw(scenario, 1), scenario.servers["loop"])
        finishes = ms(trace.finish_ns)
        assert finishes[0] == 1
        assert finishes[2] == last


def test_the_demand_ends_with_the_answer_and_the_load_does_not() -> None:
    scenario = loads(STARLETTE.format(kind="cpu"))
    drawn = draw(scenario, 1)
    assert drawn.demand_ns().tolist() == [MS] * 3
    run = simulate(drawn, scenario.servers["loop"])
    assert run.late_cpu_ns is not None
    assert int(run.late_cpu_ns.sum()) == 9_000 * MS
    assert np.all(run.cpu_ns == MS)
