"""How busy services are, and how long calls wait there, from schedules by hand and from theory."""

from __future__ import annotations

import pytest

import simsched
from simsched.engine import simulate
from simsched.engine.conditions import Conditions
from simsched.scenario import loads
from simsched.statistics.observation import Asked, observe
from simsched.statistics.window import Window
from simsched.workload import draw

BY_HAND = """
name: by hand
services: {{db: {service}}}
requests:
  page: [{{call: db, phases: {phases}}}]
workload:
  schedule: [{{at: 0ms, request: page, times: 2}}, {{at: 5ms, request: page}}]
  duration: 20ms
servers: {{loop: {{model: cooperative}}}}
"""


def used(service, phases, start_ms=0):
    scenario = loads(BY_HAND.format(service=service, phases=phases))
    trace = simulate(draw(scenario, 1), scenario.servers["loop"], Conditions.of(scenario, "loop"))
    return observe(Window(trace, start_ms * 10**6), Asked()).services["db"]


@pytest.mark.parametrize(
    ("service", "phases", "busy_ms"),
    [
        ("{model: serial}", "[{io: 3ms}]", 9),
        ("{model: serial, workers: 2}", "[{io: 3ms}]", 4.5),
        ("{model: cooperative}", "[{cpu: 2ms}, {io: 9ms}]", 6),
        ("{model: threaded, threads: 50, interpreter_lock: false, cores: 2}", "[{cpu: 4ms}]", 6),
        ("{model: threaded, threads: 2, cores: 1}", "[{cpu: 1ms}, {io: 3ms}]", 6.5),
    ],
)
def test_the_busier_of_cores_and_threads_counts(service, phases, busy_ms):
    assert used(service, phases).busy_ns == pytest.approx(busy_ms * 10**6)


def test_calls_wait_in_the_queue_of_the_service():
    one = used("{model: serial}", "[{io: 3ms}]")
    assert (one.waits, one.waited_s) == (3, pytest.approx(0.003 + 0.001))


def test_what_is_before_the_window_does_not_count():
    one = used("{model: serial}", "[{io: 3ms}]", start_ms=5)
    assert one.busy_ns == 4 * 10**6
    assert (one.waits, one.waited_s) == (1, pytest.approx(0.001))


def test_a_limit_on_a_service_is_judged():
    text = BY_HAND.format(service="{model: serial}", phases="[{io: 3ms}]")
    scenario = loads(
        text + "slo: {busy: service_utilisation.db < 50%, soon: service_wait.db < 1ms}"
    )
    outcomes = [each.outcome for each in simsched.run(scenario).judgements]
    assert outcomes == ["pass", "fail"]
