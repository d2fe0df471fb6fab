"""Cores that are taken away from classes that come later, with schedules by hand in ms."""

from __future__ import annotations

import pytest
from schedules import finishes, ms, run, serial, threaded
from workloads import cpu, io

from simsched.errors import ScenarioError
from simsched.scenario import loads

ONE_CORE = {"cores": 1, "discipline": "preemptive", "time_slice": "100ms"}


def test_an_earlier_class_takes_the_core_and_the_other_goes_on_later() -> None:
    trace = run(serial(workers=2, **ONE_CORE), (0, cpu(20)), (5, cpu(4)), priorities=[1, 0])
    assert ms(trace.finish_ns) == [24, 9]
    assert ms(trace.cpu_ns) == [20, 4]
    assert ms(trace.cpu_wait_ns) == [4, 0]


def test_the_same_class_or_a_later_one_waits() -> None:
    server = serial(workers=3, **ONE_CORE)
    arrivals = ((0, cpu(10)), (1, cpu(4)), (2, cpu(4)))
    assert finishes(server, *arrivals, priorities=[0, 1, 0]) == [10, 18, 14]


def test_who_was_interrupted_is_the_first_of_its_class() -> None:
    server = serial(workers=4, **ONE_CORE)
    arrivals = ((0, cpu(10)), (1, cpu(4)), (2, cpu(4)), (3, cpu(2)))
    assert finishes(server, *arrivals, priorities=[1, 1, 0, 0]) == [16, 20, 6, 8]


def test_equals_share_the_core_in_time_slices() -> None:
    server = serial(workers=3, **{**ONE_CORE, "time_slice": "2ms"})
    arrivals = ((0, cpu(9)), (1, cpu(4)), (1, cpu(4)))
    # Of the two from 1 on, one ends at 7: 1-3, 5-7; the other at 9.
    assert finishes(server, *arrivals, priorities=[1, 0, 0]) == [17, 7, 9]


def test_of_two_cores_that_of_the_last_class_is_taken() -> None:
    server = serial(workers=3, **{**ONE_CORE, "cores": 2})
    arrivals = ((0, cpu(10)), (0, cpu(10)), (4, cpu(3)))
    assert finishes(server, *arrivals, priorities=[2, 1, 0]) == [13, 10, 7]
    # Of equals the last to begin; its time on the core does not matter.
    assert finishes(server, *arrivals, priorities=[1, 1, 0]) == [10, 13, 7]


def test_two_that_come_at_once_take_two_cores() -> None:
    server = serial(workers=4, **{**ONE_CORE, "cores": 2})
    arrivals = ((0, cpu(10)), (0, cpu(10)), (4, cpu(3)), (4, cpu(3)))
    assert finishes(server, *arrivals, priorities=[1, 1, 0, 0]) == [13, 13, 7, 7]


def test_who_is_done_at_this_very_moment_is_not_interrupted() -> None:
    server = serial(workers=2, **ONE_CORE)
    trace = run(server, (0, io(1) + cpu(5)), (0, io(6) + cpu(2)), priorities=[1, 0])
    assert ms(trace.finish_ns) == [6, 8]
    assert ms(trace.cpu_wait_ns) == [0, 0]


def test_threads_without_a_lock_share_cores_by_class() -> None:
    server = threaded(threads=2, interpreter_lock=False, **ONE_CORE)
    assert finishes(server, (0, cpu(20)), (5, cpu(4)), priorities=[1, 0]) == [24, 9]


def test_the_lock_is_not_taken_away() -> None:
    """The second takes the core of the first, for whose lock the third waits until that goes on.

    The switch interval is over by then, so that the first gives its lock up as soon as it has a
    core again.
    """
    server = threaded(workers=2, threads=2, dispatch="round_robin", **ONE_CORE)
    arrivals = ((0, cpu(4)), (1, cpu(8)), (2, cpu(2)))
    assert finishes(server, *arrivals, priorities=[1, 0, 0]) == [14, 9, 11]


def test_the_accept_queue_is_in_order_of_the_classes() -> None:
    server = serial(workers=2, **ONE_CORE)
    arrivals = ((0, cpu(4)), (0, cpu(4)), (1, cpu(4)), (2, cpu(4)))
    assert finishes(server, *arrivals, priorities=[0, 0, 1, 0]) == [4, 8, 16, 12]


SCENARIO = """
name: bad
requests: {{page: {{phases: [{{cpu: 1ms{beside}}}], priority: 1}}}}
workload: {{open: {{rate: 1/s}}, duration: 1s}}
servers: {{s: {server}}}
"""


@pytest.mark.parametrize(
    "server",
    [
        "{model: serial, workers: 2, discipline: preemptive}",
        "{model: cooperative, workers: 2, cores: 2, discipline: preemptive}",
        "{model: threaded, discipline: preemptive}",
    ],
)
def test_where_no_core_is_shared_nothing_would_be_interrupted(server: str) -> None:
    with pytest.raises(ScenarioError, match="no request would be interrupted; write fewer cores"):
        loads(SCENARIO.format(server=server, beside=""))


def test_where_cores_are_shared_a_server_may_be_pre_emptive() -> None:
    for server, beside in (
        ("{model: serial, workers: 2, cores: 1, discipline: preemptive}", ""),
        ("{model: threaded, interpreter_lock: false, discipline: preemptive}", ""),
        ("{model: threaded, discipline: preemptive}", ", lock_free: 50%"),
    ):
        assert loads(SCENARIO.format(server=server, beside=beside)).servers
