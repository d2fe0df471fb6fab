from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stats_traces import mm1

from simsched.statistics import Method, summarize_by
from simsched.statistics.interval import t_quantile
from simsched.statistics.measurement import Measurement
from simsched.statistics.quantile import (
    OrderStatistics,
    by_order_statistics,
    quantiles,
    too_few,
)


def responses(traces):
    return [(one.finish_ns - one.arrival_ns) / 1e9 for one in traces]


def test_a_quantile_is_that_of_all_replications_together():
    traces = [mm1(1, 300, 0.5), mm1(2, 900, 0.8)]
    method = Method(quantiles=(0.95,))
    value = summarize_by(method, "s", traces).estimates["response_time_s.p95"].value
    assert value == pytest.approx(np.quantile(np.concatenate(responses(traces)), 0.95))


def test_the_interval_is_by_sectioning():
    traces = [mm1(seed, 400, 0.5) for seed in range(6)]
    estimate = summarize_by(Method(), "s", traces).estimates["response_time_s.p90"]
    own = np.array([np.quantile(each, 0.9) for each in responses(traces)])
    spread = np.sqrt(np.sum((own - estimate.value) ** 2) / 5)
    assert estimate.high - estimate.value == pytest.approx(
        t_quantile(0.975, 5) * spread / np.sqrt(6)
    )


def test_nothing_has_no_quantile():
    assert np.isnan(quantiles(np.empty(0, np.int64), [0.5, 0.9])).all()


@pytest.mark.parametrize(
    ("probability", "needed"),
    [(0.75, 20), (0.9, 50), (0.95, 100), (0.99, 500), (0.05, 100)],
)
def test_five_points_must_lie_beyond_a_quantile(probability, needed):
    assert too_few(needed, probability) is None
    assert f"needs at least {needed} completed requests; there are {needed - 1}" in too_few(
        needed - 1, probability
    )


def test_an_interval_that_reaches_beyond_the_points_is_refused():
    one = OrderStatistics(
        1.0,
        np.ones(1),
        np.ones(20),
        probability=0.99,
        count=1000,
        points=np.arange(1000) * 10**6,
        below=np.resize([0.1, -0.1], 20),
    )
    assert one.estimate(0.95).reason == "its interval reaches beyond the points of the run"


@given(st.integers(0, 10**6), st.sampled_from([0.1, 0.5, 0.95]), st.floats(0.5, 1 - 1e-9))
def test_an_interval_lies_between_points_of_the_run_at_any_confidence(
    seed, probability, confidence
):
    chance = np.random.default_rng(seed)
    batches = [chance.integers(0, 10**9, 500) + shift * 10**6 for shift in range(20)]
    ordered = np.sort(np.concatenate(batches))
    value = quantiles(ordered, [probability])[0] / 1e9
    one = by_order_statistics(
        Measurement(value, np.ones(1), np.ones(20)), batches, ordered, probability
    )
    every = replace(one, before=0, points=ordered)
    assert one.estimate(confidence) == every.estimate(confidence)
    assert len(one.points) < len(ordered) / 2
    assert one.estimate(confidence).low <= value <= one.estimate(confidence).high


@given(
    st.lists(st.integers(0, 10**15), min_size=1, max_size=60),
    st.lists(st.floats(0, 1), min_size=1, max_size=5),
)
def test_quantiles_are_numpys_to_the_last_bit(values, probabilities):
    column = np.array(values, np.int64)
    assert quantiles(column, probabilities).tolist() == np.quantile(column, probabilities).tolist()
    assert column.tolist() == values


def test_replications_without_requests_leave_a_quantile_without_interval():
    traces = [mm1(1, 300, 0.5), mm1(2, 300, 0.5)]
    late = [*traces[:1], mm1(2, 300, 0.5)]
    late[1].status[:] = 4
    late[1].finish_ns[:] = late[1].end_ns
    late[1].io_ns[:] = late[1].end_ns - late[1].arrival_ns - late[1].cpu_ns - late[1].queue_ns
    estimate = summarize_by(Method(), "s", late).estimates["response_time_s.p90"]
    assert estimate.value is not None
    assert estimate.low is None
    assert estimate.reason == "a replication without completed requests"
