from __future__ import annotations

import numpy as np
import pytest
from stats_traces import mm1, trace

from simsched.statistics import Method, compare, summarize_by
from simsched.statistics.interval import critical, lag1, t_quantile
from simsched.statistics.window import Window, batches

RUN = Method(batches=True)


def test_lag_1_is_von_neumanns_ratio():
    values = np.array([1.0, 3.0, 2.0, 5.0, 4.0])
    ratio = np.sum(np.diff(values) ** 2) / np.sum((values - 3) ** 2)
    assert lag1(values) == pytest.approx(1 - ratio / 2)
    assert lag1(np.ones(20)) == 0


def test_the_check_refuses_one_independent_series_in_twenty():
    rng = np.random.default_rng(1)
    refused = np.mean([lag1(rng.normal(size=20)) > critical(20) for _ in range(4000)])
    assert abs(refused - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 4000)


def test_the_check_sees_correlated_batches():
    rng = np.random.default_rng(1)
    walk = np.cumsum(rng.normal(size=20))
    assert lag1(walk) > critical(20)


def test_batches_part_a_run_without_rest():
    run = mm1(1, 5000, 0.5)
    parts = batches(Window(run, 10**9))
    whole = Window(run, 10**9)
    assert sum(len(part.response_ns) for part in parts) == len(whole.response_ns)
    assert sum(part.completions() for part in parts) == whole.completions()
    assert sum(part.cpu_s() for part in parts) == pytest.approx(whole.cpu_s(), rel=1e-6)


def test_what_happens_at_the_very_end_is_of_the_last_batch():
    arrival = np.array([0, 50, 100]) * 10**6
    run = trace(arrival, arrival, end=100 * 10**6)
    counts = [len(part.response_ns) for part in batches(Window(run))]
    assert (counts[-1], sum(counts)) == (1, 3)


def test_one_long_run_has_the_interval_of_its_batches():
    run = mm1(1, 40_000, 0.5)
    estimate = summarize_by(RUN, "serial", [run]).estimates["response_time_s.mean"]
    parts = batches(Window(run))
    sums = np.array([part.response_ns.sum() for part in parts]) / 1e9
    counts = np.array([len(part.response_ns) for part in parts])
    assert estimate.value == pytest.approx(sums.sum() / counts.sum())
    residuals = (sums - estimate.value * counts) / counts.mean()
    half = t_quantile(0.975, 19) * residuals.std(ddof=1) / np.sqrt(20)
    assert estimate.high - estimate.value == pytest.approx(half)


def test_a_quantile_of_one_run_lies_between_two_of_its_points():
    run = mm1(2, 40_000, 0.5)
    estimate = summarize_by(RUN, "serial", [run]).estimates["response_time_s.p95"]
    points = (run.finish_ns - run.arrival_ns) / 1e9
    assert estimate.low in points
    assert estimate.high in points
    assert estimate.low < estimate.value < estimate.high
    below = np.mean(points <= estimate.low), np.mean(points <= estimate.high)
    assert below[0] + below[1] == pytest.approx(2 * 0.95, abs=1e-3)


def test_intervals_of_one_run_cover_the_truth():
    truth = {"response_time_s.mean": 0.02, "response_time_s.p95": 0.02 * np.log(20)}
    covered = dict.fromkeys(truth, 0)
    told = dict.fromkeys(truth, 0)
    for seed in range(150):
        estimates = summarize_by(RUN, "serial", [mm1(seed, 20_000, 0.5)]).estimates
        for metric, value in truth.items():
            if estimates[metric].low is not None:
                told[metric] += 1
                covered[metric] += estimates[metric].low <= value <= estimates[metric].high
    for metric in truth:
        assert told[metric] > 125
        assert covered[metric] / told[metric] > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 150)


def test_correlated_batches_are_refused():
    estimate = summarize_by(RUN, "serial", [mm1(4, 2500, 0.98)]).estimates["response_time_s.mean"]
    assert estimate.value is not None
    assert estimate.low is None
    assert estimate.reason == (
        "the run is too short for an interval: its batches are correlated; run longer, or "
        "ask for replications"
    )


def test_a_short_run_is_not_cut_into_batches():
    estimate = summarize_by(RUN, "serial", [mm1(1, 1999, 0.5)]).estimates["response_time_s.mean"]
    assert estimate.reason == "one replication has no interval; ask for more replications"


def test_kendalls_tau_has_no_batches():
    estimate = summarize_by(RUN, "serial", [mm1(1, 5000, 0.5)]).estimates["order.kendall_tau"]
    assert estimate.value == 1
    assert estimate.reason == (
        "Kendall's tau of a batch is not that of a run; ask for replications"
    )


def test_two_long_runs_of_the_same_requests_are_paired_batch_by_batch():
    slow = summarize_by(RUN, "slow", [mm1(3, 40_000, 0.5)])
    fast = summarize_by(RUN, "fast", [mm1(3, 40_000, 0.5, speed=1.1)])
    by_metric = {one.metric: one for one in compare(slow, [fast])}
    difference = by_metric["response_time_s.mean"].difference
    assert difference.low < 1 / 60 - 1 / 50 < difference.high
    assert difference.half_width < 0.5 * slow.estimates["response_time_s.mean"].half_width
