from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from simsched.statistics.contrast import Unpaired
from simsched.statistics.measurement import mean, refused

OURS = mean(np.array([10.2, 11.1, 9.7, 10.6, 10.0]))
THEIRS = mean(np.array([12.9, 13.8, 12.1]))


def test_the_difference_is_welchs():
    expected = stats.ttest_ind(
        OURS.replications, THEIRS.replications, equal_var=False
    ).confidence_interval(0.95)
    found = Unpaired(OURS, THEIRS).difference(0.95)
    assert found.value == pytest.approx(OURS.replications.mean() - THEIRS.replications.mean())
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_the_ratio_has_fiellers_interval():
    found = Unpaired(OURS, THEIRS).ratio(0.95)
    assert 0.65 < found.low < found.value < found.high < 0.95
    variances = [each.replications.var(ddof=1) / len(each.replications) for each in (OURS, THEIRS)]
    t = stats.t.ppf(0.975, Unpaired(OURS, THEIRS).degrees)
    for end in (found.low, found.high):
        error = np.sqrt(variances[0] + end**2 * variances[1])
        assert abs(OURS.value - end * THEIRS.value) == pytest.approx(t * error)


def test_turning_the_servers_round_turns_the_interval_round():
    one, other = Unpaired(OURS, THEIRS).difference(0.9), Unpaired(THEIRS, OURS).difference(0.9)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


def test_one_replication_has_no_interval():
    found = Unpaired(mean(np.array([1.0])), THEIRS).difference(0.95)
    assert found.value == pytest.approx(1.0 - THEIRS.value)
    assert (found.low, found.reason) == (
        None,
        "one replication has no interval; ask for more replications",
    )


def test_what_was_refused_is_refused_with_its_reason():
    none = refused(np.array([np.nan]), "too few")
    assert Unpaired(none, THEIRS).difference(0.95).reason == "too few"
    assert Unpaired(OURS, none).ratio(0.95).reason == "too few"


def test_equal_and_certain_figures_differ_by_nothing():
    same = mean(np.array([2.0, 2.0]))
    found = Unpaired(same, same).difference(0.95)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)


def test_a_ratio_to_nothing_is_refused():
    assert Unpaired(OURS, mean(np.array([0.0, 0.0]))).ratio(0.95).value is None


@given(
    st.lists(st.floats(1, 100), min_size=2, max_size=9),
    st.lists(st.floats(1, 100), min_size=2, max_size=9),
)
def test_the_p_value_is_that_of_welchs_test(ours, theirs):
    one, other = np.array(ours), np.array(theirs)
    assume(min(one.std(), other.std()) > 1e-3)  # of equal figures scipy warns
    expected = stats.ttest_ind(one, other, equal_var=False).pvalue
    assert Unpaired(mean(one), mean(other)).p_value == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("ours", "theirs", "p_value"),
    [([1, 1], [1, 1, 1], 1.0), ([1, 1], [2, 2], 0.0), ([1], [2, 3], None)],
)
def test_without_any_spread_figures_are_the_same_or_not(ours, theirs, p_value):
    one, other = (mean(np.array(each, dtype=float)) for each in (ours, theirs))
    assert Unpaired(one, other).p_value == p_value
