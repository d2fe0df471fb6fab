"""Who used a resource, and when, as the trace tells."""

from __future__ import annotations

from simsched.engine import simulate
from simsched.engine.conditions import Conditions
from simsched.engine.trace import MISSING
from simsched.scenario import loads
from simsched.workload import draw

MS = 1_000_000


def visits(
    phases, arrivals="{at: 0ms, request: page, times: 3}", end="", server="cooperative", more=""
):
    scenario = loads(
        f"name: t\nrequests: {{page: {phases}}}\n"
        "resources: {db: {capacity: 2}, mail: {capacity: 1}}\n"
        f"workload: {{schedule: [{arrivals}]{end}}}\nservers: {{s: {{model: {server}}}}}\n{more}"
    )
    trace = simulate(draw(scenario, 1), scenario.servers["s"], Conditions.of(scenario, "s"))
    assert [one.name for one in trace.resources] == ["db", "mail"]
    found = trace.visits
    columns = (found.asked_ns, found.granted_ns, found.released_ns)
    times = zip(*map(milliseconds, columns), strict=True)
    requests = trace.request[found.row].tolist()
    return list(zip(found.resource.tolist(), requests, times, strict=True))


def milliseconds(column):
    return [None if moment == MISSING else moment / MS for moment in column.tolist()]


def test_a_slot_is_asked_for_granted_and_given_back():
    assert visits("[{io: 10ms, on: db}, {io: 5ms}]") == [
        (0, 1, (0, 0, 10)),
        (0, 2, (0, 0, 10)),
        (0, 3, (0, 10, 20)),
    ]


def test_a_slot_that_is_held_is_in_use_while_its_request_computes():
    assert visits("[{hold: db, phases: [{cpu: 4ms}, {io: 6ms}]}]", server="serial") == [
        (0, 1, (0, 0, 10)),
        (0, 2, (10, 10, 20)),
        (0, 3, (20, 20, 30)),
    ]


def test_a_slot_that_is_never_given_back_has_no_such_moment_nor_one_that_is_never_had():
    assert visits("[{hold: db, phases: [{io: 1ms}, {io: 4ms, on: db}]}]") == [
        (0, 1, (0, 0, None)),
        (0, 2, (0, 0, None)),
        (0, 3, (0, None, None)),
        (0, 1, (1, None, None)),
        (0, 2, (1, None, None)),
    ]


def test_who_leaves_the_line_without_a_slot_leaves_at_that_moment():
    two = "cooperative, workers: 2, dispatch: round_robin"
    down = "events: [{worker: 1, down: true, at: 4ms, for: 1ms}]\n"
    assert visits("[{io: 10ms, on: mail}]", server=two, more=down) == [
        (1, 1, (0, 0, 10)),
        (1, 2, (0, None, 4)),
        (1, 3, (0, 10, 20)),
    ]


def test_what_is_in_use_at_the_end_of_the_run_is_not_given_back():
    assert visits("[{io: 10ms, on: db}]", end=", duration: 12ms") == [
        (0, 1, (0, 0, 10)),
        (0, 2, (0, 0, 10)),
        (0, 3, (0, 10, None)),
    ]


def test_the_uses_of_one_resource_come_before_those_of_the_next():
    assert visits("[{io: 1ms, on: mail}, {io: 2ms, on: db}]") == [
        (0, 1, (1, 1, 3)),
        (0, 2, (2, 2, 4)),
        (0, 3, (3, 3, 5)),
        (1, 1, (0, 0, 1)),
        (1, 2, (0, 1, 2)),
        (1, 3, (0, 2, 3)),
    ]


def test_without_resources_nobody_asks():
    scenario = loads(
        "name: t\nrequests: {page: [{io: 1ms}]}\n"
        "workload: {schedule: [{at: 0ms, request: page}]}\nservers: {s: {model: serial}}\n"
    )
    trace = simulate(draw(scenario, 1), scenario.servers["s"])
    assert trace.resources == ()
    assert len(trace.visits) == 0
