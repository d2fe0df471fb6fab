"""A rate that is more than a server can do for a while: what waits then, and what is said of it."""

from __future__ import annotations

import pytest

from simsched import experiment
from simsched.scenario import loads
from simsched.statistics.contender import contenders_of
from simsched.workload.offered import surge

SCENARIO = """
name: surge
requests: {{page: [{{cpu: {{exponential: 10ms}}}}]}}
workload: {{open: {{rate: {rate}}}, {end}}}
servers: {{s: {{model: serial{limit}}}}}
run: {{replications: 2}}
"""


def scenario(rate, end="duration: 40s", limit=""):
    return loads(SCENARIO.format(rate=rate, end=end, limit=limit))


def steps(*rates, limit="", end="duration: 40s"):
    each = ", ".join(f"{{at: {at}s, rate: {rate}/s}}" for at, rate in rates)
    return scenario(f"{{steps: [{each}]}}", end, limit)


def load(one):
    (contender,) = contenders_of([one])
    return contender.load


def test_what_arrives_beyond_what_can_be_done_waits():
    found = surge(steps((0, 40), (30, 180)), 100)
    assert (found.start_s, found.peak_s) == (pytest.approx(30, abs=0.01), 40)
    assert found.waiting == found.left == pytest.approx(800, rel=1e-3)
    assert found.arrivals == pytest.approx(30 * 40 + 10 * 180)


def test_it_goes_when_less_arrives():
    found = surge(steps((0, 150), (10, 60), (20, 0)), 100)
    assert found.start_s == 0
    assert found.peak_s == pytest.approx(10, abs=0.01)
    assert found.waiting == pytest.approx(500, rel=1e-3)
    assert found.left == 0


def test_of_requests_it_is_how_long_they_take_to_come():
    found = surge(steps((0, 50), (10, 150), end="requests: 1000"), 100)
    assert found.waiting == found.left == pytest.approx(500 - 500 / 150 * 100, rel=1e-2)


@pytest.mark.parametrize("rate", ["80/s", "180/s"])
def test_a_rate_that_does_not_change_has_none(rate):
    assert surge(scenario(rate), 100) is None


def test_a_rate_that_is_never_too_high_has_none():
    assert surge(steps((0, 20), (10, 90)), 100) is None


def test_a_server_that_is_left_with_a_queue_has_no_mean():
    result = experiment.run(experiment.prepare([steps((0, 40), (30, 180))]))
    assert result.servers["s"].estimates["response_time_s.mean"].value is None
    assert result.warnings[0] == (
        "s cannot keep up: from 30.0 s on, more requests arrive than its workers can serve, so "
        "that about 800 are waiting when the last one arrives; it would be stable below 100/s"
    )


def test_a_queue_that_comes_and_goes_is_warned_of():
    result = experiment.run(experiment.prepare([steps((0, 150), (10, 20))]))
    assert result.servers["s"].estimates["response_time_s.mean"].value is not None
    assert result.warnings[0] == (
        "s: from 0 s to 10.0 s more requests arrive than its workers can serve, and about 500 are "
        "waiting then: its figures describe this run, not a steady state"
    )


def test_a_few_requests_are_not_worth_a_word():
    found = load(steps((0, 50), (10, 101), (15, 20)))
    assert 0 < found.surge.waiting < 10
    assert found.bounded_overload_warning() is None
    assert found.stable


def test_a_queue_with_a_limit_cannot_grow():
    found = load(steps((0, 40), (30, 180), limit=", backlog: 5"))
    assert found.surge is None
    assert found.stable


EVENT = "events: [{{arrivals: 3, at: {at}s, for: 5s}}]"


@pytest.mark.parametrize(("at", "stable"), [(10, True), (37, False)])
def test_an_event_is_told_of_where_its_queue_stays(at, stable):
    written = SCENARIO.format(rate="70/s", end="duration: 40s", limit="")
    found = load(loads(written + EVENT.format(at=at)))
    assert found.stable == stable
    assert (found.surge is None) == stable
    assert found.bounded_overload_warning() is None
