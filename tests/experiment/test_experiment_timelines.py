"""Whose timelines a run keeps."""

from __future__ import annotations

import numpy as np
import pytest

import simsched
from simsched.engine import Status, Trace
from simsched.engine.trace import MISSING
from simsched.experiment.simulating import TIMELINE
from simsched.report.timeline import slow_rows, stored_of
from simsched.scenario import loads
from simsched.statistics.moments import SHOWN, around
from simsched.statistics.time_spent import SLOWEST, lasted, never_answered, slowest

LOAD = """
name: load
requests: {{page: [{{cpu: {{exponential: 8ms}}}}, {{io: {{exponential: 5ms}}, on: pool}}]}}
resources: {{pool: {{capacity: 3}}}}
workload: {workload}
servers: {{serial: {{model: serial, workers: 2{more}}}, cooperative: {{model: cooperative{more}}}}}
client: {{timeout: 150ms, retries: {{max: 2}}}}
run: {{replications: 2, warmup: none}}
"""
OPEN = "{open: {rate: 60/s}, requests: 600}"
USERS = "{closed: {users: 9, think: {exponential: 9ms}}, duration: 9s}"


def traces(workload: str = OPEN, more: str = "") -> dict[str, tuple[Trace, ...]]:
    return dict(simsched.run(loads(LOAD.format(workload=workload, more=more))).traces)


@pytest.mark.parametrize("workload", [OPEN, USERS])
def test_the_first_the_slowest_and_those_around_moments_have_timelines_and_no_others(workload):
    result = simsched.run(loads(LOAD.format(workload=workload, more="")))
    chosen = result.to_show()
    for name, (first, second) in result.traces.items():
        numbers = first.requests.request
        assert len(numbers) > TIMELINE
        slow = numbers[slowest(first)]
        told = set(first.segments.request.tolist())
        assert told == set(range(1, TIMELINE + 1)) | chosen[name]
        assert set(slow.tolist()) <= chosen[name]
        for moment in result.moments:
            assert set(numbers[around(first, moment.at_ns, SHOWN)].tolist()) <= chosen[name]
        assert len(slow) == SLOWEST
        assert any(slow > TIMELINE)
        assert len(second.segments.request) == 0


def test_segments_of_the_slowest_add_up_to_how_long_they_took():
    for first, _ in traces().values():
        requests, segments = first.requests, first.segments
        for row in slowest(first):
            once = first.attempt[first.request == requests.request[row]].max() == 1
            stretches = segments.request == requests.request[row]
            lengths = segments.finish_ns[stretches] - segments.start_ns[stretches]
            if once:
                assert lengths.sum() == requests.finish_ns[row] - requests.arrival_ns[row]


def test_the_number_of_stored_timelines_follows_from_the_segments():
    for first, second in traces(more=", backlog: 3").values():
        assert np.any(first.status == Status.REFUSED)
        refused = first.status == Status.REFUSED
        untold = first.request[~refused & ~np.isin(first.request, first.segments.request)]
        assert untold.min() > TIMELINE
        assert stored_of(first) == untold.min() - 1
        assert np.all(np.diff(_response(first)[slow_rows(first)]) <= 0)
        assert stored_of(second) == 40


def slow_numbers(trace: Trace) -> np.ndarray:
    return trace.requests.request[slowest(trace)]


def _response(trace: Trace) -> np.ndarray:
    return trace.requests.finish_ns - trace.requests.arrival_ns


def test_the_slowest_are_the_longest_and_the_earlier_of_equals_however_they_ended():
    text = LOAD.format(workload=OPEN, more=", backlog: 3").replace(", retries: {max: 2}", "")
    trace = simsched.run(loads(text.replace("150ms", "25ms"))).traces["serial"][0]
    rows = slowest(trace, 600)
    expected = sorted(range(len(trace.requests)), key=lambda row: (-_response(trace)[row], row))
    assert rows.tolist() == expected[:600]
    found = [Status(int(each)) for each in trace.requests.status[rows]]
    assert set(found) == {Status.COMPLETED, Status.TIMED_OUT, Status.REFUSED}
    assert (found[0], found[-1]) == (Status.TIMED_OUT, Status.REFUSED)
    assert slowest(trace, 0).tolist() == []


DEAD = """
name: dead
requests:
  ping: [{io: 1ms, on: threads}]
  around:
    - hold: threads
      phases: [{hold: connections, phases: [{io: 20ms}, {io: 1ms, on: threads}]}]
resources: {threads: {capacity: 2}, connections: {capacity: 2}}
workload:
  schedule:
    - {at: 0ms, request: ping, times: 250}
    - {at: 1s, request: around, times: 2}
    - {at: 2s, request: ping, times: 5}
servers: {framework: {model: cooperative}, other: {model: serial}}
"""


def test_requests_that_a_dead_server_never_answers_are_its_slowest():
    trace = simsched.run(loads(DEAD)).traces["framework"][0]
    rows = slowest(trace, 9)
    assert slow_numbers(trace)[:9].tolist() == [251, 252, 253, 254, 255, 256, 257, 249, 250]
    assert lasted(trace)[rows].tolist() == [10**9] * 2 + [0] * 5 + [125 * 10**6, 125 * 10**6]
    assert never_answered(trace, rows) == 7
    told = set(trace.segments.request.tolist())
    assert {251, 252} <= told
    assert slowest(trace, 3).tolist() == rows[:3].tolist()


def test_a_request_that_only_just_arrived_as_the_run_ended_is_none_of_the_slowest():
    trace = traces(USERS)["serial"][0]
    requests = trace.requests
    there = np.flatnonzero(requests.finish_ns == MISSING)
    rows = slowest(trace, len(requests))
    assert len(there) > 0
    assert np.all(np.diff(lasted(trace)[rows]) <= 0)
    assert set(there) <= set(rows)


def test_every_slowest_request_of_a_dead_server_is_drawn():
    trace = simsched.run(loads(DEAD)).traces["framework"][0]
    assert slow_rows(trace).tolist() == slowest(trace).tolist()


def test_a_run_in_which_nothing_is_answered_is_simulated_once(monkeypatch):
    calls = []

    def counted(*given, **named):
        from simsched.engine import simulate

        calls.append((named["timeline"], named.get("also")))
        return simulate(*given, **named)

    monkeypatch.setattr("simsched.experiment.simulating.simulate", counted)
    scenario = loads(
        "name: none\nrequests: {page: [{io: 1s}]}\nworkload: {open: {rate: 100/s}, requests: 300}\n"
        "client: {timeout: 1ms}\nservers: {a: {model: cooperative}}\nrun: {replications: 1}\n"
    )
    simsched.run(scenario)
    assert calls == [(TIMELINE, None)]


def test_a_run_of_very_many_requests_is_simulated_once(monkeypatch):
    monkeypatch.setattr("simsched.experiment.runner.LONGEST", 299)
    for first, _ in traces().values():
        assert set(first.segments.request.tolist()) == set(range(1, TIMELINE + 1))
