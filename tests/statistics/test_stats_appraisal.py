from __future__ import annotations

import pytest
from stats_traces import mm1

from simsched.scenario import loads
from simsched.statistics.appraisal import appraise, known_answers
from simsched.statistics.contender import Contender
from simsched.statistics.run_length import Queue

OPEN = """
name: queue
requests: {page: [{cpu: {exponential: 10ms}}, {io: 20ms}]}
workload: {open: {rate: 80/s}, requests: 2000}
servers: {serial: {model: serial, workers: 4}, loop: {model: cooperative}}
"""
SCHEDULE = """
name: lecture
requests: {page: [{cpu: 10ms}]}
workload: {schedule: [{at: 0ms, request: page}]}
servers: {serial: {model: serial}}
"""


def contenders(text, *overrides, prefix=""):
    scenario = loads(text, overrides=overrides)
    return [Contender(prefix + name, scenario, one) for name, one in scenario.servers.items()]


def first(*args, **kwargs):
    return contenders(*args, **kwargs)[0]


def test_open_arrivals_have_an_automatic_warm_up():
    assert first(OPEN).method().warmup == "auto"


def test_a_schedule_has_no_warm_up():
    assert first(SCHEDULE).method().warmup == "none"


def test_a_server_that_cannot_keep_up_has_no_warm_up():
    method = first(OPEN, "workload.open.rate=200/s").method()
    assert method.warmup == "none"
    assert method.unstable.startswith("serial cannot keep up: 200 requests a second")
    assert not method.batches


def test_a_warm_up_that_is_asked_for_is_made():
    assert first(OPEN, "run.warmup=5s").method().warmup == 5 * 10**9
    assert first(OPEN, "run.warmup=none").method().warmup == "none"
    later = "workload.schedule=[{at: 0ms, request: page}, {at: 6s, request: page}]"
    assert first(SCHEDULE, later, "run.warmup=5s").method().warmup == 5 * 10**9


def test_only_chance_without_trend_is_cut_into_batches():
    assert first(OPEN).method().batches
    assert not first(SCHEDULE).method().batches
    constant = "requests.page=[{cpu: 1ms}]", "workload.open.arrivals=constant"
    assert first(OPEN, *constant).is_certain
    assert not first(OPEN, *constant).method().batches


def test_requests_dealt_out_at_random_are_not_certain():
    constant = "requests.page=[{cpu: 1ms}]", "workload.open.arrivals=constant"
    loops = contenders(OPEN, *constant, "servers.loop.workers=2")[1]
    assert not loops.is_certain


def test_every_quantile_that_is_named_anywhere_is_told():
    method = first(
        OPEN,
        "run.quantiles=[p50]",
        "run.until={metric: response_time.p90, relative: 5%}",
        "slo={fast: response_time.p99.9 < 1s}",
    ).method()
    assert method.quantiles == (0.5, 0.9, 0.999)


def test_objectives_are_of_the_servers_they_name():
    slo = "slo={a: response_time.mean < 1s, b: {limit: throughput > 1/s, servers: [loop]}}"
    serial, loop = contenders(OPEN, slo, prefix="queue/")
    assert [one.name for one in serial.objectives()] == ["a"]
    assert [one.name for one in loop.objectives()] == ["a", "b"]
    assert loop.objectives()[1].servers == ("queue/loop",)


def test_a_run_is_planned_by_what_keeps_the_station_busy():
    serial, loop = contenders(OPEN)
    assert serial.queue() == Queue(pytest.approx(0.6), 1.0, pytest.approx(1 / 9), 4)
    assert loop.queue() == Queue(pytest.approx(0.8), 1.0, pytest.approx(1.0), 1)
    assert first(SCHEDULE).queue() is None
    assert first(OPEN, "workload.open.rate=200/s").queue() is None


def test_servers_are_held_against_each_other_over_the_same_requests():
    servers = contenders(OPEN)
    traces = {
        "serial": [mm1(seed, 2000, 0.9) for seed in range(4)],
        "loop": [mm1(seed, 2000, 0.9, speed=2.0) for seed in range(4)],
    }
    found = appraise(servers, traces).servers
    cuts = {name: [cut.time_ns for cut in one.warmup] for name, one in found.items()}
    assert cuts["serial"] == cuts["loop"]
    assert any(cuts["serial"])
    own = {name: appraise([one], traces) for name, one in zip(traces, servers, strict=True)}
    assert own["loop"].servers["loop"].warmup != own["serial"].servers["serial"].warmup


def test_what_is_known_needs_no_traces():
    names = [(one.server, one.model) for one in known_answers(contenders(OPEN))]
    assert names == [
        ("serial", "operational bounds"),
        ("loop", "open network with feedback (product form)"),
        ("loop", "operational bounds"),
    ]
