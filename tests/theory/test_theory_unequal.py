"""Servers that are not equally fast, against the balance of rates."""

from __future__ import annotations

import numpy as np
import pytest
from theory_runs import estimate, scenario_text, traces

from simsched.engine.trace import Trace

SERVICE_S = 0.01


def response(trace: Trace) -> float:
    return float(np.mean(trace.finish_ns - trace.arrival_ns)) / 1e9


@pytest.mark.parametrize("slow", [0.3, 0.7])
def test_two_servers_of_different_speed_share_a_queue(slow: float) -> None:
    """M/M/2 where the server that has been idle for longer is taken: the balance is that of a
    random choice (H. Gumbel, Waiting Lines with Heterogeneous Servers, Operations Research 8, 1960;
    I. Adan & G. Weiss, A Loss System with Skill-Based Servers under Assign to Longest Idle Server
    Policy, Probability in the Engineering and Informational Sciences 26, 2012).
    """
    rates = np.array([1.0, slow]) / SERVICE_S
    arrivals = 0.7 * rates.sum()
    found = traces(
        scenario_text(
            "{any: [{cpu: {exponential: 10ms}}]}",
            f"{{model: serial, workers: [{{speed: 1}}, {{speed: {slow}}}]}}",
            f"{{open: {{rate: {arrivals:.6f}/s}}, requests: 6000}}",
        ),
        10,
    )
    load = arrivals / rates.sum()
    idle, one_busy = 2 / arrivals, 1 / rates  # up to a common factor
    both = arrivals / rates.prod()
    total = idle + one_busy.sum() + both / (1 - load)
    present = one_busy.sum() + both * (2 / (1 - load) + load / (1 - load) ** 2)
    assert estimate(found, response).holds(present / total / arrivals, within=0.1)
    share = estimate(found, lambda trace: float(np.mean(trace.worker == 1)))
    busy = (one_busy[1] + both / (1 - load)) / total
    assert share.holds(busy * rates[1] / arrivals, within=0.1)
