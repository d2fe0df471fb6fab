"""The engine held against queueing theory: requests that arrive by themselves, and queue."""

from __future__ import annotations

from math import factorial

import pytest
from theory_runs import estimate, mean_response, scenario_text, traces

REPLICATIONS = 12
REQUESTS = 4500
WARMUP = 700
"""So many of the first requests are left out: the queue starts empty."""


def erlang_c(offered: float, servers: int) -> float:
    """Return the probability of waiting in M/M/c (Kleinrock, Queueing Systems I, 1975, 3.5)."""
    waiting = offered**servers / factorial(servers) / (1 - offered / servers)
    return waiting / (sum(offered**k / factorial(k) for k in range(servers)) + waiting)


def pollaczek_khinchine(rate: float, service: float, cv: float) -> float:
    """Return the mean response time of M/G/1 (Kleinrock, 1975, 5.6)."""
    load = rate * service
    return service + load * service * (1 + cv**2) / (2 * (1 - load))


MM3 = 0.010 + erlang_c(2.4, 3) * 0.010 / (3 - 2.4)
EXPONENTIAL_CPU = "[{cpu: {exponential: 10ms}}]"
EXPONENTIAL_IO = "[{io: {exponential: 10ms}}]"

CASES = {
    "M/M/1": (EXPONENTIAL_CPU, "{model: serial}", 70, 0.010 / (1 - 0.7)),
    "M/D/1": ("[{cpu: 10ms}]", "{model: serial}", 70, pollaczek_khinchine(70, 0.010, 0)),
    "M/G/1 with cv 3": (
        "[{cpu: {hyperexponential: {mean: 10ms, cv: 3}}}]",
        "{model: serial}",
        50,
        pollaczek_khinchine(50, 0.010, 3),
    ),
    "M/M/3": (EXPONENTIAL_CPU, "{model: serial, workers: 3}", 240, MM3),
    "M/M/3 of loops that share their arrivals": (
        EXPONENTIAL_CPU,
        "{model: cooperative, workers: 3, dispatch: shared}",
        240,
        MM3,
    ),
    "M/M/3 of threads without a lock": (
        EXPONENTIAL_CPU,
        "{model: threaded, threads: 3, cores: 3, interpreter_lock: false}",
        240,
        MM3,
    ),
    "M/M/3 of waiting, three at a time": (
        EXPONENTIAL_IO,
        "{model: cooperative, max_in_flight: 3}",
        240,
        MM3,
    ),
    "three M/M/1 behind a random dispatch": (
        EXPONENTIAL_CPU,
        "{model: cooperative, workers: 3, dispatch: random}",
        210,
        0.010 / (1 - 0.7),
    ),
    "M/M/inf of waiting": (EXPONENTIAL_IO, "{model: cooperative}", 240, 0.010),
    "M/E2/1 with half of the service in I/O": (
        "[{cpu: {exponential: 5ms}}, {io: {exponential: 5ms}}]",
        "{model: serial}",
        70,
        pollaczek_khinchine(70, 0.010, 0.5**0.5),
    ),
    "an open network with feedback on a loop": (
        "[{cpu: {exponential: 4ms}}, {io: {exponential: 50ms}}, {cpu: {exponential: 4ms}}]",
        "{model: cooperative}",
        80,
        2 * 0.004 / (1 - 0.64) + 0.050,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_mean_response_time_is_what_theory_says(case: str) -> None:
    phases, server, rate, theory = CASES[case]
    workload = f"{{open: {{rate: {rate}/s}}, requests: {REQUESTS}}}"
    runs = traces(scenario_text(f"{{any: {phases}}}", server, workload), REPLICATIONS)
    assert estimate(runs, mean_response(WARMUP)).holds(theory, within=0.25)


def test_a_pool_of_three_is_a_queue_with_three_servers() -> None:
    text = scenario_text(
        "{any: [{io: {exponential: 10ms}, on: pool}]}",
        "{model: cooperative}",
        f"{{open: {{rate: 240/s}}, requests: {REQUESTS}}}",
        resources="{pool: {capacity: 3}}",
    )
    assert estimate(traces(text, REPLICATIONS), mean_response(WARMUP)).holds(MM3, within=0.25)
