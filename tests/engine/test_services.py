"""Requests that call services, with schedules by hand, in ms."""

from __future__ import annotations

import pytest
from schedules import cooperative, finishes, ms, run, serial, statuses, threaded
from workloads import MS, call, cpu, hold, io, parallel, tried

from simsched.engine.conditions import Conditions, Outage, Service
from simsched.engine.trace import MISSING, Status
from simsched.scenario.model.client import Client


def calling(*services, **conditions):
    """Return what a run with these services, called a, b and so on, is under."""
    names = "abc"[: len(services)]
    those = tuple(Service(*each) for each in zip(names, services, strict=True))
    return {"services": tuple(names), "conditions": Conditions(services=those, **conditions)}


def test_a_call_takes_the_way_there_the_work_and_the_way_back():
    page = cpu(1) + call("a", cpu(2) + io(3), there=0.5, back=0.25) + cpu(1)
    trace = run(serial(), (0, page), **calling(serial()))
    assert ms(trace.finish_ns) == [8.75 - 1]
    assert ms(trace.io_ns) == [5.75]
    assert ms(trace.cpu_ns) == [2]
    assert ms(trace.demand_ns) == [7.75]
    calls = trace.calls
    assert ms(calls.sent_ns) == [1]
    assert ms(calls.arrival_ns) == [1.5]
    assert ms(calls.start_ns) == [1.5]
    assert ms(calls.finish_ns) == [6.5]
    assert ms(calls.answered_ns) == [6.75]
    assert ms(calls.cpu_ns) == [2]
    assert ms(calls.io_ns) == [3]
    assert calls.row.tolist() == [0]
    assert calls.caller.tolist() == [-1]


def test_calls_queue_at_the_service():
    page = call("a", cpu(4))
    trace = run(cooperative(), (0, page), (1, page), **calling(serial()))
    assert ms(trace.finish_ns) == [4, 8]
    assert ms(trace.calls.queue_ns) == [0, 3]


def test_a_serial_caller_waits_and_a_loop_goes_on():
    page = cpu(1) + call("a", io(10))
    assert finishes(serial(), (0, page), (0, cpu(2)), **calling(cooperative())) == [11, 13]
    assert finishes(cooperative(), (0, page), (0, cpu(2)), **calling(cooperative())) == [11, 3]


def test_a_blocking_call_keeps_the_loop():
    page = call("a", io(10), blocking=True)
    assert finishes(cooperative(), (0, page), (0, cpu(2)), **calling(serial())) == [10, 12]


def test_a_service_calls_another_one():
    page = call("a", cpu(1) + call("b", cpu(2), there=1) + cpu(1))
    trace = run(serial(), (0, page), **calling(serial(), serial()))
    assert ms(trace.finish_ns) == [5]
    assert trace.calls.service.tolist() == [0, 1]
    assert trace.calls.caller.tolist() == [-1, 0]
    assert ms(trace.calls.io_ns) == [3, 0]


def test_branches_call_at_the_same_time():
    page = parallel(call("a", io(5)), call("a", io(7)))
    assert finishes(cooperative(), (0, page), **calling(serial())) == [12]
    assert finishes(cooperative(), (0, page), **calling(serial(workers=2))) == [7]


def test_a_service_runs_branches_as_its_model_does():
    page = call("a", parallel(io(5), io(7)))
    assert finishes(serial(), (0, page), **calling(cooperative())) == [7]
    assert finishes(serial(), (0, page), **calling(serial())) == [12]


def test_the_overheads_are_those_of_each_server():
    page = call("a", cpu(1) + io(1) + cpu(1))
    service = cooperative(overhead={"request": "1ms", "switch": "2ms", "io": "4ms"})
    caller = serial(overhead={"io": "8ms"})
    assert finishes(caller, (0, page), **calling(service)) == [1 + 1 + 1 + 4 + 2 + 1 + 8]


def test_a_slot_is_kept_during_a_call():
    page = hold("db", call("a", io(5)))
    trace = run(cooperative(), (0, page), (0, page), capacity={"db": 1}, **calling(cooperative()))
    assert ms(trace.finish_ns) == [5, 10]
    assert ms(trace.io_wait_ns) == [0, 5]


def test_a_service_has_resources_of_its_own():
    page = call("a", hold("db", io(5)))
    trace = run(cooperative(), (0, page), (0, page), capacity={"db": 1}, **calling(cooperative()))
    assert ms(trace.finish_ns) == [5, 10]
    assert ms(trace.calls.io_wait_ns) == [0, 5]
    assert trace.visits.row.tolist() == [0, 1]


def test_a_request_fails_when_a_service_refuses_its_call():
    page = call("a", cpu(5), back=1)
    others = calling(serial(backlog=0))
    trace = run(cooperative(), (0, page), (1, page), **others)
    assert statuses(trace) == ["completed", "failed"]
    assert ms(trace.finish_ns) == [6, 2]
    assert trace.calls.status.tolist() == [0, 2]


def test_a_request_fails_when_a_service_fails():
    page = call("a", io(5, fails=[1])) + cpu(1)
    trace = run(cooperative(), (0, page), **calling(serial()))
    assert statuses(trace) == ["failed"]
    assert ms(trace.finish_ns) == [5]


def test_a_service_goes_on_for_a_caller_who_is_gone():
    page = call("a", cpu(10))
    client = Client(timeout="4ms")
    server = cooperative(cancel_abandoned=True)
    trace = run(server, (0, page), (5, page), **calling(serial(), client=client))
    assert statuses(trace) == ["timed_out", "timed_out"]
    assert ms(trace.calls.finish_ns) == [10, 20]
    assert ms(trace.calls.cpu_ns) == [10, 10]


def test_a_call_that_is_under_way_at_the_end_has_no_answer():
    page = call("a", cpu(10), there=1)
    trace = run(serial(), (0, page), (0, page), end=5, **calling(serial()))
    assert statuses(trace) == ["unfinished", "unfinished"]
    assert ms(trace.calls.cpu_ns) == [4]
    assert trace.calls.answered_ns.tolist() == [MISSING]


def test_a_random_choice_of_the_worker_is_drawn_for_each_call():
    page = call("a", io(5))
    service = cooperative(workers=2, dispatch="random")
    trace = run(serial(workers=3), *[(0, page)] * 3, **calling(service), handoff=0.3)
    assert trace.calls.worker.tolist() == [0, 1, 1]


@pytest.mark.parametrize("model", [serial, threaded])
def test_services_that_call_each_other_may_be_stuck(model):
    one = model(threads=1) if model is threaded else model()
    page = call("a", io(1) + call("b", io(1) + call("a", io(1))))
    trace = run(cooperative(), (0, page), **calling(one, one))
    assert statuses(trace) == ["unfinished"]
    assert trace.deadlock.stuck == 1
    occupied = one.occupied
    (wait,) = trace.deadlock.waits
    assert str(wait) == (
        f"request 1 holds a {occupied} of a and a {occupied} of b and waits for a {occupied} of a"
    )


def test_nothing_is_stuck_where_a_service_is_only_busy():
    page = call("a", cpu(10))
    trace = run(cooperative(), (0, page), (0, page), end=5, **calling(serial()))
    assert trace.deadlock is None


def test_a_request_fails_whose_call_takes_too_long_and_the_service_goes_on():
    page = call("a", cpu(5), back=1, timeout=6) + cpu(1)
    late = call("a", cpu(5), back=1, timeout=7) + cpu(1)
    trace = run(cooperative(), (0, page), (0, late), (20, late), **calling(serial()))
    assert statuses(trace) == ["failed", "failed", "completed"]
    assert ms(trace.finish_ns) == [6, 7, 27]
    assert ms(trace.calls.finish_ns) == [5, 10, 25]
    assert trace.calls.answered_ns.tolist() == [MISSING, MISSING, 26_000_000]


def test_a_thread_is_given_back_when_its_call_is_given_up():
    page = call("a", io(50), timeout=5)
    trace = run(serial(), (0, page), (0, cpu(2)), **calling(cooperative()))
    assert ms(trace.finish_ns) == [5, 7]


def test_a_call_is_tried_again_after_a_pause():
    page = tried(
        [call("a", cpu(5)), call("a", cpu(2)), call("a", cpu(1))], pauses=[1, 2], timeout=2
    )
    trace = run(cooperative(), (0, page), **calling(cooperative(workers=3)))
    assert statuses(trace) == ["completed"]
    # Given up at 2 ms and, since an answer at that very moment is too late, at 5 ms.
    assert ms(trace.calls.sent_ns) == [0, 3, 7]
    assert ms(trace.finish_ns) == [8]
    assert ms(trace.io_ns) == [8]
    assert trace.calls.answered_ns.tolist() == [MISSING, MISSING, 8_000_000]


def test_a_request_fails_after_the_last_try():
    page = tried([call("a", io(1, fails=[1]))] * 2, pauses=[3])
    trace = run(serial(), (0, page), **calling(cooperative()))
    assert statuses(trace) == ["failed"]
    assert ms(trace.finish_ns) == [5]


def test_a_budget_limits_retries():
    page = tried([call("a", io(1, fails=[1]))] * 3, pauses=[1, 1], budget=(0.5, 1))
    trace = run(serial(), (0, page), (10, page), (20, page), **calling(cooperative()))
    assert ms(trace.finish_ns) == [3, 11, 23]
    assert len(trace.calls) == 5


def test_the_first_answer_counts():
    page = tried([call("a", io(10)), call("a", io(3))], hedge=4)
    trace = run(
        cooperative(),
        (0, page),
        (20, tried([call("a", io(4))] * 2, hedge=4)),
        **calling(cooperative()),
    )
    assert ms(trace.finish_ns) == [7, 24]
    # The answer at 24 ms comes in time: there is no second copy. The loser is done to its end.
    assert ms(trace.calls.sent_ns) == [0, 4, 20]
    assert ms(trace.calls.finish_ns) == [10, 7, 24]
    assert trace.calls.answered_ns.tolist() == [MISSING, 7_000_000, 24_000_000]


def test_a_refused_copy_leaves_the_wait_to_the_other():
    page = tried([call("a", io(10)), call("a", io(3))], hedge=4)
    trace = run(cooperative(), (0, page), **calling(serial(backlog=0)))
    assert statuses(trace) == ["completed"]
    assert ms(trace.finish_ns) == [10]


def test_a_service_that_cancels_stops_the_loser():
    page = tried(
        [call("a", cpu(2) + io(10) + cpu(5), there=1), call("a", cpu(3), there=1)], hedge=3
    )
    trace = run(cooperative(), (0, page), **calling(cooperative(cancel_abandoned=True)))
    assert ms(trace.finish_ns) == [7]
    # The loser learns of it at 8 ms, and does not compute when its I/O has ended.
    assert trace.calls.status.tolist() == [Status.TIMED_OUT, Status.COMPLETED]
    assert ms(trace.calls.finish_ns) == [8, 7]
    assert ms(trace.calls.cpu_ns) == [2, 3]


def test_a_service_that_cancels_forgets_a_call_in_its_queue():
    page = call("a", cpu(10), timeout=4)
    trace = run(serial(workers=2), (0, page), (1, page), **calling(serial(cancel_abandoned=True)))
    assert ms(trace.finish_ns) == [4, 5]
    assert ms(trace.calls.finish_ns) == [4, 5]
    assert ms(trace.calls.cpu_ns) == [4, 0]  # and 6 ms more, which the worker computes in vain


def test_a_service_whose_worker_is_down_fails_its_calls_and_takes_no_others():
    page = call("a", io(5))
    those = Conditions(services=(Service("a", serial(), (Outage(0, 3 * MS, 10 * MS),)),))
    trace = run(cooperative(), (0, page), (4, page), services=("a",), conditions=those)
    assert statuses(trace) == ["failed", "completed"]
    assert ms(trace.finish_ns) == [3, 15]


def test_a_worker_of_a_service_ends_what_it_has_before_it_is_down():
    page = call("a", io(5))
    those = Conditions(
        services=(Service("a", serial(), (Outage(0, 3 * MS, 10 * MS, drain=True),)),)
    )
    trace = run(cooperative(), (0, page), (1, page), services=("a",), conditions=those)
    assert ms(trace.finish_ns) == [5, 15]


def test_a_slow_worker_takes_longer_for_what_it_begins_to_compute():
    page = call("a", cpu(2) + io(3) + cpu(2))
    slow = Outage(0, 2 * MS, 9 * MS, slower=4.0)
    those = Conditions(services=(Service("a", serial(), (slow,)),))
    trace = run(cooperative(), (0, page), (0, page), services=("a",), conditions=those)
    assert ms(trace.finish_ns) == [13, 20]
