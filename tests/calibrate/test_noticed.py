"""When what a loop noticed late was ready is drawn within all that is known of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsched.calibrate.censored import Distribution, Noticed


def noticed(at, earliest, leaf=None) -> Noticed:
    n = len(at)
    return Noticed(
        np.array(at, np.int64),
        np.array(earliest, np.int64),
        np.array(at, np.int64),
        np.array(earliest, np.int64),
        np.full(n, -1, np.int32) if leaf is None else np.array(leaf, np.int32),
    )


def every(value: int) -> Distribution:
    return Distribution(np.array([float(value)]), np.array([0.0, 1.0]))


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**5)), min_size=1, max_size=40),
    st.integers(0, 10),
)
def test_each_is_ready_within_its_bounds_and_in_the_order_in_which_it_was_noticed(rows, seed):
    at = np.array([moment for moment, _ in rows])
    earliest = at - [before for _, before in rows]
    ready = noticed(at, earliest).ready_ns(np.random.default_rng(seed), {})
    assert (ready >= earliest).all()
    assert (ready <= at).all()
    order = np.lexsort((earliest, at))
    assert (np.diff(ready[order]) >= 0).all()


def test_what_is_known_exactly_stays():
    ready = noticed([3, 9, 5], [3, 9, 5]).ready_ns(np.random.default_rng(1), {})
    assert ready.tolist() == [3, 9, 5]


def test_the_last_of_several_that_were_noticed_at_once_was_ready_later():
    """Of n uniform times in order, the k-th is at k / (n + 1) on average."""
    n, times = 3, 4000
    since = np.repeat(1000 * np.arange(times), n)
    at = since + np.tile([900, 901, 902], times)
    ready = noticed(at, since).ready_ns(np.random.default_rng(1), {}).reshape(times, n)
    mean = (ready - since.reshape(times, n)).mean(axis=0) / 900
    error = 0.2 / np.sqrt(times)  # the deviation of an order statistic of three is below 0.2
    assert mean == pytest.approx([0.25, 0.5, 0.75], abs=4 * error)


def test_a_call_takes_as_long_as_others_of_its_kind_where_that_is_within_its_bounds():
    events = noticed([100, 200, 320], [0, 110, 310], leaf=[4, 4, 4])
    ready = events.ready_ns(np.random.default_rng(1), {4: every(60)})
    assert ready[:2].tolist() == [60, 170]
    assert 310 <= ready[2] <= 320
