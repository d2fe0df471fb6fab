from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsched.statistics.quantile import quantiles
from simsched.statistics.streaming import RELATIVE_ERROR, Sketch
from simsched.statistics.streaming.sketch import bucket_of, middle_of

durations = st.integers(0, 2**62) | st.integers(0, 3000) | st.integers(0, 62).map(lambda n: 2**n)
columns = st.lists(durations, min_size=1, max_size=60).map(lambda one: np.array(one, np.int64))
probabilities = st.floats(0, 1)


def sketch_of(values, *quantities):
    sketch = Sketch(len(quantities))
    sketch.add(values, quantities)
    return sketch


def test_no_quantile_is_farther_off_than_a_thousandth():
    assert RELATIVE_ERROR < 0.001


@given(columns)
def test_the_middle_of_a_bucket_is_within_the_stated_error_of_all_in_it(values):
    assert (np.abs(middle_of(bucket_of(values)) - values) <= RELATIVE_ERROR * values).all()


@given(st.integers(1, 2**62))
def test_buckets_rise_with_their_values(value):
    below, at = bucket_of(np.array([value - 1, value], np.int64)).tolist()
    assert below <= at <= below + 1


@given(columns, probabilities)
def test_quantiles_are_within_the_stated_error_of_the_exact_ones(values, probability):
    found = sketch_of(values).quantiles([probability])[0]
    # between two order statistics, and each of them within the error
    assert found == pytest.approx(quantiles(values, [probability])[0], rel=1.01 * RELATIVE_ERROR)


def test_below_a_microsecond_quantiles_are_exact():
    values = np.arange(1000)
    assert sketch_of(values).quantiles([0, 0.25, 0.5, 1]).tolist() == [0, 249.75, 499.5, 999]


@given(columns, columns)
def test_sketches_of_parts_add_up_to_that_of_the_whole(first, second):
    whole = sketch_of(np.concatenate([first, second]), np.ones(len(first) + len(second), np.int64))
    parts = sketch_of(first, np.ones(len(first), np.int64))
    parts.merge(sketch_of(second, np.ones(len(second), np.int64)))
    assert parts.counts.tolist() == whole.counts.tolist()
    assert parts.sums.tolist() == whole.sums.tolist()
    assert parts.count == len(first) + len(second)


def test_sums_beyond_a_limit_are_of_its_bucket_and_all_above():
    values = np.array([10, 500, 500, 700, 10**6])
    count, sums = sketch_of(values, values * 3, np.ones(5, np.int64)).beyond(500)
    assert count == 4
    assert sums.tolist() == [3 * (500 + 500 + 700 + 10**6), 4]


def test_of_nothing_there_is_no_quantile():
    assert np.isnan(Sketch().quantiles([0.5])).all()
