from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsched.statistics.over_time import _interval_of, count_steps, mean_count

STAYS = st.lists(
    st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(lambda s: (s[0], s[0] + s[1])),
    min_size=1,
    max_size=30,
)


def columns(stays: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    came, went = np.array(stays, dtype=np.int64).T
    return came, went


def test_two_stays_that_overlap_by_half_count_one_and_a_half():
    came, went = columns([(0, 100), (50, 150)])
    assert mean_count(came, went, np.array([0.0, 100.0, 200.0])).tolist() == [1.5, 0.5]


@given(STAYS)
def test_all_intervals_together_hold_the_whole_of_every_stay(stays):
    came, went = columns(stays)
    edges = np.linspace(0, 2000, 14)
    total = float(mean_count(came, went, edges) @ np.diff(edges))
    assert total == pytest.approx(float(np.sum(went - came)), abs=1e-6)


@given(STAYS)
def test_steps_count_those_who_are_there(stays):
    came, went = columns(stays)
    times, counts = count_steps(came, went)
    for time, count in zip(times * 1e9, counts, strict=True):
        assert count == sum(c <= round(time) < w for c, w in stays)


@given(STAYS)
def test_the_mean_is_the_integral_of_the_steps(stays):
    came, went = columns(stays)
    times, counts = count_steps(came, went)
    integral = float(np.diff(times * 1e9, append=2000) @ counts)
    (mean,) = mean_count(came, went, np.array([0.0, 2000.0]))
    assert mean * 2000 == pytest.approx(integral, abs=1e-5)


@given(
    st.lists(st.integers(-5, 10**6 + 5), min_size=1, max_size=40),
    st.integers(1, 130),
    st.integers(1, 10**6),
)
def test_every_instant_is_in_the_interval_between_its_edges(instants, intervals, end):
    edges = np.linspace(0, end, intervals + 1)
    found = _interval_of(np.array([*instants, *np.rint(edges).astype(int)]), edges)
    exact = np.searchsorted(edges, [*instants, *np.rint(edges)], side="right") - 1
    assert found.tolist() == np.clip(exact, 0, intervals - 1).tolist()
