"""Scenarios with a known answer are recognised, and simulations agree with what is known."""

from __future__ import annotations

import pytest

from simsched import scenario as scenarios
from simsched.experiment import prepare, run
from simsched.statistics.theory import disagreements

EXP = "{exponential: 10ms}"
CLOSED = "closed: {users: 12, think: {exponential: 100ms}}, duration: 15s"

CASES = {
    "M/M/1": (
        f"[{{cpu: {EXP}}}]",
        "{model: threaded, threads: 3, switch_interval: 20ms}",
        "open: {rate: 60/s}, requests: 2500",
    ),
    "M/G/1-PS": (
        "[{cpu: {hyperexponential: {mean: 10ms, cv: 2}}}]",
        "{model: threaded, threads: 64, switch_interval: 0.1ms}",
        "open: {rate: 40/s}, requests: 1500",
    ),
    "M/M/2/5 (loss)": (
        f"[{{io: {EXP}}}]",
        "{model: serial, workers: 2, backlog: 3}",
        "open: {rate: 250/s}, requests: 4000",
    ),
    "M/M/1/4 (loss)": (
        f"[{{cpu: {EXP}}}]",
        "{model: cooperative, workers: 2, backlog: 3}",
        "open: {rate: 220/s}, requests: 2000",
    ),
    "open network with feedback (product form)": (
        f"[{{cpu: {{exponential: 2ms}}}}, {{io: {EXP}, on: db}}, {{cpu: {{exponential: 2ms}}}}]",
        "{model: cooperative, workers: 2}",
        "open: {rate: 200/s}, requests: 3000",
    ),
    "machine repairman (M/M/1//N)": (
        f"[{{cpu: {EXP}}}, {{io: {{exponential: 20ms}}}}]",
        "{model: cooperative}",
        CLOSED,
    ),
    "closed network (mean value analysis)": (
        f"[{{cpu: {EXP}}}, {{io: 20ms}}]",
        "{model: cooperative, workers: 2}",
        CLOSED,
    ),
    "closed network (convolution)": (
        "[{cpu: {exponential: 5ms}}, {io: {exponential: 30ms}, on: db}]",
        "{model: threaded, threads: 12, switch_interval: 0.05ms}",
        CLOSED,
    ),
    "closed network without a queue": (
        "[{io: {uniform: {low: 50ms, high: 150ms}}}]",
        "{model: cooperative, workers: 2}",
        "closed: {users: 20}, duration: 4s",
    ),
}


def scenario(phases, server, workload, name="t", run="{seed: 11, replications: 6}"):
    resources = "resources: {db: {capacity: 3}}\n" if "on: db" in phases else ""
    return scenarios.loads(
        f"name: {name}\nrequests: {{page: {phases}}}\n{resources}"
        f"workload: {{{workload}}}\nservers: {{s: {server}}}\nrun: {run}\n"
    )


def exact(result):
    return [one for one in result.known if not one.is_bound]


@pytest.mark.parametrize("model", CASES)
def test_a_simulation_agrees_with_the_model_that_it_matches(model):
    result = run(prepare([scenario(*CASES[model])]))
    (found,) = exact(result)
    assert found.model == model
    assert disagreements(result.known, result.servers) == ()
    (summary,) = result.servers.values()
    for figure in found.figures:
        estimate = summary.estimates[figure.metric]
        if figure.metric.endswith(("mean", "throughput_per_s")):
            assert estimate.high - estimate.low < 0.4 * figure.value
    for bound in (each for one in result.known if one.is_bound for each in one.figures):
        value = summary.estimates[bound.metric].value
        assert (
            value <= bound.value * 1.02
            if bound.relation == "<="
            else value >= bound.value * 0.98 * 0.98
        )


PRIORITIES = """
name: t
requests:
  urgent: {phases: [{cpu: 4ms}], priority: -1}
  page: {phases: [{cpu: {exponential: 12ms}}]}
workload: {open: {rate: 90/s}, requests: 3000}
servers: {s: {model: serial, discipline: priority}}
run: {seed: 11, replications: 6}
"""


def test_each_class_waits_as_its_priority_says():
    result = run(prepare([scenarios.loads(PRIORITIES)]))
    (found,) = exact(result)
    assert found.model == "M/G/1 with priorities (Cobham)"
    # 45/s each: work found in service (45 * 4^2 + 45 * 2 * 12^2) / 2 * 1e-6 = 6.84 ms
    urgent, page = 0.00684 / 0.82 + 0.004, 0.00684 / 0.82 / 0.28 + 0.012
    told = {figure.request: figure.value for figure in found.figures}
    expected = {None: (urgent + page) / 2, "urgent": urgent, "page": page}
    assert told == {name: pytest.approx(value) for name, value in expected.items()}
    assert disagreements(result.known, result.servers) == ()
    assert result.servers["s"].classes["page"].estimates["response_time_s.mean"].high < 2 * page
