from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, expon, gamma
from stats_traces import mm1

from simsched.statistics import Method, summarize_by
from simsched.statistics.batch_means import OrderStatistics, by_order_statistics
from simsched.statistics.contrast import Pair
from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import t_quantile
from simsched.statistics.measurement import Measurement
from simsched.statistics.quantile import Sample, quantiles, too_few
from simsched.statistics.quantile import pooled as pooled_samples


def pooled(columns, probabilities):
    return pooled_samples([Sample.of(column, probabilities) for column in columns], probabilities)


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


def independent(chance, replications, requests):
    return [
        np.rint(chance.standard_exponential(requests) * 1e9).astype(np.int64)
        for _ in range(replications)
    ]


@pytest.mark.parametrize(
    ("probability", "replications", "requests"), [(0.99, 100, 10), (0.95, 50, 8), (0.9, 10, 20)]
)
def test_intervals_of_thin_replications_cover_the_truth(probability, replications, requests):
    """Sections of these cover in 80, 84 and 93 % of experiments."""
    chance, truth, covering = np.random.default_rng(7), -np.log(1 - probability), 0
    for _ in range(400):
        (one,) = pooled(independent(chance, replications, requests), [probability])
        estimate = one.estimate(0.95)
        covering += estimate.low <= truth <= estimate.high
    low, high = binom.interval(0.99, 400, 0.95)
    assert low <= covering <= high


def test_differences_of_thin_replications_cover_the_truth():
    """Sections of these, paired, cover in half of the experiments."""
    chance, truth, covering = np.random.default_rng(7), gamma.ppf(0.9, 2) - expon.ppf(0.9), 0
    for _ in range(400):
        ours = independent(chance, 50, 4)
        theirs = [one + two for one, two in zip(ours, independent(chance, 50, 4), strict=True)]
        pair = Pair(pooled(theirs, [0.9])[0], pooled(ours, [0.9])[0])
        estimate = pair.difference(0.95)
        covering += estimate.low <= truth <= estimate.high
    assert covering >= binom.ppf(0.005, 400, 0.95)


@pytest.mark.parametrize(
    ("replications", "requests", "reason"),
    [
        (10, 50, "an interval for p99 needs 1,000 completed requests; there are 500"),
        (4, 499, "an interval for p99 needs 500 completed requests in each of 4 replications"),
    ],
)
def test_too_few_points_beyond_give_a_value_without_interval(replications, requests, reason):
    chance = np.random.default_rng(1)
    (one,) = pooled(independent(chance, replications, requests), [0.99])
    assert one.value is not None
    assert one.estimate(0.95) == Estimate(one.value, reason=reason)


def test_shares_of_thin_replications_that_reach_beyond_the_points_tell_no_interval():
    columns = [np.arange(1, 21) * 10**9] * 4 + [np.arange(21, 41) * 10**9]
    (one,) = pooled(columns, [0.9])
    assert one.reason == "its interval reaches beyond the points of the run"


def test_replications_that_are_all_alike_have_a_quantile_without_doubt():
    (one,) = pooled([np.full(20, 10**9)] * 10, [0.9])
    assert one.estimate(0.95) == Estimate(1.0, 1.0, 1.0)


def test_without_points_a_quantile_is_the_mean_of_those_of_the_replications():
    columns = independent(np.random.default_rng(3), 20, 3000)
    dropped = [Sample.of(column, [0.9]).without_points() for column in columns]
    (one,) = pooled_samples(dropped, [0.9])
    own = np.array([np.quantile(column, 0.9) for column in columns]) / 1e9
    assert one.value == pytest.approx(own.mean())
    half = t_quantile(0.975, 19) * own.std(ddof=1) / np.sqrt(20)
    assert one.estimate(0.95).high - one.value == pytest.approx(half)


def test_without_points_too_few_requests_still_have_no_quantile():
    dropped = [Sample.of(np.arange(10), [0.99]).without_points() for _ in range(5)]
    (one,) = pooled_samples(dropped, [0.99])
    assert one.value is None
    assert one.reason == "p99 needs at least 500 completed requests; there are 50"


@given(st.lists(st.lists(st.integers(0, 10**9), max_size=20), min_size=1, max_size=6))
def test_batches_joined_are_the_sample_of_all_their_points(batches):
    columns = [np.array(one, dtype=np.int64) for one in batches]
    whole = Sample.of(np.concatenate(columns), [0.5, 0.9])
    joined = Sample.joined([Sample.of(one, []) for one in columns], [0.5, 0.9])
    assert joined.points.tolist() == whole.points.tolist()
    assert joined.count == whole.count
    np.testing.assert_array_equal([*joined.quantiles.values()], [*whole.quantiles.values()])


@given(
    st.lists(st.integers(0, 10**15), min_size=1, max_size=60),
    st.lists(st.floats(0, 1), min_size=1, max_size=4),
)
def test_quantiles_are_those_of_numpy_to_the_last_bit(values, probabilities):
    column = np.array(values, dtype=np.int64)
    assert quantiles(column, probabilities).tolist() == np.quantile(column, probabilities).tolist()
