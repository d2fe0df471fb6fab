"""Hedged and repeated calls of a service without a queue, against the minimum of two."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from theory_runs import estimate, scenario_text, traces

from simsched.engine.trace import Trace

MEAN_S = 0.02


def runs(call: str) -> list[Trace]:
    text = scenario_text(
        "{any: [{call: search, phases: [{io: {exponential: 20ms}}]" + call + "}]}",
        "{model: cooperative}",
        "{open: {rate: 100/s}, requests: 2000}",
    )
    return traces(
        text.replace("servers:", "services: {search: {model: cooperative}}\n        servers:"), 8
    )


def response(trace: Trace) -> float:
    done = trace.status == 0
    return float(np.mean((trace.finish_ns - trace.arrival_ns)[done])) / 1e9


@pytest.mark.parametrize("after_ms", [1, 10, 40])
def test_a_hedged_call_takes_the_minimum_of_two(after_ms: int) -> None:
    """min(A, h + B) of exponential A and B: its tail is e^(-t/m) up to h, then e^(-(2t - h)/m)."""
    found = runs(f", hedge: {{after: {after_ms}ms}}")
    unanswered = exp(-after_ms / 1000 / MEAN_S)
    exact = MEAN_S * (1 - unanswered) + MEAN_S / 2 * unanswered
    assert estimate(found, response).holds(exact, within=0.05)
    copies = estimate(found, lambda trace: len(trace.calls) / len(trace))
    assert copies.holds(1 + unanswered, within=0.05)


def test_a_call_that_is_given_up_is_tried_until_one_is_quick_enough() -> None:
    """A geometric number of tries, each given up at the timeout t, with pauses between them.

    Of a completed call the last try takes m - t p / (1 - p) on average, p = e^(-t/m).
    """
    timeout_s, pause_s = 0.01, 0.005
    retries = "{max: 9, backoff: {initial: 5ms, factor: 1}}"
    found = runs(f", timeout: 10ms, retries: {retries}")
    lost = exp(-timeout_s / MEAN_S)
    tries = np.arange(10)
    chance = lost**tries * (1 - lost)
    completed = 1 - lost**10
    before = float(np.sum(chance / completed * tries)) * (timeout_s + pause_s)
    exact = before + MEAN_S - timeout_s * lost / (1 - lost)
    assert estimate(found, response).holds(exact, within=0.05)
    done = estimate(found, lambda trace: float(np.mean(trace.status == 0)))
    assert done.holds(completed, within=0.01)
