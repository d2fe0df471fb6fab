"""Exact schedules of threads and of workers that share cores, worked out by hand, in ms."""

from __future__ import annotations

from schedules import cooperative, finishes, ms, run, serial, threaded
from workloads import cpu, io

from simsched.scenario.model.servers import Server

# Threads


def test_threads_compute_one_at_a_time_and_wait_together() -> None:
    request = cpu(2) + io(10) + cpu(2)
    assert finishes(threaded(threads=3), (0, request), (0, request), (0, request)) == [14, 16, 18]


def test_a_request_waits_for_a_thread() -> None:
    assert finishes(threaded(threads=1), (0, io(5)), (0, io(5))) == [5, 10]


def test_a_thread_that_is_waited_for_yields_after_the_switch_interval() -> None:
    # 1 has the lock from 0; 2 wants it from 2, gets it at 2+5=7; 1 wants it back: at 12
    trace = run(threaded(), (0, cpu(10)), (2, cpu(20)))
    assert ms(trace.finish_ns) == [15, 30]
    assert ms(trace.cpu_wait_ns) == [5, 5 + 3]


def test_a_thread_gives_the_lock_up_for_io() -> None:
    assert finishes(threaded(), (0, cpu(3) + io(9)), (1, cpu(4))) == [12, 7]


def test_without_a_lock_threads_share_the_cores() -> None:
    free = {"interpreter_lock": False, "cores": 2}
    assert finishes(threaded(**free), (0, cpu(10)), (0, cpu(10))) == [10, 10]
    # slices of 3: A and B, then C and A, then B and C
    assert finishes(threaded(**free), *[(0, cpu(6))] * 3) == [6, 9, 9]


def test_being_given_the_lock_again_costs_the_switch_overhead() -> None:
    server = threaded(overhead={"switch": "1ms"})
    assert finishes(server, (0, cpu(2) + io(3) + cpu(2))) == [8]
    # 1: 0-5, waits; 2: 5-8; 1 again: 1 more, 8-12
    assert finishes(server, (0, cpu(8)), (0, cpu(3))) == [12, 8]


# Cores


def test_workers_share_cores_in_time_slices() -> None:
    server = serial(workers=2, cores=1)
    # A 0-3, B 3-6, A 6-7, B 7-8
    assert finishes(server, (0, cpu(4)), (0, cpu(4))) == [7, 8]


def test_a_worker_that_had_its_slice_gives_way_at_once_to_one_that_wakes() -> None:
    # A alone 0-5; B wants to run at 5 and A has had more than a slice: B 5-6, A 6-7
    assert finishes(serial(workers=2, cores=1), (0, cpu(6)), (5, cpu(1))) == [7, 6]


def test_a_worker_within_its_slice_finishes_it() -> None:
    # B wants to run at 2; A goes on to 3, B 3-4, A 4-6
    assert finishes(serial(workers=2, cores=1), (0, cpu(5)), (2, cpu(1))) == [6, 4]


def test_io_needs_no_core() -> None:
    request = cpu(2) + io(4) + cpu(2)
    assert finishes(serial(workers=2, cores=1), (0, request), (0, request)) == [8, 10]


def test_loops_share_cores_too() -> None:
    server = cooperative(workers=2, cores=1)
    assert finishes(server, (0, cpu(4)), (0, cpu(4)), dispatch=[0.1, 0.9]) == [7, 8]


def test_the_lock_is_kept_while_its_thread_waits_for_a_core() -> None:
    server = threaded(workers=2, cores=1, threads=2, dispatch="round_robin")
    # worker 0: requests 1 and 3; worker 1: request 2
    trace = run(server, (0, cpu(3)), (0, cpu(3)), (0, cpu(3)))
    assert ms(trace.finish_ns) == [3, 6, 9]


def shared_core(**options: object) -> Server:
    return threaded(threads=2, cores=1, dispatch="random", **options)


def test_the_switch_interval_goes_on_while_the_thread_with_the_lock_has_no_core() -> None:
    server = threaded(workers=2, threads=2, cores=1, dispatch="round_robin")
    # 1 and 3 are threads of one worker. 1 computes 0-3 and 6-7, when 3 has waited for its lock
    # since 2; 2 computes 3-6 and 7-8
    assert finishes(server, (0, cpu(12)), (0, cpu(4)), (2, cpu(3))) == [19, 8, 11]
    # 3 has the lock from 7 and a core from 8; 1 has waited since 7, and has the lock back at 12
    assert finishes(server, (0, cpu(12)), (0, cpu(4)), (2, cpu(5))) == [21, 8, 18]


def test_a_thread_that_has_no_core_when_the_interval_ends_gives_the_lock_up_when_it_has_one() -> (
    None
):
    server = shared_core(workers=3)
    requests = [(0, cpu(12)), (0, cpu(6)), (0, cpu(6)), (2, cpu(2))]
    # the first three compute for 3 each; 1 has its core again at 9, two late, and gives way to 4
    # for which 2 (9-12) and 3 (12-15) leave a core at 15
    assert finishes(server, *requests, dispatch=[0, 0.4, 0.9, 0]) == [26, 12, 15, 17]


def test_threads_that_wait_longer_for_a_core_than_the_interval_get_on() -> None:
    server = shared_core(workers=2, time_slice="10ms", switch_interval="1ms")
    requests = [(0, cpu(30)), (0, cpu(2)), (0, cpu(2))]
    # 1 computes 0-10, 11-21, 22-32; between them, 2 and 3 compute for an interval each
    assert finishes(server, *requests, dispatch=[0, 0.9, 0.9]) == [32, 33, 34]


def test_threads_get_on_whose_overhead_of_switching_is_longer_than_the_interval() -> None:
    server = shared_core(workers=2, overhead={"switch": "6ms"})
    # 1 computes for 3 whenever it has the core. 2: 3-5 and 3: 8-10, when the other has waited for
    # 5. Then each has its overhead in two turns, and 2 of its own: 2: 25-27, 3: 42-44, 2: 59-61
    requests = [(0, cpu(40)), (0, cpu(6)), (0, cpu(5))]
    trace = run(server, *requests, dispatch=[0.9, 0, 0])
    assert ms(trace.finish_ns) == [74, 61, 75]
    assert ms(trace.cpu_ns) == [40, 6 + 2 * 6, 5 + 2 * 6]


def test_the_first_who_waits_for_the_lock_sets_the_interval() -> None:
    # 2 has waited since 1 and has the lock at 6, then 3; the wait of 3 since 4 changes nothing
    assert finishes(threaded(), (0, cpu(9)), (1, cpu(1)), (4, cpu(1))) == [11, 7, 8]
    # 1: 0-5; 2: 5-10; 1: 6 of overhead and an interval, 10-21, whenever 3 comes; 2 and 3 end
    server = threaded(overhead={"switch": "6ms"})
    assert finishes(server, (0, cpu(14)), (0, cpu(8)), (11, cpu(1))) == [41, 30, 31]
