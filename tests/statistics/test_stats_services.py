"""How busy services are, and how long calls wait there, from schedules by hand and from theory."""

from __future__ import annotations

import numpy as np
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


NETWORK = """
name: network
services:
  a: {model: serial, backlog: 1000000}
  b: {model: cooperative, overhead: {request: 0ms}}
  c: {model: threaded, threads: 100, cores: 1, interpreter_lock: false, time_slice: 500us}
requests:
  page:
    - {call: a, phases: [{cpu: {exponential: 5ms}}]}
    - {call: b, phases: [{cpu: {exponential: 8ms}}]}
    - {call: c, phases: [{cpu: {exponential: 2ms}}]}
    - choose:
        - weight: 1
          phases: [{call: a, phases: [{cpu: {exponential: 5ms}}]}]
        - {weight: 3, phases: []}
workload: {open: {rate: 100/s}, duration: 60s}
servers: {front: {model: cooperative}}
run: {seed: 5, replications: 6, warmup: 3s, confidence: 99%, engine: simpy}
"""


@pytest.mark.long
def test_an_open_network_of_services_is_jacksons():
    # Each station of such a network is as if it were alone: J. R. Jackson, Networks of Waiting
    # Lines, Operations Research 5 (1957). A processor that is shared evenly counts as one, too.
    result = simsched.run(loads(NETWORK))
    found = result.servers["front"]
    loads_ = {"a": 125 * 0.005, "b": 100 * 0.008, "c": 100 * 0.002}
    visits = {"a": 125, "b": 100, "c": 100}
    in_system = sum(rho / (1 - rho) for rho in loads_.values())
    mean = found.estimates["response_time_s.mean"]
    assert mean.low <= in_system / 100 <= mean.high
    for name, rho in loads_.items():
        busy = found.service_utilisation[name]
        assert busy.low <= rho <= busy.high
        if name != "c":
            wait = found.service_wait[name]
            assert wait.low <= rho / (1 - rho) * rho / visits[name] <= wait.high


CLOSED = """
name: closed
services:
  a: {model: serial}
  b: {model: serial}
requests:
  page:
    - {call: a, phases: [{cpu: {exponential: 20ms}}]}
    - {call: b, phases: [{cpu: {exponential: 30ms}}]}
workload: {closed: {users: 5, think: {exponential: 100ms}}, duration: 100s}
servers: {front: {model: cooperative}}
run: {seed: 2, replications: 5, warmup: 5s, confidence: 99%, engine: simpy}
"""


@pytest.mark.long
def test_users_of_services_are_those_of_mean_value_analysis():
    # M. Reiser and S. S. Lavenberg, Mean-Value Analysis of Closed Multichain Queuing Networks,
    # Journal of the ACM 27 (1980).
    queue, demands = np.zeros(2), np.array([0.02, 0.03])
    for users in range(1, 6):
        residence = demands * (1 + queue)
        throughput = users / (0.1 + residence.sum())
        queue = throughput * residence
    found = simsched.run(loads(CLOSED)).servers["front"].estimates
    for metric, value in (
        ("throughput_per_s", throughput),
        ("response_time_s.mean", residence.sum()),
    ):
        assert found[metric].low <= value <= found[metric].high


def test_a_limit_on_a_service_is_judged():
    text = BY_HAND.format(service="{model: serial}", phases="[{io: 3ms}]")
    scenario = loads(
        text + "slo: {busy: service_utilisation.db < 50%, soon: service_wait.db < 1ms}"
    )
    outcomes = [each.outcome for each in simsched.run(scenario).judgements]
    assert outcomes == ["pass", "fail"]
