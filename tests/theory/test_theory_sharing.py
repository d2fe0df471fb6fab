"""Threads and workers that take turns, held against processor sharing.

Turns are not infinitely short, so these are systems close to processor sharing; the shorter the
turn, the closer. The mean response time of exponential service is the same for turns of any length.

Source: Kleinrock, Queueing Systems 2, 1976, 4.4; Sakata, Noguchi & Oizumi, Operations Research 19,
1971.
"""

from __future__ import annotations

import pytest
from theory_runs import estimate, mean_response, scenario_text, traces

from simsched.engine import Trace

REPLICATIONS = 10
REQUESTS = 1200
WARMUP = 150
LOAD = 0.6

THREADS = "{model: threaded, threads: 100, switch_interval: 400us}"
SERVICE = {
    "exponential": "{exponential: 10ms}",
    "deterministic": "10ms",
    "hyperexponential": "{hyperexponential: {mean: 10ms, cv: 2}}",
}


def runs(cpu: str, server: str) -> list[Trace]:
    workload = f"{{open: {{rate: {LOAD / 0.010}/s}}, requests: {REQUESTS}}}"
    return traces(scenario_text(f"{{any: [{{cpu: {cpu}}}]}}", server, workload), REPLICATIONS)


def slowdown_of_long(trace: Trace) -> float:
    """Measure by what the requests that compute for over 10 ms are slowed."""
    long = trace.cpu_ns > 10_000_000
    long[:WARMUP] = False
    return float((trace.finish_ns - trace.arrival_ns)[long].sum() / trace.cpu_ns[long].sum())


@pytest.mark.parametrize("service", SERVICE)
def test_threads_in_short_turns_have_a_mean_that_no_variance_changes(service: str) -> None:
    """First come first served the three would be 25 ms, 18 ms and 48 ms; shared, all are 25 ms.

    And each request is slowed by 1 / (1 - load), however long it is.
    """
    found = runs(SERVICE[service], THREADS)
    assert estimate(found, mean_response(WARMUP)).holds(0.010 / (1 - LOAD), within=0.2)
    if service != "deterministic":
        assert estimate(found, slowdown_of_long).holds(1 / (1 - LOAD), within=0.2)


@pytest.mark.parametrize(("service", "within"), [("deterministic", 0.2), ("hyperexponential", 0.5)])
def test_a_service_whose_calls_share_a_core_has_the_same_mean(service: str, within: float) -> None:
    """First come first served the two would be 18 ms and 48 ms."""
    text = scenario_text(
        f"{{any: [{{call: shared, phases: [{{cpu: {SERVICE[service]}}}]}}]}}",
        "{model: cooperative}",
        f"{{open: {{rate: {LOAD / 0.010}/s}}, requests: {REQUESTS}}}",
    )
    shared = "{model: threaded, threads: 100, interpreter_lock: false, cores: 1, time_slice: 500us}"
    found = traces(text.replace("servers:", f"services: {{shared: {shared}}}\n        servers:"), 8)
    assert estimate(found, mean_response(WARMUP)).holds(0.010 / (1 - LOAD), within=within)


def test_many_workers_on_one_core_share_it_in_time_slices() -> None:
    workers = "{model: serial, workers: 100, cores: 1, time_slice: 500us}"
    found = estimate(runs(SERVICE["deterministic"], workers), mean_response(WARMUP))
    assert found.holds(0.010 / (1 - LOAD), within=0.2)
