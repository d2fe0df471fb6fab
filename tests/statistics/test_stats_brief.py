"""Slowdowns where requests may need next to nothing."""

from __future__ import annotations

import numpy as np
import pytest

from simsched import experiment
from simsched.report.comparison import refusals
from simsched.scenario import loads
from simsched.statistics import brief
from simsched.statistics.fairness import jain_index
from simsched.statistics.measurement import mean

SCENARIO = """
name: s
requests: {{page: [{{cpu: {cpu}}}]}}
workload: {{open: {{rate: 60/s}}, requests: 400}}
servers: {{serial: {{model: {model}}}}}
run: {{replications: {replications}, keep: {keep}, warmup: none}}
"""
JAIN = "fairness.jain_index"


def estimates(cpu, model="serial", keep="requests", replications=5):
    text = SCENARIO.format(cpu=cpu, model=model, keep=keep, replications=replications)
    return experiment.run(experiment.prepare([loads(text)])).servers["serial"].estimates


@pytest.mark.parametrize("keep", ["requests", "statistics"])
def test_exponential_service_has_no_mean_slowdown(keep):
    found = estimates("{exponential: 10ms}", keep=keep)
    assert (found["slowdown"].value, found["slowdown"].reason) == (None, brief.INFINITE)
    assert (found[JAIN].value, found[JAIN].reason) == (None, brief.SQUARES)
    assert found["response_time_s.mean"].low is not None


def test_the_mean_of_two_stages_has_no_interval():
    found = estimates("{erlang: {mean: 10ms, stages: 2}}")
    assert found["slowdown"].value > 1
    assert (found["slowdown"].low, found["slowdown"].reason) == (None, brief.NO_INTERVAL)
    assert found[JAIN].value is None


def test_the_fairness_of_four_stages_has_no_interval():
    found = estimates("{erlang: {mean: 10ms, stages: 4}}")
    assert found["slowdown"].low > 1
    assert found[JAIN].value is not None
    assert (found[JAIN].low, found[JAIN].reason) == (None, brief.NO_INTERVAL)


@pytest.mark.parametrize(
    "cpu", ["{erlang: {mean: 10ms, stages: 5}}", "{lognormal: {mean: 10ms, cv: 1}}"]
)
def test_demands_that_are_rarely_short_have_all_intervals(cpu):
    found = estimates(cpu)
    assert found["slowdown"].low > 1
    assert 0 < found[JAIN].low < found[JAIN].high <= 1


def test_one_long_run_is_no_exception():
    text = SCENARIO.format(
        cpu="{exponential: 10ms}", model="serial", keep="requests", replications=1
    )
    run = experiment.run(experiment.prepare([loads(text.replace("400", "4000"))]))
    assert run.servers["serial"].estimates["slowdown"].reason == brief.INFINITE


def test_where_nobody_waits_nobody_is_slowed():
    text = SCENARIO.replace("cpu: {cpu}", "io: {cpu}").format(
        cpu="{exponential: 10ms}", model="cooperative", keep="requests", replications=5
    )
    found = experiment.run(experiment.prepare([loads(text)])).servers["serial"].estimates
    assert (found["slowdown"].value, found["slowdown"].low, found["slowdown"].high) == (1, 1, 1)


def test_a_class_is_told_by_its_own_demand():
    text = SCENARIO.format(
        cpu="{exponential: 10ms}", model="serial", keep="requests", replications=5
    )
    mixed = text.replace("page: [", "ping: [{cpu: 1ms}], page: [")
    summary = experiment.run(experiment.prepare([loads(mixed)])).servers["serial"]
    assert summary.classes["ping"].estimates["slowdown"].low > 1
    assert summary.classes["page"].estimates["slowdown"].value is None
    assert summary.estimates["slowdown"].value is None


def test_slowdowns_differ_from_run_to_run_where_they_have_no_mean():
    """What would be told: the mean of ten times as many draws is no nearer to anything."""
    chance = np.random.default_rng(4)
    means = [np.mean(1 / chance.standard_exponential(10**6)) for _ in range(20)]
    assert max(means) > 1.5 * min(means)


def test_an_interval_of_jains_index_begins_at_one_over_n():
    found = jain_index(np.array([0.3, 0.9]), np.array([4.0, 4.0]))
    assert found.estimate(0.95, 0, 1).low == 0.25
    assert found.estimate(0.95, 0, 1).high == 1
    assert mean(np.array([0.3, 0.9])).estimate(0.95, 0, 1).low == 0


def test_the_reason_stands_below_the_table():
    text = SCENARIO.format(
        cpu="{exponential: 10ms}", model="serial", keep="requests", replications=5
    )
    result = experiment.run(experiment.prepare([loads(text)]))
    assert f"serial: {brief.INFINITE}" in refusals(result)
