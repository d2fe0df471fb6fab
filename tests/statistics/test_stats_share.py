"""What can be said of a share where no request, or every one, has part in it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta
from stats_traces import mm1, trace

from simsched import experiment
from simsched.engine.trace import MISSING, Status
from simsched.scenario import loads
from simsched.scenario.model.objectives import parse_limit
from simsched.statistics import Method, summarize_by
from simsched.statistics.figures import NO_TIME, NONE_COMPLETED
from simsched.statistics.measurement import share
from simsched.statistics.slo import outcome

FAILED = "failed_fraction"


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_of_none_the_interval_is_that_of_clopper_and_pearson(confidence):
    none = share(np.zeros(10), np.full(10, 30.0)).estimate(confidence, 0, 1)
    assert (none.value, none.low) == (0, 0)
    assert none.high == pytest.approx(beta.ppf((1 + confidence) / 2, 1, 300))
    every = share(np.full(10, 30.0), np.full(10, 30.0)).estimate(confidence, 0, 1)
    assert (every.value, every.high) == (1, 1)
    assert every.low == pytest.approx(beta.ppf((1 - confidence) / 2, 300, 1))


def test_a_share_of_some_is_a_ratio():
    one = share(np.array([0.0, 2.0, 1.0]), np.full(3, 100.0)).estimate(0.95, 0, 1)
    assert one.value == 0.01
    assert one.high == pytest.approx(0.01 + 4.302653 * 0.01 / np.sqrt(3))


def test_a_share_of_nobody_has_no_value():
    assert share(np.zeros(3), np.zeros(3)).reason == "no request came to an end"


def test_one_replication_without_a_failure_tells_no_interval():
    assert share(np.zeros(1), np.full(1, 300.0)).estimate(0.95, 0, 1).high is None


def summary(**more):
    return summarize_by(Method(**more), "s", [mm1(seed, 30, 0.5) for seed in range(10)])


def test_300_requests_without_a_failure_do_not_prove_that_one_in_a_thousand_fails():
    estimate = summary().estimates[FAILED]
    assert outcome(parse_limit("failed_fraction < 0.1%"), estimate) == "inconclusive"
    assert outcome(parse_limit("failed_fraction < 2%"), estimate) == "pass"


def test_batches_of_one_run_without_a_failure_tell_how_many_there_may_be():
    one = summarize_by(Method(batches=True), "s", [mm1(1, 4000, 0.5)])
    assert one.estimates[FAILED].high == pytest.approx(beta.ppf(0.975, 1, 4000))


def test_without_chance_none_fail():
    estimate = summary(certain=True).estimates[FAILED]
    assert (estimate.low, estimate.high) == (0, 0)


SCENARIO = """
name: s
requests: {{page: [{{cpu: {cpu}}}]}}
workload: {{open: {{rate: 1/s, arrivals: {arrivals}}}, requests: 20}}
servers: {{serial: {{model: serial}}}}
run: {{replications: 3}}
"""


@pytest.mark.parametrize(("arrivals", "high"), [("constant", 0.0), ("poisson", 0.0596)])
def test_chance_decides_whether_none_is_never_any(arrivals, high):
    text = SCENARIO.format(cpu="100ms", arrivals=arrivals)
    result = experiment.run(experiment.prepare([loads(text)]))
    assert result.servers["serial"].estimates[FAILED].high == pytest.approx(high, abs=1e-4)


def test_a_throughput_of_nothing_has_no_interval():
    """A service that is longer than the run says only that."""
    cut = [trace([0], [MISSING], end=10**9, status=[Status.UNFINISHED]) for _ in range(3)]
    estimate = summarize_by(Method(), "s", cut).estimates["throughput_per_s"]
    assert (estimate.value, estimate.low, estimate.reason) == (0, None, NONE_COMPLETED)


def test_a_warm_up_past_the_end_leaves_no_time():
    estimates = summarize_by(Method(warmup=10**15), "s", [mm1(1, 30, 0.5)]).estimates
    assert estimates["cpu_utilisation"].reason == NO_TIME
    assert estimates["throughput_per_s"].reason == NO_TIME
    assert estimates["response_time_s.mean"].reason == "no request was completed"
