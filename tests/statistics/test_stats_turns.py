"""Servers that are asked for too much, and serve some classes before others."""

from __future__ import annotations

import pytest

from simsched import experiment
from simsched.experiment.runner import contenders_of
from simsched.scenario import loads

SCENARIO = """
name: turns
requests:
  hi: {{phases: [{{cpu: {hi}}}], priority: 0}}
  lo: {{phases: [{{cpu: 20ms}}], priority: {lo}}}
workload: {{open: {{rate: {rate}/s}}, mix: {{hi: 1, lo: 1}}, duration: 20s}}
servers: {{s: {{model: {model}, discipline: {discipline}}}}}
run: {{replications: 5}}
{slo}
"""


def scenario(discipline="priority", rate=100, *, hi="5ms", lo=1, model="serial", slo=""):
    return loads(
        SCENARIO.format(discipline=discipline, rate=rate, hi=hi, lo=lo, model=model, slo=slo)
    )


def load(*args, **more):
    (contender,) = contenders_of([scenario(*args, **more)])
    return contender.load


@pytest.mark.parametrize("model", ["serial", "threaded", "cooperative"])
@pytest.mark.parametrize("discipline", ["priority", "shortest"])
def test_the_last_in_turn_wait_for_what_is_left(discipline, model):
    """50 hi a second take a quarter of the time; in the rest 37.5 lo of 50 a second are served."""
    one = load(discipline, model=model)
    assert [turn.classes for turn in one.turns] == [("hi",), ("lo",)]
    assert one.growth_per_s == pytest.approx(50 - 0.75 / 0.020)
    assert "; its queue grows by 12.5 requests a second, and" in one.sentence()


def test_the_queue_of_a_run_grows_as_foretold():
    (one,) = experiment.run([scenario()]).servers.values()
    assert one.requests["unfinished"] / 5 / 20 == pytest.approx(12.5, rel=0.15)


def test_classes_of_one_priority_are_served_as_they_come():
    one = load(lo=0)
    assert [turn.classes for turn in one.turns] == [("hi", "lo")]
    assert one.growth_per_s == pytest.approx(100 - 80)


def test_nothing_is_left_behind_those_who_need_it_all():
    """100 hi a second of 20 ms need twice what there is: half of them wait, and every lo."""
    one = load(rate=200, hi="20ms")
    assert [turn.is_steady for turn in one.turns] == [False, False]
    assert one.growth_per_s == pytest.approx(50 + 100)


def test_the_growth_under_shortest_depends_on_what_requests_need():
    one = load("shortest", hi="{exponential: 5ms}")
    assert one.growth_per_s is None
    assert one.sentence() == (
        "s cannot keep up: 100 requests a second ask for 125% of its workers; its queue grows "
        "without bound, and it would be stable below 80.0/s"
    )


def test_the_growth_under_lifo_is_that_under_fifo():
    assert load("lifo").growth_per_s == load("fifo").growth_per_s == pytest.approx(20)


@pytest.mark.parametrize("discipline", ["priority", "shortest"])
def test_a_server_that_keeps_up_has_no_growth(discipline):
    assert load(discipline, rate=79).growth_per_s == 0
