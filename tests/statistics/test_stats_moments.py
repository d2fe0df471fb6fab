"""The moments of a run that are worth a look, and the requests that are shown around them."""

from __future__ import annotations

import numpy as np

import simsched
from simsched.engine import Status, Trace
from simsched.scenario import loads
from simsched.scenario.model.events import ResourceEvent
from simsched.statistics.moments import MOST, MOST_THERE, Moment, around, numbers, span
from simsched.statistics.presence import Work, in_service, left

SECOND = 10**9
CERTAIN = """
name: certain
requests: {page: [{io: 100ms, on: pool}]}
resources: {pool: {capacity: 9}}
workload: {open: {rate: 20/s, arrivals: constant}, duration: 20s}
events: [{resource: pool, at: 10s, for: 2s, stopped: true}]
servers: {one: {model: cooperative}, two: {model: cooperative, backlog: 30}}
run: {warmup: 5s, timeline_at: [3s, 15s]}
"""


def certain(*changes: str) -> simsched.Result:
    return simsched.run(loads(CERTAIN, overrides=list(changes)))


def at(result: simsched.Result) -> list[tuple[str, float, tuple[str, ...]]]:
    return [(each.kind, each.at_ns / SECOND, each.servers) for each in result.moments]


def test_a_run_is_worth_a_look_after_its_warm_up_around_events_and_where_requests_are_slow():
    assert at(certain()) == [
        ("warmup", 5.0, ()),
        ("given", 3.0, ()),
        ("given", 15.0, ()),
        ("begin", 10.0, ()),
        ("end", 12.0, ()),
        ("slowest", 9.95, ("one", "two")),
    ]


def test_an_event_is_named_and_a_slowest_request_has_an_end():
    *_, begin, _, slowest = certain().moments
    assert isinstance(begin.event, ResourceEvent)
    assert begin.until_ns == 0
    assert slowest.until_ns == 12_050_000_000


def test_the_first_request_without_an_answer_is_one_that_was_lost_not_cut_off_by_the_end():
    limited = certain("client={timeout: 300ms}", "servers.two.backlog=0")
    assert at(limited)[-1] == ("unanswered", 9.95, ("one", "two"))
    assert all(each.kind != "unanswered" for each in certain("events=[]").moments)
    ended = {int(s) for s in certain("events=[]").traces["one"][0].status}
    assert ended == {Status.COMPLETED, Status.UNFINISHED}


def test_a_warm_up_that_the_first_requests_show_is_no_moment():
    kinds = [each.kind for each in certain("run.warmup=1s").moments]
    assert "warmup" not in kinds


def test_of_many_servers_only_the_slowest_request_of_all_is_one():
    many = ", ".join(f"s{n}: {{model: serial, workers: {n}}}" for n in (3, 1, 4, 5, 6))
    result = certain(f"servers={{{many}}}", "events=[]", "run.timeline_at=[15s]")
    (slowest,) = [each for each in result.moments if each.kind == "slowest"]
    assert slowest.servers == ("s1",)


def test_moments_are_few_and_each_has_requests():
    times = ", ".join(f"{n}s" for n in range(1, 10))
    result = certain(f"run.timeline_at=[{times}, 900s]")
    assert len(result.moments) == MOST
    assert 900 not in [seconds for _, seconds, _ in at(result)]


def test_a_quarter_of_those_shown_arrive_before():
    trace = certain().traces["one"][0]
    assert around(trace, 10 * SECOND, 20).tolist() == list(range(195, 215))
    assert around(trace, 10 * SECOND, 4).tolist() == [199, 200, 201, 202]
    assert around(trace, 0, 3).tolist() == [0, 1, 2]
    assert around(trace, 10 * SECOND, 1).tolist() == [200]
    assert len(around(trace, 10**13, 20)) == 0


def test_all_that_are_there_meanwhile_keep_their_timelines():
    result = certain("events=[]")
    trace = result.traces["one"][0]
    between = span({"one": trace}, 10 * SECOND)
    assert between == (9_750_000_000, 10_800_000_000)
    kept = numbers(trace, 10 * SECOND, between, Work(responds=False, only_computes=False))
    there = (trace.arrival_ns <= between[1]) & (left(trace) >= between[0])
    assert kept.tolist() == trace.request[there].tolist()


def test_where_too_many_are_there_only_those_that_are_shown_do():
    crowd = "workload={schedule: [{at: 0ms, request: page, times: 1200}]}"
    run = "run={timeline_at: [1s]}"
    trace = certain(crowd, "events=[]", run).traces["one"][0]
    kept = numbers(trace, SECOND, (0, SECOND), Work(responds=False, only_computes=False))
    assert int(np.count_nonzero(in_service(trace, 0, SECOND))) > MOST_THERE
    assert kept.tolist() == list(range(1196, 1201))


def test_what_goes_on_after_the_answer_may_be_there_for_any_time():
    trace = certain().traces["one"][0]
    assert not Work(responds=False, only_computes=False).outlasts(trace)
    assert Work(responds=True, only_computes=True).outlasts(trace)
    lossy: Trace = certain("client={timeout: 300ms}").traces["one"][0]
    assert Work(responds=False, only_computes=False).outlasts(lossy)
    assert not Work(responds=False, only_computes=True).outlasts(lossy)


def test_moments_of_one_instant_are_compared_by_value():
    assert Moment("given", 3) == Moment("given", 3)
