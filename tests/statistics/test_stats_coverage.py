"""Intervals cover the truth as often as they say: the benchmark of coverage, in small."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom
from stats_traces import mm1, trace

from simsched.statistics import Method, summarize_by
from simsched.statistics.theory import mm1 as formula

EXPERIMENTS = 200
PATH = Path(__file__).parents[2] / "benchmarks" / "interval_coverage.py"


@pytest.fixture(scope="module")
def coverage():
    spec = importlib.util.spec_from_file_location("coverage_benchmark", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def assert_covers(shares):
    """An honest 95 % interval is outside of these limits once in a hundred."""
    low, high = binom.interval(0.99, EXPERIMENTS, 0.95)
    for name, share in shares.items():
        assert low <= share * EXPERIMENTS <= high, (name, share)


def test_intervals_cover_the_truth_of_mm1(coverage):
    assert_covers(coverage.coverage(coverage.MM1(0.5, 1500), EXPERIMENTS))


def test_intervals_cover_the_truth_of_the_cooperative_network(coverage):
    model = coverage.Network(requests=1200, lanes=500, reference=2000)
    assert_covers(coverage.coverage(model, EXPERIMENTS))


def test_the_network_of_the_benchmark_has_its_mean(coverage):
    model = coverage.Network()
    arrival, cpu, io = model.draw(np.random.default_rng(2), 200, 1500)
    responses = (coverage.serve(arrival, cpu, io) - arrival)[:, 500:].mean(axis=1)
    error = responses.std(ddof=1) / np.sqrt(200)
    assert abs(responses.mean() - (2 * 0.004 / (1 - 0.64) + 0.050)) < 3 * error


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
        "response_time_s.p95": formula.wait_quantile(0.95, 0.9, 1.0),
        "response_time_s.p99": formula.wait_quantile(0.99, 0.9, 1.0),
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
