from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stats_traces import trace

from simsched.statistics.distribution import (
    displacement,
    distribution,
    order_statistics,
    places_lost,
)
from simsched.statistics.window import Window


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=300),
    st.integers(1, 61),
    st.integers(0, 1000),
)
@settings(max_examples=50)
def test_every_request_is_in_one_bin(finishes, bins, beyond):
    lost = places_lost([np.array(finishes, dtype=np.int64)])
    found = displacement(lost, int(np.abs(lost).max()) + beyond, bins)
    assert found.share.sum() == pytest.approx(1.0)
    assert len(found.share) <= bins + 2
    assert len(set(np.diff(found.edges))) == 1
    assert found.kept <= found.share[len(found.share) // 2]


def test_the_middle_bin_holds_those_who_kept_their_place():
    found = displacement(places_lost([np.array([10, 30, 20], dtype=np.int64)]), 1)
    assert found.edges.tolist() == [-1.5, -0.5, 0.5, 1.5]
    assert found.share.tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3])


def test_those_who_kept_their_place_are_not_those_who_nearly_did():
    found = displacement(np.array([-1, 0, 0, 1, 100]), 100, 61)
    assert found.kept == 0.4
    assert found.share[len(found.share) // 2] == 0.8


def test_requests_in_order_have_one_bin():
    assert displacement(places_lost([np.arange(5)]), 0).share.tolist() == [1.0]


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=3000))
@settings(max_examples=40)
def test_each_point_says_how_many_requests_were_answered_by_then(responses):
    run = trace(np.zeros(len(responses)), np.array(responses))
    found = distribution([Window(run)])
    assert found is not None
    assert found.count == len(responses)
    ordered = np.sort(responses)
    for value, share in zip(found.value_s, found.share, strict=True):
        assert share == np.count_nonzero(ordered <= round(value * 1e9)) / len(ordered)
    assert found.value_s[-1] == ordered[-1] / 1e9


def test_less_detail_is_fewer_points_between_the_same_ends():
    run = trace(np.zeros(100_000), np.arange(1, 100_001))
    whole, some = distribution([Window(run)]), distribution([Window(run)], 0.1)
    assert len(some.share) < 0.15 * len(whole.share)
    assert some.value_s[[0, -1]].tolist() == whole.value_s[[0, -1]].tolist()
    steps = np.diff(some.share)
    assert steps.max() == pytest.approx(1 / 20, rel=0.01)


def test_a_million_requests_are_told_in_a_few_hundred_points_that_reach_far_into_the_tail():
    count = 1_000_000
    run = trace(np.zeros(count), np.arange(1, count + 1))
    found = distribution([Window(run)])
    assert found is not None
    assert len(found.share) < 450
    for share in (0.5, 0.9, 0.99, 0.999, 0.9999):
        nearest = found.share[np.argmin(np.abs(found.share - share))]
        assert abs(nearest - share) <= 0.06 * (1 - share)


@given(
    st.lists(st.one_of(st.integers(0, 40), st.integers(0, 10**15)), min_size=1, max_size=300),
    st.data(),
)
@settings(max_examples=60)
def test_order_statistics_are_those_of_all_values_sorted(values, data):
    column = np.array(values, dtype=np.int64)
    places = data.draw(st.sets(st.integers(0, len(values) - 1), min_size=1).map(sorted))
    found, up_to = order_statistics(column, np.array(places))
    assert found.tolist() == [sorted(values)[place] for place in places]
    assert up_to.tolist() == [int(np.sum(column <= one)) for one in found]
