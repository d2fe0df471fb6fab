"""Exact schedules, worked out by hand. Times are in milliseconds unless a name says otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from workloads import MS, PAGE, PING, Program, cpu, hold, io, lecture, workload

from simsched.engine import MISSING, Activity, Status, Trace, simulate
from simsched.scenario.model.overhead import Overhead
from simsched.scenario.model.servers import CooperativeServer, SerialServer, Server, ThreadedServer

SERIAL = SerialServer(model="serial")
COOPERATIVE = CooperativeServer(model="cooperative")


def ms(column: np.ndarray) -> list[float]:
    return [value / MS for value in column.tolist()]


def finishes(server: Server, *requests: tuple[float, Program]) -> list[float]:
    return ms(simulate(workload(requests), server).finish_ns)


def timeline(trace: Trace, request: int) -> list[tuple[str, float, float]]:
    segments = trace.segments
    return [
        (Activity(activity).name, start / MS, finish / MS)
        for number, activity, start, finish in zip(
            segments.request.tolist(),
            segments.activity.tolist(),
            segments.start_ns.tolist(),
            segments.finish_ns.tolist(),
            strict=True,
        )
        if number == request
    ]


def test_a_serial_server_answers_the_lecture_in_the_order_of_arrival() -> None:
    trace = simulate(lecture(), SERIAL)
    assert ms(trace.finish_ns) == [85, 170, 184]
    assert ms(trace.finish_ns - trace.arrival_ns) == [85, 150, 112]
    assert ms(trace.queue_ns) == [0, 65, 98]


def test_a_cooperative_server_answers_the_short_third_request_before_the_second() -> None:
    trace = simulate(lecture(), COOPERATIVE)
    assert ms(trace.finish_ns) == [94, 108, 98]
    assert ms(trace.finish_ns - trace.arrival_ns) == [94, 88, 26]


def test_in_the_lecture_request_3_starts_8_ms_late_and_request_1_gets_its_loop_back_9_ms_late() -> (
    None
):
    trace = simulate(lecture(), COOPERATIVE)
    assert ms(trace.start_ns - trace.arrival_ns) == [0, 0, 8]
    assert ("CPU_WAIT", 75.0, 84.0) in timeline(trace, request=1)


def test_the_timeline_tells_every_stretch_of_a_request() -> None:
    trace = simulate(lecture(), COOPERATIVE)
    assert timeline(trace, request=3) == [
        ("QUEUE", 72, 80),
        ("CPU", 80, 84),
        ("IO", 84, 90),
        ("CPU_WAIT", 90, 94),
        ("CPU", 94, 98),
    ]


def test_the_timeline_is_kept_for_as_many_of_the_first_requests_as_asked() -> None:
    assert set(simulate(lecture(), SERIAL, timeline=2).segments.request.tolist()) == {1, 2}
    assert len(simulate(lecture(), SERIAL, timeline=0).segments.request) == 0


def test_serial_workers_share_one_queue() -> None:
    two = SerialServer(model="serial", workers=2)
    trace = simulate(lecture(), two)
    assert ms(trace.finish_ns) == [85, 105, 99]
    assert trace.worker.tolist() == [0, 1, 0]


def test_the_worker_that_has_been_idle_longest_takes_the_next_request() -> None:
    trace = simulate(
        workload([(0, cpu(5)), (1, cpu(1)), (7, cpu(1))]),
        SerialServer(model="serial", workers=2),
    )
    assert trace.worker.tolist() == [0, 1, 1]


def test_each_loop_has_its_own_requests_by_its_own_draw() -> None:
    requests = [(0, cpu(10)), (0, cpu(10)), (0, cpu(10))]
    trace = simulate(
        workload(requests, dispatch=[0.1, 0.9, 0.2]),
        CooperativeServer(model="cooperative", workers=2),
    )
    assert trace.worker.tolist() == [0, 1, 0]
    assert ms(trace.finish_ns) == [10, 10, 20]


def test_consecutive_cpu_phases_run_on_without_yielding() -> None:
    assert finishes(COOPERATIVE, (0, cpu(3) + cpu(4)), (0, cpu(1))) == [7, 8]


def test_consecutive_io_phases_need_the_loop_between_them() -> None:
    assert finishes(COOPERATIVE, (0, io(2) + io(2)), (1, cpu(9))) == [12, 10]


def test_a_request_that_ends_with_io_is_answered_when_the_io_ends() -> None:
    assert finishes(COOPERATIVE, (0, cpu(1) + io(2)), (1, cpu(9))) == [3, 10]


def test_a_phase_of_no_length_takes_no_time() -> None:
    assert finishes(COOPERATIVE, (0, cpu(0) + io(0) + cpu(0))) == [0]
    assert finishes(SERIAL, (0, cpu(0) + io(0) + cpu(0))) == [0]


def test_request_overhead_comes_before_the_first_phase_on_both_servers() -> None:
    overhead = Overhead(request="2ms")
    for server in (
        SerialServer(model="serial", overhead=overhead),
        CooperativeServer(model="cooperative", overhead=overhead),
    ):
        trace = simulate(workload([(0, io(5) + cpu(1))]), server)
        assert ms(trace.finish_ns) == [8]
        assert ms(trace.cpu_ns) == [3]


def test_switch_overhead_is_paid_each_time_the_loop_is_given_to_a_request_again() -> None:
    server = CooperativeServer(model="cooperative", overhead=Overhead(switch="1ms"))
    trace = simulate(workload([(0, cpu(1) + io(5) + io(5) + cpu(1))]), server)
    assert ms(trace.finish_ns) == [1 + 5 + 1 + 5 + 1 + 1]


def test_a_serial_worker_never_switches() -> None:
    server = SerialServer(model="serial", overhead=Overhead(switch="1ms"))
    assert ms(simulate(workload([(0, cpu(1) + io(5) + cpu(1))]), server).finish_ns) == [7]


LATE = Overhead(io="2ms")


@pytest.mark.parametrize(
    ("server", "finished"),
    [
        # 1 computes 0-1, 2 1-2, both wait until 8 and 9; a worker, until it has computed again
        (CooperativeServer(model="cooperative", overhead=LATE), [9, 10]),
        (SerialServer(model="serial", overhead=LATE), [9, 18]),
        (ThreadedServer(model="threaded", overhead=LATE), [9, 10]),
    ],
)
def test_io_comes_back_late_without_using_the_cpu(server: Server, finished: list[int]) -> None:
    trace = simulate(workload([(0, cpu(1) + io(5) + cpu(1))] * 2), server)
    assert ms(trace.finish_ns) == finished
    assert ms(trace.io_ns) == [7, 7]
    assert ms(trace.cpu_ns) == [2, 2]


def test_a_loop_that_blocks_does_so_until_the_io_comes_back() -> None:
    server = CooperativeServer(model="cooperative", overhead=LATE)
    trace = simulate(workload([(0, io(5, blocking=True)), (0, cpu(1))]), server)
    assert ms(trace.finish_ns) == [7, 8]


def test_a_resource_is_given_back_before_the_io_comes_back_and_a_slot_that_is_held_after() -> None:
    server = CooperativeServer(model="cooperative", overhead=LATE)
    for program, finished in ((io(5, "db"), [7, 12]), (hold("db", io(5)), [7, 14])):
        trace = simulate(workload([(0, program)] * 2, capacity={"db": 1}), server)
        assert ms(trace.finish_ns) == finished


def test_a_segment_is_cut_where_the_label_changes() -> None:
    server = CooperativeServer(model="cooperative", overhead=Overhead(request="2ms"))
    segments = simulate(workload([(0, cpu(3) + cpu(4) + io(1))]), server).segments
    assert segments.label == ("overhead", "computing", "computing", "waiting")
    assert ms(segments.finish_ns) == [2, 5, 9, 10]


WAITING = [(0, cpu(10)), (1, cpu(5)), (2, cpu(3)), (3, cpu(4)), (4, cpu(3))]


@pytest.mark.parametrize(
    ("discipline", "order"),
    [("fifo", [1, 2, 3, 4, 5]), ("lifo", [1, 5, 4, 3, 2]), ("shortest", [1, 3, 5, 4, 2])],
)
@pytest.mark.parametrize("model", [SerialServer, CooperativeServer])
def test_the_discipline_orders_those_who_wait(
    model: type[SerialServer | CooperativeServer], discipline: str, order: list[int]
) -> None:
    name = "serial" if model is SerialServer else "cooperative"
    server = model.model_validate({"model": name, "discipline": discipline})
    finish = simulate(workload(WAITING), server).finish_ns
    assert (np.argsort(finish) + 1).tolist() == order


def test_shortest_counts_what_remains_and_not_what_is_done() -> None:
    server = CooperativeServer(model="cooperative", discipline="shortest")
    nearly_done = cpu(20) + io(1) + cpu(2)
    trace = simulate(workload([(0, nearly_done), (5, cpu(8)), (6, cpu(5))]), server)
    assert ms(trace.finish_ns) == [27, 35, 25]


def test_at_one_instant_io_ends_before_a_request_arrives() -> None:
    first = cpu(1) + io(9) + cpu(5)
    assert finishes(COOPERATIVE, (0, first), (10, cpu(5))) == [15, 20]


def test_at_one_instant_phases_end_in_the_order_they_were_scheduled() -> None:
    first, second = cpu(1) + io(9) + cpu(5), cpu(2) + io(7) + cpu(5)
    assert finishes(COOPERATIVE, (0, first), (0, second)) == [15, 20]


def test_at_one_instant_a_freed_worker_takes_who_waits_before_a_new_arrival_under_lifo() -> None:
    server = SerialServer(model="serial", discipline="lifo")
    assert finishes(server, (0, cpu(5)), (1, cpu(5)), (5, cpu(5))) == [5, 10, 15]


def test_the_end_of_a_run_comes_after_everything_else_at_its_instant() -> None:
    trace = simulate(workload([(0, cpu(5)), (3, cpu(4))], end=9), SERIAL)
    assert trace.status.tolist() == [Status.COMPLETED, Status.COMPLETED]
    assert trace.end_ns == 9 * MS


def test_who_is_still_in_when_the_run_ends_is_unfinished_and_its_time_is_accounted_for() -> None:
    requests = [(0, cpu(4) + io(10) + cpu(1)), (3, cpu(50)), (5, PAGE)]
    trace = simulate(workload(requests, end=10), COOPERATIVE)
    assert trace.status.tolist() == [Status.UNFINISHED] * 3
    assert trace.finish_ns.tolist() == [MISSING] * 3
    assert trace.start_ns.tolist() == [0, 4 * MS, MISSING]
    assert trace.worker.tolist() == [0, 0, -1]
    assert ms(trace.cpu_ns) == [4, 6, 0]
    assert ms(trace.io_ns) == [6, 0, 0]
    assert ms(trace.queue_ns) == [0, 1, 5]


def test_a_segment_stops_where_the_run_does() -> None:
    trace = simulate(workload([(0, PING)], end=2), SERIAL)
    assert timeline(trace, request=1) == [("CPU", 0, 2)]


def test_a_workload_of_nobody_leaves_an_empty_trace() -> None:
    trace = simulate(workload([]), SERIAL)
    assert len(trace) == 0
    assert trace.end_ns == 0
