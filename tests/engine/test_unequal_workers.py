"""Workers that are not equally fast, with schedules by hand, in ms."""

from __future__ import annotations

import pytest
from schedules import cooperative, finishes, ms, run, serial, threaded
from workloads import MS, cpu, io

from simsched.engine.conditions import Conditions, Outage
from simsched.errors import ScenarioError
from simsched.scenario import loads

UNEQUAL = [{"speed": 1}, {"speed": 0.5}]


def test_a_slow_worker_computes_longer_and_waits_as_long():
    page = cpu(4) + io(5) + cpu(1)
    trace = run(serial(workers=UNEQUAL), (0, page), (0, page))
    assert ms(trace.finish_ns) == [10, 15]
    assert ms(trace.cpu_ns) == [5, 10]
    assert ms(trace.io_ns) == [5, 5]
    assert ms(trace.demand_ns) == [10, 10]


def test_the_overhead_is_computed_at_the_speed_of_the_worker():
    server = serial(workers=[{"speed": 2}], overhead={"request": "3ms"})
    assert finishes(server, (0, cpu(1))) == [2]


def test_threads_of_a_slow_worker_take_turns_as_others_do():
    server = threaded(
        workers=[{"speed": 0.5}], threads=2, switch_interval="5ms", overhead={"switch": "1ms"}
    )
    # 0 to 5 the first, to 10 the second, and each time a thread is given the lock again 2 ms more.
    assert finishes(server, (0, cpu(4)), (0, cpu(4))) == [15, 20]


def test_the_timeline_has_the_phases_of_a_slow_worker():
    trace = run(serial(workers=[{"speed": 0.5}]), (0, cpu(2) + cpu(3)))
    assert ms(trace.segments.finish_ns) == [4, 10]


def test_a_loop_is_slow_for_a_while():
    slow = Conditions(outages=(Outage(0, 1 * MS, 6 * MS, slower=3.0),))
    arrivals = [(at, cpu(1)) for at in (0, 0, 0, 10)]
    assert finishes(cooperative(), *arrivals, conditions=slow) == [1, 4, 7, 11]


def test_one_worker_that_differs_is_a_list_too():
    text = """
        name: one
        requests: {page: [{cpu: 1ms}]}
        workload: {open: {rate: 1/s}, duration: 1s}
        servers: {s: {model: serial, workers: {speed: 0.5}}}
        """
    message = (
        "workers: a number or a list is needed, not a mapping; write for example"
        " [{speed: 1}, {speed: 0.5}]"
    )
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    assert message in str(caught.value)
