"""Clients that leave the queue, held against the theory of queues with abandonment."""

from __future__ import annotations

import numpy as np
import pytest
from theory_runs import birth_death, estimate, scenario_text, traces

from simsched.engine import Trace
from simsched.engine.trace import Status

REPLICATIONS = 12
REQUESTS = 5000
WARMUP = 500
MOST = 200


def left(trace: Trace) -> float:
    return float((trace.status[WARMUP:] == Status.TIMED_OUT).mean())


def waited(trace: Trace) -> float:
    """Return the mean wait (s) of all, who were served and who left."""
    return float(trace.queue_ns[WARMUP:].mean() / 1e9)


@pytest.mark.parametrize(("servers", "rate"), [(1, 80), (1, 130), (3, 330)])
def test_as_many_leave_as_erlang_a_says(servers: int, rate: int) -> None:
    """M/M/c+M: each of those who wait leaves at a rate of its own.

    Source: C. Palm, Research on Telephone Traffic Carried by Full Availability Groups, Tele 1
    (1957).
    """
    states = np.arange(1, MOST + 1)
    deaths = np.minimum(states, servers) / 0.010 + np.maximum(states - servers, 0) / 0.050
    chain = birth_death([rate] * MOST, deaths.tolist())
    waiting = float(np.maximum(np.arange(MOST + 1) - servers, 0) @ chain)
    found = traces(
        scenario_text(
            "{any: {patience: {exponential: 50ms}, phases: [{cpu: {exponential: 10ms}}]}}",
            f"{{model: serial, workers: {servers}}}",
            f"{{open: {{rate: {rate}/s}}, requests: {REQUESTS}}}",
        ),
        REPLICATIONS,
    )
    assert estimate(found, left).holds(waiting / 0.050 / rate, within=0.15)
    assert estimate(found, waited).holds(waiting / rate, within=0.15)  # Little's law
