from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel
from stats_traces import mm1

from simsched.statistics import compare, summarize
from simsched.statistics.compare import adjusted, error_rates
from simsched.statistics.interval import t_quantile

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def test_holm_by_hand():
    # 4 * 0.005; 3 * 0.01; 2 * 0.03; 1 * 0.04, which may not be less than 0.06 before it
    assert adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_levels_stop_growing_at_the_first_that_is_not_told():
    # 0.005 <= 0.05/4 and 0.01 <= 0.05/3 are told; 0.03 > 0.05/2 is not, and 0.04 stays with it
    assert error_rates([0.01, 0.04, 0.03, 0.005], 0.05) == pytest.approx(
        [0.05 / 3, 0.05 / 2, 0.05 / 2, 0.05 / 4]
    )


def test_one_comparison_needs_no_adjustment():
    assert adjusted([0.03]) == [0.03]
    assert error_rates([0.03], 0.05) == [0.05]


@given(p_values, st.sampled_from([0.01, 0.05, 0.1]))
def test_a_level_tells_a_difference_just_where_the_adjusted_p_value_does(values, alpha):
    told = [p <= level for p, level in zip(values, error_rates(values, alpha), strict=True)]
    by_p_value = [p <= alpha for p in adjusted(values)]
    margins = np.array(adjusted(values)) - alpha
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


def told(baseline, others):
    found = compare(baseline, others)
    return {one.server: one for one in found if one.metric == "response_time_s.mean"}


def test_the_clearest_of_two_differences_has_the_interval_of_half_the_error():
    slow, fast, faster = servers([1.0, 1.05, 1.2])
    among = told(slow, [fast, faster])
    alone = {**told(slow, [fast]), **told(slow, [faster])}
    clear, other = sorted(among, key=lambda server: alone[server].p_value)
    assert among[clear].p_value == pytest.approx(2 * alone[clear].p_value)
    widened = t_quantile(1 - 0.05 / 4, 5) / t_quantile(1 - 0.05 / 2, 5)
    assert among[clear].difference.half_width == pytest.approx(
        widened * alone[clear].difference.half_width
    )
    assert among[other].difference == alone[other].difference


def test_an_interval_leaves_zero_out_where_the_difference_is_told():
    baseline, *others = servers([1.0, 1.0005, 1.02, 1.2])
    for one in compare(baseline, others):
        if one.p_value is not None and one.difference.half_width:
            told = not one.difference.low <= 0 <= one.difference.high
            assert told == (one.p_value <= 0.05)


def test_turning_the_servers_round_turns_the_ratio_and_its_interval_round():
    one, other = servers([1.0, 1.5])
    metric = "response_time_s.mean"
    forth = next(each.ratio for each in compare(one, [other]) if each.metric == metric)
    back = next(each.ratio for each in compare(other, [one]) if each.metric == metric)
    assert forth.low < forth.value < forth.high
    assert (back.value, back.low, back.high) == pytest.approx(
        (1 / forth.value, 1 / forth.high, 1 / forth.low)
    )
