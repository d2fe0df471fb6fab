"""Workers that serve requests in batches, with schedules by hand in ms, and what cannot be."""

from __future__ import annotations

import pytest
from schedules import cooperative, finishes, ms, run, serial, statuses
from workloads import MS, call, cpu, hold, io, respond

from simsched.engine.conditions import Conditions, Outage, Service
from simsched.errors import ScenarioError
from simsched.scenario import loads
from simsched.scenario.model.client import Client
from simsched.statistics.stability import load
from simsched.workload.steps import Resource

BATCH = {"max": 3, "wait": "10ms", "duration": {"base": "20ms", "each": "2ms"}}
NOW = {**BATCH, "wait": "0ms"}


def test_a_full_batch_is_served_at_once_and_answered_together() -> None:
    trace = run(serial(batch=BATCH), *((at, cpu(1)) for at in (0, 1, 2)))
    assert ms(trace.start_ns) == [2, 2, 2]
    assert ms(trace.finish_ns) == [31, 31, 31]  # 20 + 3 * (2 + 1)
    assert ms(trace.queue_ns) == [2, 1, 0]
    # The first computes for the whole batch; one computes at a time, and the others wait.
    assert ms(trace.cpu_ns) == [23, 3, 3]
    assert ms(trace.cpu_wait_ns) == [6, 26, 26]


def test_a_batch_that_is_not_full_is_served_when_its_first_request_has_waited() -> None:
    trace = run(serial(batch=BATCH), (0, cpu(0)), (9, cpu(0)), (50, cpu(0)))
    assert ms(trace.start_ns) == [10, 10, 60]
    assert ms(trace.finish_ns) == [34, 34, 82]


def test_who_comes_at_the_end_of_the_wait_is_too_late() -> None:
    assert ms(run(serial(batch=BATCH), (0, cpu(0)), (10, cpu(0))).start_ns) == [10, 32]


def test_who_waited_while_the_worker_was_busy_waits_no_more() -> None:
    trace = run(serial(batch=BATCH), *((at, cpu(0)) for at in (0, 11, 12)))
    assert ms(trace.start_ns) == [10, 32, 32]


def test_without_a_wait_a_worker_takes_whoever_is_there() -> None:
    trace = run(serial(batch=NOW), *((at, cpu(0)) for at in (0, 1, 2, 3, 4)))
    assert ms(trace.start_ns) == [0, 22, 22, 22, 48]
    assert ms(trace.finish_ns) == [22, 48, 48, 48, 70]


def test_requests_of_a_batch_are_served_one_after_another() -> None:
    page = cpu(1) + io(5) + cpu(1)
    trace = run(serial(batch={"max": 2, "duration": {"base": "3ms"}}), (0, page), (0, page))
    assert ms(trace.finish_ns) == [10, 20]  # at 0 the first was alone
    both = run(serial(batch={"max": 2, "wait": "1ms"}), (0, page), (0, page))
    assert ms(both.finish_ns) == [14, 14]
    assert ms(both.io_ns) == [5, 5]
    assert ms(both.cpu_wait_ns) == [7, 7]


def test_the_overhead_of_a_request_is_there_too() -> None:
    server = serial(batch=BATCH, overhead={"request": "1ms"})
    assert finishes(server, (0, cpu(0)), (0, cpu(0)), (0, cpu(0))) == [29, 29, 29]


def test_a_slow_worker_takes_longer_for_a_batch() -> None:
    assert finishes(serial(batch=NOW, workers=[{"speed": 0.5}]), (0, cpu(1))) == [46]


def test_an_answer_may_come_before_the_batch_is_done() -> None:
    server = serial(batch={"max": 2, "wait": "1ms"})
    assert finishes(server, (0, cpu(1) + respond() + cpu(1)), (0, cpu(3))) == [1, 5]


def test_another_worker_takes_the_next_batch() -> None:
    trace = run(serial(batch=BATCH, workers=2), *((at, cpu(0)) for at in (0, 1, 2, 3, 4, 5)))
    assert ms(trace.start_ns) == [2, 2, 2, 5, 5, 5]
    assert trace.worker.tolist() == [0, 0, 0, 1, 1, 1]


def test_each_queue_has_batches_of_its_own() -> None:
    server = serial(batch=BATCH, workers=2, dispatch="round_robin")
    trace = run(server, *((at, cpu(0)) for at in (0, 1, 2, 3, 4)))
    assert ms(trace.start_ns) == [4, 11, 4, 11, 4]


def test_the_discipline_says_who_is_in_a_batch_and_the_oldest_when() -> None:
    server = serial(batch={**BATCH, "max": 2}, discipline="priority")
    arrivals = ((0, cpu(0)), (0, cpu(0)), (3, cpu(0)), (4, cpu(0)), (5, cpu(0)))
    trace = run(server, *arrivals, priorities=[1, 1, 1, 0, 0])
    # At 24 the two of class 0 are next; the one of class 1 has waited since 3, and is not full.
    assert ms(trace.start_ns) == [0, 0, 48, 24, 24]


def test_one_who_left_is_not_waited_for() -> None:
    server = serial(batch=BATCH, cancel_abandoned=True)
    impatient = Conditions(client=Client(timeout="8ms"))
    trace = run(server, (0, cpu(0)), (5, cpu(0)), conditions=impatient)
    assert statuses(trace) == ["timed_out", "timed_out"]
    assert ms(trace.start_ns[:1]) != [10]
    patient = Conditions(client=Client(timeout="30ms"))
    late = run(server, (0, cpu(0)), (9, cpu(0)), (9, cpu(0)), conditions=patient)
    assert ms(late.finish_ns) == [30, 35, 35]
    assert statuses(late) == ["timed_out", "completed", "completed"]


def test_a_request_that_is_abandoned_in_a_batch_is_passed_over() -> None:
    server = serial(batch={"max": 2, "wait": "1ms"}, cancel_abandoned=True)
    impatient = Conditions(client=Client(timeout="5ms"))
    trace = run(server, (0, cpu(10)), (0, cpu(4)), conditions=impatient)
    assert ms(trace.finish_ns) == [5, 5]
    assert ms(trace.late_cpu_ns) == [5, 0]


def test_those_who_wait_for_a_batch_are_in_the_backlog() -> None:
    trace = run(serial(batch=BATCH, backlog=1), *((at, cpu(0)) for at in (0, 1, 15, 32)))
    assert statuses(trace) == ["completed", "refused", "completed", "completed"]
    assert ms(trace.start_ns[[0, 2, 3]]) == [10, 32, 54]
    full = run(serial(batch={**BATCH, "max": 2}, backlog=1), (0, cpu(0)), (1, cpu(0)))
    assert ms(full.start_ns) == [1, 1]  # it is taken at once


def test_who_waited_too_long_is_refused_and_the_next_one_taken() -> None:
    server = serial(batch={**NOW, "max": 2}, queue_timeout="20ms")
    trace = run(server, *((at, cpu(0)) for at in (0, 1, 3, 4, 30)))
    assert statuses(trace) == ["completed", "refused", "completed", "completed", "completed"]
    assert ms(trace.start_ns[2:]) == [22, 22, 46]


def test_no_more_are_in_a_batch_than_may_be_served_at_once() -> None:
    trace = run(serial(batch=NOW, max_in_flight=2), *((at, cpu(0)) for at in (0, 1, 2, 3)))
    assert ms(trace.start_ns) == [0, 22, 22, 46]


def test_a_batch_ends_with_the_last_request_of_its_process() -> None:
    server = serial(batch=NOW, max_requests=2, boot="5ms")
    trace = run(server, *((at, cpu(0)) for at in (0, 1, 2, 3)))
    # The second request is the last of its process, which is down from 44 to 49.
    assert ms(trace.start_ns) == [0, 22, 49, 49]


def test_a_batch_fails_with_its_worker() -> None:
    down = Conditions(outages=(Outage(0, 25 * MS, 40 * MS),))
    trace = run(serial(batch=BATCH), *((at, cpu(1)) for at in (0, 1, 2, 30)), conditions=down)
    assert statuses(trace) == ["cancelled"] * 3 + ["completed"]
    assert ms(trace.finish_ns) == [25, 25, 25, 63]


def test_a_batch_that_ends_as_its_worker_goes_down_has_ended() -> None:
    down = Conditions(outages=(Outage(0, 31 * MS, 40 * MS),))
    trace = run(serial(batch=BATCH), *((at, cpu(1)) for at in (0, 1, 2)), conditions=down)
    assert statuses(trace) == ["completed"] * 3
    between = Conditions(outages=(Outage(0, 28 * MS, 40 * MS),))
    trace = run(serial(batch=BATCH), *((at, cpu(1)) for at in (0, 1, 2)), conditions=between)
    assert statuses(trace) == ["cancelled"] * 3


def test_a_service_answers_the_calls_of_several_requests_together() -> None:
    model = Service("model", serial(batch=BATCH))
    page = cpu(1) + call("model", cpu(0), there=1, back=1)
    trace = run(
        cooperative(),
        *((at, page) for at in (0, 1, 2)),
        services=("model",),
        conditions=Conditions(services=(model,)),
    )
    assert ms(trace.calls.arrival_ns) == [2, 3, 4]
    assert ms(trace.calls.finish_ns) == [30, 30, 30]
    assert ms(trace.finish_ns) == [31, 31, 31]
    assert trace.services[0].slots == 3


def test_the_others_of_a_batch_are_stuck_with_it() -> None:
    one = hold("db", io(1), hold("cache", io(1)))
    other = hold("cache", io(1), hold("db", io(1)))
    server = serial(batch={"max": 2, "wait": "1ms"}, workers=2)
    trace = run(
        server,
        *((0, each) for each in (one, cpu(1), other, cpu(1))),
        resources=(Resource("db", 1), Resource("cache", 1)),
    )
    assert statuses(trace) == ["unfinished"] * 4
    assert trace.deadlock is not None
    assert trace.deadlock.stuck == 4


SCENARIO = """
name: batches
requests: {{page: [{{cpu: 1ms}}]}}
workload: {{open: {{rate: {rate}/s}}, duration: 1s}}
servers: {{s: {server}}}
"""


@pytest.mark.parametrize(
    ("server", "message"),
    [
        (
            "{model: serial, backlog: 0, batch: {max: 8, wait: 10ms}}",
            "no request may wait, and so none may wait for the others of its batch; write"
            " backlog: 7 or more",
        ),
        ("{model: serial, batch: {wait: 10ms}}", "max is missing"),
        (
            "{model: serial, batch: {max: 0}}",
            "batch.max: the number 0 is too small; it must be at least 1",
        ),
        ("{model: cooperative, batch: {max: 8}}", "this key goes with model: serial"),
        ("{model: serial, batch: {max: 8, duration: 20ms}}", "duration"),
    ],
)
def test_what_cannot_be_is_an_error(server: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        loads(SCENARIO.format(rate=1, server=server))
    assert message in str(caught.value)


def test_full_batches_say_how_much_a_server_can_do() -> None:
    server = "{model: serial, batch: {max: 4, duration: {base: 16ms, each: 2ms}}}"
    scenario = loads(SCENARIO.format(rate=100, server=server))
    found = load("s", scenario, scenario.servers["s"])
    assert found is not None
    assert found.station.demand_s == pytest.approx(0.007)  # 1 + 2 + 16 / 4 ms
    assert found.keeps_up
    crowded = loads(SCENARIO.format(rate=150, server=server))
    busy = load("s", crowded, crowded.servers["s"])
    assert busy is not None
    assert busy.unstable_warning() is not None
