"""Exact schedules of workers that go down and return, worked out by hand, in ms."""

from __future__ import annotations

import pytest
from schedules import cooperative, finishes, ms, run, serial, statuses, threaded
from workloads import MS, cpu, hold, io, parallel

from simsched.engine import MISSING
from simsched.engine.conditions import Conditions, Outage
from simsched.scenario.model.client import Client
from simsched.scenario.model.servers import Server

DOWN = Conditions(outages=(Outage(0, 3 * MS, 10 * MS),))


@pytest.mark.parametrize("server", [serial(), threaded(), cooperative()])
def test_what_a_worker_has_at_hand_fails_when_it_goes_down(server: Server) -> None:
    requests = [(0, cpu(1) + io(9)), (2, cpu(2)), (11, cpu(1))]
    trace = run(server, *requests, conditions=DOWN)
    served = serial() != server
    assert statuses(trace)[0] == "cancelled"
    assert ms(trace.finish_ns)[0] == 3
    assert ms(trace.finish_ns)[1] == (3 if served else 12)
    assert statuses(trace)[2] == "completed"


def test_who_waits_in_the_shared_queue_is_served_when_the_worker_returns() -> None:
    trace = run(serial(), (0, cpu(9)), (1, cpu(2)), (5, cpu(1)), conditions=DOWN)
    assert statuses(trace) == ["cancelled", "completed", "completed"]
    assert ms(trace.finish_ns) == [3, 12, 13]


def test_a_loop_of_its_own_queue_refuses_while_it_is_down() -> None:
    trace = run(cooperative(), (0, cpu(9)), (1, cpu(2)), (5, cpu(1)), conditions=DOWN)
    assert statuses(trace) == ["cancelled", "cancelled", "refused"]


def test_who_left_before_the_worker_went_down_has_left() -> None:
    impatient = Conditions(client=Client(timeout="1ms"), outages=DOWN.outages)
    trace = run(cooperative(), (0, cpu(9)), (1, cpu(2)), conditions=impatient)
    assert statuses(trace) == ["timed_out", "timed_out"]
    assert ms(trace.finish_ns) == [1, 2]


def test_nobody_is_handed_to_a_worker_that_goes_down() -> None:
    server = threaded(workers=2, threads=2, max_in_flight=1, dispatch="shared")
    requests = [(0, cpu(9)), (1, cpu(2)), (2, cpu(2))]
    trace = run(server, *requests, conditions=DOWN)
    # the first fails at 3 and makes room; worker 0 has an idle thread, but is down
    assert statuses(trace) == ["cancelled", "completed", "completed"]
    assert trace.worker.tolist() == [0, 1, 1]
    assert ms(trace.finish_ns) == [3, 5, 7]


def test_a_worker_that_nobody_waits_for_any_more_keeps_its_core() -> None:
    server = serial(workers=2, cores=1)
    outage = Conditions(outages=(Outage(1, 2 * MS, 10 * MS),))
    trace = run(server, (0, cpu(9)), (1, cpu(9)), conditions=outage)
    assert statuses(trace) == ["completed", "cancelled"]
    assert ms(trace.finish_ns) == [9, 2]
    assert ms(trace.cpu_wait_ns) == [0, 1]


def test_other_workers_take_over_from_one_that_is_down() -> None:
    server = cooperative(workers=2)
    trace = run(
        server, (0, io(9)), (5, cpu(2)), (11, cpu(2)), conditions=DOWN, dispatch=[0.0, 0.0, 0.0]
    )
    assert statuses(trace) == ["cancelled", "completed", "completed"]
    assert trace.worker.tolist() == [0, 1, 0]


def test_a_failed_request_gives_its_slots_back() -> None:
    trace = run(
        cooperative(workers=2),
        (0, hold("db", io(20))),
        (1, io(5, "db")),
        conditions=DOWN,
        capacity={"db": 1},
        dispatch=[0.0, 0.9],
    )
    assert statuses(trace) == ["cancelled", "completed"]
    assert ms(trace.finish_ns) == [3, 8]


def test_a_failed_request_waits_for_no_slot() -> None:
    trace = run(
        cooperative(workers=2),
        (0, io(6, "db")),
        (1, io(5, "db")),
        (2, io(1, "db")),
        conditions=DOWN,
        capacity={"db": 1},
        dispatch=[0.9, 0.0, 0.9],
    )
    assert statuses(trace) == ["completed", "cancelled", "completed"]
    assert ms(trace.finish_ns) == [6, 3, 7]


def test_a_failed_worker_gives_its_core_up() -> None:
    trace = run(serial(workers=2, cores=1), (0, cpu(8)), (1, cpu(8)), conditions=DOWN)
    assert statuses(trace) == ["cancelled", "completed"]
    assert ms(trace.finish_ns) == [3, 11]


def test_who_is_granted_a_slot_by_one_that_fails_with_it_does_not_begin() -> None:
    requests = [(0, io(9, "db")), (0, io(9, "db"))]
    trace = run(cooperative(), *requests, capacity={"db": 1}, conditions=DOWN)
    assert statuses(trace) == ["cancelled", "cancelled"]
    assert trace.segments.finish_ns.max() == 3 * MS


def down(*windows: tuple[int, int], worker: int = 0) -> Conditions:
    return Conditions(outages=tuple(Outage(worker, start * MS, end * MS) for start, end in windows))


SHARED_QUEUE = [serial(), threaded(threads=1), cooperative(dispatch="shared")]


@pytest.mark.parametrize("server", SHARED_QUEUE)
def test_capacity_changes_come_first_at_an_instant(server: Server) -> None:
    # as a resource of simmer whose capacity is 0, 1, 0 and 1 from 0, 5, 10 and 15 ms on
    trace = run(server, *[(0, cpu(5))] * 3, conditions=down((0, 5), (10, 15)))
    assert statuses(trace) == ["completed"] * 3
    assert ms(trace.start_ns) == [5, 15, 20]
    assert ms(trace.finish_ns) == [10, 20, 25]


@pytest.mark.parametrize("server", SHARED_QUEUE)
def test_outages_back_to_back_are_one(server: Server) -> None:
    requests = [(0, cpu(2)), (1, cpu(5)), (4, cpu(1)), (12, cpu(1))]
    one = run(server, *requests, conditions=down((3, 13)))
    parts = [(start, start + 1) for start in range(3, 13)]
    many = run(server, *requests, conditions=down(*reversed(parts)))
    assert ms(one.finish_ns) == ms(many.finish_ns) == [2, 3, 14, 15]
    assert statuses(one) == statuses(many) == ["completed", "cancelled", "completed", "completed"]


def test_outages_that_overlap_are_one() -> None:
    assert down((2, 5), (3, 4), (6, 8)).outages == down((2, 5), (6, 8)).outages
    conditions = down((2, 5), (3, 4), (4, 8), (8, 9))
    assert conditions == down((2, 9))
    assert finishes(serial(), (2, cpu(1)), conditions=conditions) == [10]


def test_outages_of_different_workers_stay_apart() -> None:
    outages = (Outage(1, 5 * MS, 9 * MS), Outage(0, 0, 5 * MS))
    assert Conditions(outages=outages).outages == outages[::-1]
    trace = run(serial(workers=2), (0, cpu(5)), (0, cpu(5)), conditions=Conditions(outages=outages))
    # worker 1 ends the first at 5, when it goes down and worker 0 returns
    assert trace.worker.tolist() == [1, 0]
    assert ms(trace.finish_ns) == [5, 10]


@pytest.mark.parametrize("server", [serial(), threaded(), cooperative()])
def test_what_ends_at_the_instant_of_the_outage_has_ended(server: Server) -> None:
    held, blocking = hold("db", io(5)), cpu(2) + io(3, blocking=True)
    for program in (cpu(5), cpu(2) + io(3), blocking, held, io(5, "db"), parallel(io(5))):
        trace = run(server, (0, program), capacity={"db": 1}, conditions=down((5, 9)))
        assert statuses(trace) == ["completed"]
        assert ms(trace.finish_ns) == [5]


@pytest.mark.parametrize("server", [serial(), threaded(), cooperative()])
def test_no_phase_begins_at_the_instant_of_the_outage(server: Server) -> None:
    for following in (cpu(1), io(1), io(0), io(1, "db"), hold("db", cpu(1)), parallel(io(1))):
        for first in (cpu(5), io(5), io(5, "db"), io(5, blocking=True)):
            trace = run(server, (0, first + following), capacity={"db": 1}, conditions=down((5, 9)))
            assert statuses(trace) == ["cancelled"]
            assert ms(trace.finish_ns) == [5]
            assert len(trace.visits.asked_ns) == ("db" in str(first))


def test_a_worker_that_goes_down_takes_no_core_from_another_at_that_instant() -> None:
    server = serial(workers=2, cores=1)
    # the I/O ends at 5, when the other worker has had more than a slice: it would give way
    requests = [(0, io(5) + cpu(9)), (0, cpu(6)), (5, cpu(1)), (6, cpu(1))]
    segments = run(server, *requests, conditions=down((5, 99))).segments
    second = segments.request == 2
    assert ms(segments.start_ns[second]) == [0]
    assert ms(segments.finish_ns[second]) == [6]


def test_a_request_with_a_queue_of_its_own_is_not_taken_when_its_worker_goes_down() -> None:
    trace = run(cooperative(), (0, cpu(5)), (1, cpu(5)), conditions=down((5, 6)))
    assert statuses(trace) == ["completed", "cancelled"]
    assert trace.start_ns.tolist()[1] == MISSING


def test_a_slot_that_is_given_back_when_a_worker_goes_down_goes_to_another() -> None:
    trace = run(
        cooperative(workers=2),
        (0, io(5, "db")),
        (1, io(5, "db")),
        (2, io(5, "db")),
        capacity={"db": 1},
        dispatch=[0.9, 0.0, 0.9],
        conditions=down((5, 9)),
    )
    assert statuses(trace) == ["completed", "cancelled", "completed"]
    assert ms(trace.finish_ns) == [5, 5, 10]


def test_a_worker_that_returns_is_handed_a_request_before_one_that_ends_its_own() -> None:
    trace = run(serial(workers=2), (1, cpu(4)), (2, cpu(1)), conditions=down((0, 5)))
    assert trace.worker.tolist() == [1, 0]
    assert ms(trace.finish_ns) == [5, 6]


def test_a_client_of_a_worker_that_goes_down_at_its_timeout_has_been_failed() -> None:
    conditions = Conditions(client=Client(timeout="5ms"), outages=down((5, 6)).outages)
    assert statuses(run(serial(), (0, cpu(9)), conditions=conditions)) == ["cancelled"]


def test_who_arrives_when_a_worker_goes_down_is_refused_and_is_taken_when_it_returns() -> None:
    requests = [(5, cpu(1)), (9, cpu(1))]
    trace = run(cooperative(), *requests, conditions=down((5, 9)))
    assert statuses(trace) == ["refused", "completed"]
    assert ms(trace.finish_ns) == [5, 10]


# Workers that drain, and restart


def test_a_worker_that_drains_ends_what_it_has_and_takes_nothing_new() -> None:
    drained = Conditions(outages=(Outage(0, 3 * MS, 20 * MS, drain=True),))
    trace = run(serial(), (0, cpu(9)), (1, cpu(2)), (5, cpu(1)), conditions=drained)
    assert statuses(trace) == ["completed"] * 3
    assert ms(trace.finish_ns) == [9, 22, 23]
    # on a loop, those that were accepted are served, and others refused as in an outage
    loop = run(cooperative(), (0, cpu(9)), (1, cpu(2)), (5, cpu(1)), conditions=drained)
    assert statuses(loop) == ["completed", "completed", "refused"]
    assert ms(loop.finish_ns) == [9, 11, 5]


def test_a_worker_that_drains_to_the_end_was_never_down() -> None:
    drained = Conditions(outages=(Outage(0, 1 * MS, 5 * MS, drain=True),))
    trace = run(cooperative(), (0, io(9) + cpu(1)), (3, cpu(1)), (6, cpu(1)), conditions=drained)
    assert statuses(trace) == ["completed", "refused", "completed"]
    assert ms(trace.finish_ns) == [10, 3, 7]


def test_a_worker_restarts_after_so_many_requests() -> None:
    server = serial(max_requests=2, boot="5ms")
    assert finishes(server, *[(0, cpu(1))] * 5) == [1, 2, 8, 9, 15]
    threads = threaded(max_requests=2, boot="5ms", threads=4)
    # both are taken at 0, the others wait until 4 + 5
    assert finishes(threads, *[(0, io(4))] * 3) == [4, 4, 13]


def test_a_loop_that_restarts_serves_whom_it_has_accepted() -> None:
    server = cooperative(max_requests=2, boot="5ms")
    # the second is the last to be begun, at 1; the third was accepted before; the fourth waits
    trace = run(server, (0, cpu(1)), (0, cpu(2) + io(4)), (0, cpu(1)), (2, cpu(1)))
    assert statuses(trace) == ["completed"] * 4
    assert ms(trace.finish_ns) == [1, 7, 4, 13]


def test_others_serve_while_a_worker_restarts() -> None:
    server = serial(workers=2, max_requests=1, boot="5ms")
    trace = run(server, *[(float(at), cpu(1)) for at in range(4)])
    assert trace.worker.tolist() == [0, 1, 0, 1]
    assert ms(trace.finish_ns) == [1, 2, 7, 8]


def test_jitter_lets_workers_restart_at_different_times() -> None:
    server = serial(max_requests=1, max_requests_jitter=3, boot="5ms")
    # the lower half of the bits of the first request's draw: 0.75 of 4 more, then none
    draws = [0.75 / 2**26, 0.0, 0.0, 0.0, 0.25]
    assert finishes(server, *[(0, cpu(1))] * 5, dispatch=draws) == [1, 2, 3, 4, 10]


def test_an_outage_ends_a_restart_and_a_restart_no_outage() -> None:
    server = serial(max_requests=1, boot="5ms")
    outage = Conditions(outages=(Outage(0, 3 * MS, 20 * MS),))
    # it would have booted at 6; it is down until 20
    assert finishes(server, (0, cpu(1)), (0, cpu(1)), conditions=outage) == [1, 21]
    drained = Conditions(outages=(Outage(0, 3 * MS, 20 * MS, drain=True),))
    assert finishes(server, (0, cpu(1)), (0, cpu(1)), conditions=drained) == [1, 21]


def test_a_worker_that_drains_may_go_down() -> None:
    outages = (Outage(0, 1 * MS, 4 * MS, drain=True), Outage(0, 6 * MS, 8 * MS))
    server = serial(max_requests=1, boot="1ms")
    trace = run(server, (0, cpu(20)), (2, cpu(1)), conditions=Conditions(outages=outages))
    assert statuses(trace) == ["cancelled", "completed"]
    assert ms(trace.finish_ns) == [6, 9]


def test_a_worker_returns_when_the_last_of_its_events_ends() -> None:
    during = (Outage(0, 1 * MS, 9 * MS, drain=True), Outage(0, 3 * MS, 5 * MS))
    after = (Outage(0, 1 * MS, 5 * MS), Outage(0, 3 * MS, 9 * MS, drain=True))
    for outages in (during, after):
        trace = run(serial(), (0, io(20)), (2, cpu(1)), conditions=Conditions(outages=outages))
        assert statuses(trace) == ["cancelled", "completed"]
        assert ms(trace.finish_ns) == [1 if outages is after else 3, 10]
