from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel
from stats_traces import mm1

from simsched.statistics import compare, holm, summarize

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def test_holm_by_hand():
    # 4 * 0.005; 3 * 0.01; 2 * 0.03; 1 * 0.04, which may not be less than 0.06 before it
    assert holm.adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_levels_stop_growing_at_the_first_that_is_not_told():
    # 0.005 <= 0.05/4 and 0.01 <= 0.05/3 are told; 0.03 > 0.05/2 is not, and 0.04 stays with it
    assert holm.levels([0.01, 0.04, 0.03, 0.005], 0.05) == pytest.approx(
        [0.05 / 3, 0.05 / 2, 0.05 / 2, 0.05 / 4]
    )


def test_one_comparison_needs_no_adjustment():
    assert holm.adjusted([0.03]) == [0.03]
    assert holm.levels([0.03], 0.05) == [0.05]


@given(p_values, st.sampled_from([0.01, 0.05, 0.1]))
def test_a_level_tells_a_difference_just_where_the_adjusted_p_value_does(values, alpha):
    told = [p <= level for p, level in zip(values, holm.levels(values, alpha), strict=True)]
    by_p_value = [p <= alpha for p in holm.adjusted(values)]
    margins = np.array(holm.adjusted(values)) - alpha
    if np.all(np.abs(margins) > 1e-9):
        assert told == by_p_value


def servers(speeds):
    return [
        summarize(f"x{speed}", [mm1(seed, 200, 0.5, speed=speed) for seed in range(6)])
        for speed in speeds
    ]


def test_p_values_are_those_of_the_paired_t_test():
    slow, fast = servers([1.0, 1.05])
    (one,) = (c for c in compare(slow, [fast]) if c.metric == "response_time_s.mean")
    means = [s.measurements["response_time_s.mean"].replications for s in (fast, slow)]
    assert one.p_value == pytest.approx(ttest_rel(*means).pvalue, rel=1e-6)


def test_intervals_widen_with_the_number_of_servers():
    slow, fast, faster = servers([1.0, 1.05, 1.2])
    alone = {c.metric: c for c in compare(slow, [fast])}["response_time_s.mean"]
    among = {c.metric: c for c in compare(slow, [fast, faster]) if c.server == "x1.05"}
    among = among["response_time_s.mean"]
    assert among.p_value >= alone.p_value
    assert among.difference.half_width >= alone.difference.half_width


def test_an_interval_leaves_zero_out_where_the_difference_is_told():
    baseline, *others = servers([1.0, 1.0005, 1.02, 1.2])
    for one in compare(baseline, others):
        if one.p_value is not None and one.difference.half_width:
            told = not one.difference.low <= 0 <= one.difference.high
            assert told == (one.p_value <= 0.05)
