"""Servers that are asked for too much, and serve some classes before others."""

from __future__ import annotations

import pytest

from simsched import experiment
from simsched.scenario import loads
from simsched.statistics.contender import contenders_of

MEAN = "response_time_s.mean"

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
    assert "; its queue grows by 12.5 requests a second, and" in one.unstable_warning()


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
    assert one.unstable_warning() == (
        "s cannot keep up: 100 requests a second need 125 % of its workers; its queue grows "
        "without bound, and it would be stable below 80.0/s"
    )


def test_the_growth_under_lifo_is_that_under_fifo():
    assert load("lifo").growth_per_s == load("fifo").growth_per_s == pytest.approx(20)


@pytest.mark.parametrize("discipline", ["priority", "shortest"])
def test_a_server_that_keeps_up_has_no_growth(discipline):
    assert load(discipline, rate=79).growth_per_s == 0


# objectives


def judged(one):
    return {each.objective.name: each for each in experiment.run([one]).judgements}


def limits(**texts):
    each = ", ".join(f"{name}: {{limit: {text}}}" for name, text in texts.items())
    return f"slo: {{{each}}}"


@pytest.mark.parametrize("discipline", ["priority", "shortest"])
def test_who_is_served_first_is_judged_by_its_own_figures(discipline):
    slo = limits(
        p95="response_time.p95 < 50ms, request: hi",
        mean="response_time.mean < 1ms, request: hi",
        most="response_time.max < 500ms, request: hi",
        queue="time_spent.queue < 1s, request: hi",
        last="response_time.p95 < 1h, request: lo",
        waits="time_spent.queue.p95 < 1h, request: lo",
        all="response_time.p95 < 1h",
        longest="response_time.max < 1h",
    )
    found = judged(scenario(discipline, slo=slo))
    assert {name: one.outcome for name, one in found.items()} == {
        "p95": "pass",
        "mean": "fail",
        "most": "inconclusive",
        "queue": "pass",
        "last": "fail",
        "waits": "fail",
        "all": "fail",
        "longest": "fail",
    }
    assert found["p95"].sentence.startswith(
        "s keeps p95 (response_time.p95 < 50ms for hi): it is 24."
    )
    assert found["mean"].sentence.startswith(
        "s misses mean (response_time.mean < 1ms for hi): it is 1"
    )
    growing = (
        "s cannot keep up: 100 requests a second need 125 % of its workers; its queue grows by "
        "12.5 requests a second, and it would be stable below 80.0/s"
    )
    assert found["longest"].sentence == f"s misses longest (response_time.max < 1h): {growing}"


def test_a_quantile_is_missed_only_if_so_many_wait_without_end():
    slo = limits(p40="response_time.p40 < 1h", p50="response_time.p50 < 1h")
    found = judged(scenario(slo=slo))
    assert (found["p40"].outcome, found["p50"].outcome) == ("inconclusive", "fail")


def test_who_waits_under_shortest_cannot_always_be_told():
    slo = limits(
        hi="response_time.p95 < 1h, request: hi",
        most="response_time.max < 1h, request: hi",
        all="response_time.mean < 1h",
    )
    found = judged(scenario("shortest", hi="{exponential: 5ms}", slo=slo))
    assert [one.outcome for one in found.values()] == ["inconclusive", "inconclusive", "fail"]
    assert "s may keep or miss most (response_time.max < 1h for hi): it is " in (
        found["most"].sentence
    )


def test_the_first_to_come_are_never_served_under_lifo():
    """A fifth of the requests is left over."""
    slo = limits(p75="response_time.p75 < 1h", p85="response_time.p85 < 1h")
    found = judged(scenario("lifo", slo=slo))
    assert (found["p75"].outcome, found["p85"].outcome) == ("inconclusive", "fail")


@pytest.mark.parametrize(
    ("settings", "settled"),
    [
        ({}, {"hi"}),
        ({"lo": 0}, set()),
        ({"rate": 200, "hi": "20ms"}, set()),
        ({"rate": 100, "hi": "20ms"}, set()),
    ],
)
def test_only_those_have_a_mean_who_get_what_they_need(settings, settled):
    (one,) = experiment.run([scenario(**settings)]).servers.values()
    told = {name for name, each in one.classes.items() if each.estimates[MEAN].value is not None}
    assert one.estimates[MEAN].value is None
    assert told == settled == {name for name, each in one.classes.items() if each.time_spent}


POOL = """
name: pool
requests:
  asks: [{cpu: 1ms}, {io: {exponential: 50ms}, on: db}]
  not: [{cpu: 1ms}, {io: 5ms}, {cpu: 1ms}]
resources: {db: {capacity: 1}}
workload: {open: {rate: 60/s}, mix: {asks: 1, not: 1}, duration: 20s}
servers:
  loop: {model: cooperative}
  few: {model: cooperative, max_in_flight: 5}
  serial: {model: serial, workers: 3}
run: {replications: 5}
slo:
  db: resource_wait.db < 10ms
  io: time_spent.io_wait < 10ms
  lag: time_spent.cpu_wait.p99 < 1s
  queue: time_spent.queue < 10ms
  p99: {limit: response_time.p99 < 20ms, request: not}
"""


def test_only_the_waits_for_what_is_too_busy_grow():
    """Who is let in without limit waits for the database; elsewhere one waits to be let in."""
    result = experiment.run([loads(POOL)])
    outcomes = {
        (one.server, one.objective.name): one.outcome
        for one in result.judgements
        if one.outcome != "inconclusive"
    }
    assert outcomes == {
        ("loop", "db"): "fail",
        ("loop", "io"): "fail",
        ("loop", "p99"): "pass",
        ("few", "queue"): "fail",
        ("few", "p99"): "fail",
        ("serial", "queue"): "fail",
        ("serial", "p99"): "fail",
    }


def test_an_overloaded_loop_makes_those_wait_who_come_back_to_it():
    text = POOL.replace("{exponential: 50ms}", "1ms").replace("[{cpu: 1ms}", "[{cpu: 30ms}")
    result = experiment.run([loads(text.replace(", on: db", ""))])
    outcomes = {
        one.objective.name: one.outcome for one in result.judgements if one.server == "loop"
    }
    assert outcomes == {
        "db": "inconclusive",
        "io": "inconclusive",
        "lag": "fail",
        "queue": "fail",
        "p99": "fail",
    }
