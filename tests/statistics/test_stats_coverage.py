"""Intervals cover the truth as often as they say: the benchmark of coverage, in small."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom
from stats_traces import mm1, trace

from simsched.statistics import Method, summarize_by
from simsched.statistics.theory.queues import mm1_wait_quantile

EXPERIMENTS = 200
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def coverage():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield importlib.import_module("interval_coverage")


def assert_covers(shares):
    """An honest 95 % interval is outside of these limits once in a hundred."""
    low, high = binom.interval(0.99, EXPERIMENTS, 0.95)
    for name, share in shares.items():
        assert share.given == EXPERIMENTS
        assert low <= share.covering <= high, (name, share)


def test_intervals_cover_the_truth_of_mm1(coverage):
    model = coverage.MM1(0.5, coverage.Size(10, 1500))
    shares = coverage.coverage(model, EXPERIMENTS)
    assert set(shares) == {"mean", "p95", "p99", "paired difference"}
    assert_covers(shares)


def test_intervals_cover_the_truth_of_the_cooperative_network(coverage):
    # So many long runs are 100 times as long as an experiment: ten times as exact.
    model = coverage.Network(coverage.Size(10, 1200), long_runs=60)
    shares = coverage.coverage(model, EXPERIMENTS)
    assert set(shares) == {"mean", "p95", "paired difference"}
    assert_covers(shares)


def waits(seed, requests):
    """The waits of M/M/1 at load 0.9 with a mean service of 1 s, as if they were responses."""
    run = mm1(seed, requests, 0.9, service_s=1.0)
    return trace(run.arrival_ns, run.arrival_ns + run.queue_ns)


def test_waits_at_load_nine_tenths_are_those_of_theory():
    method = Method(warmup="auto")
    traces = [waits(seed, 50_000) for seed in range(10)]
    estimates = summarize_by(method, "serial", traces).estimates
    truths = {
        "response_time_s.mean": 9.0,
        "response_time_s.p95": mm1_wait_quantile(0.95, 0.9, 1.0),
        "response_time_s.p99": mm1_wait_quantile(0.99, 0.9, 1.0),
    }
    assert [round(truth, 1) for truth in truths.values()] == [9.0, 28.9, 45.0]
    for metric, truth in truths.items():
        assert estimates[metric].low < truth < estimates[metric].high
        assert estimates[metric].half_width < 0.2 * truth


def test_the_warm_up_takes_the_empty_start_out_of_the_mean():
    """Runs so short that their start shows: without the cut they miss the truth more often."""
    truth = 1 / (1 / 0.01 * 0.1)
    means = {rule: [] for rule in ("auto", "none")}
    for experiment in range(60):
        traces = [mm1(1000 * experiment + r, 3000, 0.9) for r in range(10)]
        for rule, found in means.items():
            summary = summarize_by(Method(warmup=rule), "serial", traces)
            found.append(summary.estimates["response_time_s.mean"].value)
    bias = {rule: np.mean(found) / truth - 1 for rule, found in means.items()}
    error = np.std(means["auto"]) / truth / np.sqrt(60)
    assert bias["none"] < -0.01
    assert abs(bias["auto"]) < 2 * error
