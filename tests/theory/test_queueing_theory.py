"""The engine held against queueing theory.

Each test simulates independent replications at a fixed seed and asks that the 99 % confidence
interval of the mean contains the exact answer. The intervals are narrow enough (a few per cent)
to notice a model that is wrong.
"""

from __future__ import annotations

from math import factorial

import numpy as np
import pytest
from scipy.stats import t as student

from simsched.engine import simulate
from simsched.scenario import loads
from simsched.workload import draw

REPLICATIONS = 20
REQUESTS = 8000
WARMUP = 1500
"""So many of the first requests are left out: the queue starts empty."""


def mean_response(requests: str, server: str, rate: float) -> tuple[float, float]:
    """Return the mean response time (s) over replications, and its 99 % half-width."""
    scenario = loads(
        f"""
        name: theory
        requests: {{any: {requests}}}
        workload: {{open: {{rate: {rate}/s}}, requests: {REQUESTS}}}
        servers: {{server: {server}}}
        run: {{seed: 20}}
        """
    )
    means = []
    for replication in range(1, REPLICATIONS + 1):
        trace = simulate(draw(scenario, replication), scenario.servers["server"], timeline=0)
        means.append((trace.finish_ns - trace.arrival_ns)[WARMUP:].mean() / 1e9)
    spread = np.std(means, ddof=1) / REPLICATIONS**0.5
    return float(np.mean(means)), float(student.ppf(0.995, REPLICATIONS - 1) * spread)


def erlang_c(offered: float, servers: int) -> float:
    """Return the probability of waiting in M/M/c (Kleinrock, Queueing Systems I, 1975, 3.5)."""
    waiting = offered**servers / factorial(servers) / (1 - offered / servers)
    return waiting / (sum(offered**k / factorial(k) for k in range(servers)) + waiting)


def pollaczek_khinchine(rate: float, service: float, cv: float) -> float:
    """Return the mean response time of M/G/1 (Kleinrock, 1975, 5.6)."""
    load = rate * service
    return service + load * service * (1 + cv**2) / (2 * (1 - load))


CASES = {
    "M/M/1": ("[{cpu: {exponential: 10ms}}]", "{model: serial}", 70, 0.010 / (1 - 0.7)),
    "M/D/1": ("[{cpu: 10ms}]", "{model: serial}", 70, pollaczek_khinchine(70, 0.010, 0)),
    "M/G/1 with cv 3": (
        "[{cpu: {hyperexponential: {mean: 10ms, cv: 3}}}]",
        "{model: serial}",
        50,
        pollaczek_khinchine(50, 0.010, 3),
    ),
    "M/M/3": (
        "[{cpu: {exponential: 10ms}}]",
        "{model: serial, workers: 3}",
        240,
        0.010 + erlang_c(2.4, 3) * 0.010 / (3 - 2.4),
    ),
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
    requests, server, rate, theory = CASES[case]
    mean, half_width = mean_response(requests, server, rate)
    assert abs(mean - theory) < half_width
    assert half_width < 0.12 * theory
