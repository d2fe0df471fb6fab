"""The test, the interval of a difference and that of a ratio are one statement."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsched.statistics.contrast import Pair, Unpaired
from simsched.statistics.interval import refusal
from simsched.statistics.measurement import Measurement, mean, ratio
from simsched.statistics.words.comparison import TOO_WIDE
from simsched.statistics.words.refusals import CORRELATED

times = st.lists(st.floats(0.01, 100), min_size=3, max_size=3).map(np.array)


@given(st.sampled_from([Pair, Unpaired]), times, times, st.sampled_from([0.8, 0.95, 0.99]))
def test_p_value_difference_and_ratio_tell_the_same(kind, ours, theirs, confidence):
    held = kind(mean(ours), mean(theirs))
    difference, ratio = held.difference(confidence), held.ratio(confidence)
    told = not difference.low <= 0 <= difference.high
    if abs(held.p_value - (1 - confidence)) > 1e-9:
        assert told == (held.p_value <= 1 - confidence)
        if ratio.low is not None and ratio.low < ratio.high * (1 - 1e-9):
            assert told == (not ratio.low <= 1 <= ratio.high)


def test_a_few_skewed_replications_do_not_tell_by_their_ratio_what_their_difference_does_not():
    # on the logarithm the paired ratio was told: 0.45 (0.32 to 0.65)
    ours, theirs = np.array([1.0, 1.2, 2.8]), np.array([1.6, 3.1, 7.0])
    held = Pair(mean(ours), mean(theirs))
    assert held.p_value > 0.05
    assert held.difference(0.95).low < 0 < held.difference(0.95).high
    assert (held.ratio(0.95).low, held.ratio(0.95).reason) == (None, TOO_WIDE)


def test_differences_of_batches_are_refused_that_are_correlated_though_neither_server_is():
    noise = np.random.default_rng(4).normal(0, 1, 20)
    drift = np.linspace(-0.2, 0.2, 20)
    ours, theirs = 10 + noise + drift, 10 + noise
    assert refusal(ours) is None
    assert refusal(theirs) is None
    one_run = (
        Measurement(10.1, np.array([10.1]), ours - 10),
        Measurement(10.0, np.array([10.0]), theirs - 10),
    )
    held = Pair(*one_run)
    assert held.p_value is None
    assert (held.difference(0.95).low, held.difference(0.95).reason) == (None, CORRELATED)
    assert (held.ratio(0.95).low, held.ratio(0.95).reason) == (None, CORRELATED)
    replicated = Pair(mean(ours), mean(theirs))  # their order means nothing
    assert replicated.p_value is not None


def test_a_ratio_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(2000):
        shared = rng.normal(0, 1, 10)
        ours = 8 + shared + rng.normal(0, 0.5, 10)
        theirs = 10 + 2 * shared + rng.normal(0, 0.5, 10)
        found = Pair(mean(ours), mean(theirs)).ratio(0.95)
        hits += found.low <= 0.8 <= found.high
    assert hits == pytest.approx(1900, abs=2.6 * np.sqrt(2000 * 0.95 * 0.05))


@pytest.mark.parametrize("kind", [Pair, Unpaired])
def test_figures_that_differ_by_rounding_alone_are_the_same(kind):
    ours, theirs = 0.3 / 3, 0.4 / 4
    assert ours != theirs
    held = kind(mean(np.array([ours] * 3)), mean(np.array([theirs] * 3)))
    assert held.p_value == 1.0
    assert (held.difference(0.95).low, held.difference(0.95).high) == (0.0, 0.0)
    assert (held.ratio(0.95).value, held.ratio(0.95).low) == (1.0, 1.0)


def test_replications_that_agree_have_no_spread_by_rounding():
    assert np.mean([0.1, 0.1, 0.1]) != 0.1
    assert mean(np.array([0.1, 0.1, 0.1])).influence.tolist() == [0.0, 0.0, 0.0]
    shares = ratio(np.array([0.3, 0.3, 0.3]), np.array([3.0, 3.0, 3.0]))
    assert shares.influence.tolist() == [0.0, 0.0, 0.0]
    close = mean(np.array([1.0, 1.0 + 1e-9]))
    assert close.influence.tolist() != [0.0, 0.0]


def test_an_estimate_lies_within_its_interval_where_replications_hardly_differ():
    # The ends once came from a difference of nearly equal figures: 1.0000009833749695 both.
    theirs = np.array(
        [611.5081142433688, 1472.6410071274818, 1754.5294510054557, 382.0692839349735]
    )
    ours = np.array([611.5081172234164, 1472.640996471516, 1754.529445834106, 382.06928440682157])
    found = Pair(mean(ours), mean(theirs)).ratio(0.95)
    assert found.value == pytest.approx(0.99999999706795566, rel=1e-12)  # all with 50 digits
    assert found.low == pytest.approx(0.99999999149030732, rel=1e-12)
    assert found.high == pytest.approx(1.0000019750674004, rel=1e-12)


@given(
    st.sampled_from([Pair, Unpaired]),
    st.lists(st.floats(1, 3), min_size=3, max_size=3).map(np.array),
    st.lists(st.floats(-1, 1), min_size=3, max_size=3).map(np.array),
    st.integers(-12, -1),
)
def test_an_estimate_lies_within_its_interval(kind, theirs, changes, power):
    found = kind(mean(theirs * (1 + changes * 10.0**power)), mean(theirs)).ratio(0.95)
    if found.low is not None:
        assert found.low <= found.value * (1 + 1e-12)
        assert found.value <= found.high * (1 + 1e-12)
