"""A bounded backlog, held against the theory of queues with loss."""

from __future__ import annotations

import numpy as np
import pytest
from theory_runs import birth_death, estimate, mean_response, scenario_text, traces

from simsched.engine import Trace
from simsched.engine.trace import Status

REPLICATIONS = 12
REQUESTS = 5000
WARMUP = 500


def refused(trace: Trace) -> float:
    return float((trace.status[WARMUP:] == Status.REFUSED).mean())


def runs(phase: str, server: str, rate: float) -> list[Trace]:
    workload = f"{{open: {{rate: {rate}/s}}, requests: {REQUESTS}}}"
    return traces(scenario_text(f"{{any: [{phase}]}}", server, workload), REPLICATIONS)


@pytest.mark.parametrize(
    ("servers", "backlog", "rate"), [(1, 0, 80), (1, 4, 120), (2, 3, 180), (3, 1, 400)]
)
def test_a_backlog_refuses_as_many_as_mmck_loses(servers: int, backlog: int, rate: int) -> None:
    """M/M/c/K with K = workers + backlog: the states of a birth-death chain.

    Source: Gross, Shortle, Thompson & Harris, Fundamentals of Queueing Theory, 4th ed., 2008, 2.5.
    """
    places = servers + backlog
    chain = birth_death([rate] * places, [min(k, servers) / 0.010 for k in range(1, places + 1)])
    blocked = float(chain[-1])
    inside = float(np.arange(places + 1) @ chain)
    found = runs(
        "{cpu: {exponential: 10ms}}",
        f"{{model: serial, workers: {servers}, backlog: {backlog}}}",
        rate,
    )
    assert estimate(found, refused).holds(blocked, within=0.1)
    response = inside / (rate * (1 - blocked))  # Little's law, of those that are let in
    assert estimate(found, mean_response(WARMUP)).holds(response, within=0.1)


@pytest.mark.parametrize("law", ["10ms", "{hyperexponential: {mean: 10ms, cv: 3}}"])
def test_without_a_backlog_the_loss_is_erlangs_whatever_the_service(law: str) -> None:
    """Erlang B depends on the mean of the service alone.

    Source: Sevastyanov, Theory of Probability and Its Applications 2, 1957.
    """
    chain = birth_death([3.0] * 4, [1.0, 2.0, 3.0, 4.0])
    found = runs(f"{{io: {law}}}", "{model: cooperative, max_in_flight: 4, backlog: 0}", 300)
    assert estimate(found, refused).holds(float(chain[-1]), within=0.1)
