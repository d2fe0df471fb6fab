from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom
from scipy.stats import t as student
from search_runs import benchmark

from simsched.experiment.search import race as racing
from simsched.experiment.search.race import Exit, Race, rounds, run

DESIGNS = 10
BEST = 3
EXPERIMENTS = 400
SLIPPAGE = np.where(np.arange(DESIGNS) == BEST, 1.0, 0.0)
"""One design is better than all others by exactly the zone of 1: the hardest case."""
CLOSE = np.linspace(0.0, 0.9, DESIGNS)
"""All designs are within the zone of 1 of the best."""


def race(
    seed, means=SLIPPAGE, *, zone=1.0, spread=2.0, common=2.0, confidence=0.95, at_most=10_000
):
    """Race designs of those *means*, whose observations are normal."""
    rng = np.random.default_rng(seed)

    def observe(designs, _):
        shared = common * rng.standard_normal()
        return (means[list(designs)] + spread * rng.standard_normal(len(designs)) + shared).tolist()

    seen = np.array([observe(range(len(means)), n) for n in range(racing.FIRST)]).T.tolist()
    found = Race(zone, False, confidence, rounds(at_most), seen)
    run(found, observe)
    return found


def is_true(found, means):
    """Return whether all is true that is said of a race which is over."""
    best = means.max()
    dropped = {each.design for each in found.exits}
    alike = {*found.survivors, *(each for each in dropped if found.is_as_good(each))}
    return (
        found.is_over
        and means.argmax() not in dropped
        and all(abs(means[each] - means[found.leader]) <= found.zone for each in alike)
        and best - means[found.leader] <= found.zone
    )


def share_true(means, **options):
    found = [race(seed, means, **options) for seed in range(EXPERIMENTS)]
    return sum(is_true(one, means) for one in found) / EXPERIMENTS


@pytest.mark.parametrize("means", [SLIPPAGE, CLOSE], ids=["slippage", "close"])
def test_all_that_is_said_is_true_as_often_as_promised(means):
    assert share_true(means) >= binom.ppf(0.01, EXPERIMENTS, 0.95) / EXPERIMENTS


def test_the_best_is_selected_where_it_is_better_by_the_zone():
    found = [race(seed) for seed in range(100)]
    right = sum(one.is_over and one.leader == BEST for one in found)
    assert right >= binom.ppf(0.01, 100, 0.95)


def test_a_lower_promise_takes_fewer_replications():
    some, sure = (
        np.mean([race(seed, confidence=each).replications for seed in range(20)])
        for each in (0.7, 0.99)
    )
    assert some < sure


def test_without_the_adjustment_the_promise_is_broken(monkeypatch):
    """The experiments above would show if intervals were of one comparison and one look only."""
    monkeypatch.setattr(Race, "level", property(lambda each: each.confidence))
    assert share_true(CLOSE) < 0.95


def test_paired_differences_make_use_of_common_random_numbers():
    alone = np.mean([race(seed, common=0.0).replications for seed in range(20)])
    common = np.mean([race(seed, common=50.0).replications for seed in range(20)])
    assert common == pytest.approx(alone, rel=0.3)


def test_an_interval_is_students_adjusted_for_designs_and_rounds():
    first, second = np.arange(10.0), np.resize([1.0, -1.0], 10)
    found = Race(0.1, False, 0.9, rounds(40), [first.tolist(), second.tolist(), [0.0] * 10])
    interval = found.difference(0, 1)
    differences = first - second
    error = 0.1 / (2 * 3)  # two rivals, after 10, 20 and 40 replications
    half = student.ppf(1 - error / 2, 9) * differences.std(ddof=1) / math.sqrt(10)
    assert interval.value == pytest.approx(4.5)
    assert interval.low == pytest.approx(4.5 - half)
    assert interval.high == pytest.approx(4.5 + half)


def test_a_comparison_by_hand():
    """The third is far behind, the second within the zone of 0.9 but not within one of 0.8."""
    wave = np.resize([0.5, -0.5], 10)
    seen = [[10.0] * 10, (10.0 + 2 * wave).tolist(), (5.0 + wave).tolist()]
    half = student.ppf(1 - 0.05 / 4, 9) * (2 * wave).std(ddof=1) / math.sqrt(10)
    assert 0.8 < half < 0.9
    for zone, is_over in ((0.9, True), (0.8, False)):
        found = Race(zone, False, 0.95, (10,), [list(each) for each in seen])
        found.compare()
        assert found.exits == [Exit(2, 0)]
        assert found.survivors == [0, 1]
        assert found.is_over == is_over


def test_a_zone_that_is_a_share_is_one_of_the_leaders_mean():
    found = Race(0.05, True, 0.95, (10,), [[-3.0] * 10, [-2.0] * 10])
    assert found.margin() == pytest.approx(0.1)


def test_designs_of_equal_values_are_alike_whatever_the_zone():
    found = Race(0.05, True, 0.95, (10, 20), [[0.0] * 10, [0.0] * 10, [-1.0] * 10])
    run(found, lambda *_: pytest.fail("there is nothing left to find out"))
    assert found.is_over
    assert found.survivors == [0, 1]


def test_a_design_that_is_worse_by_less_than_the_zone_is_dropped_and_as_good():
    worse = (9.9 + np.resize([0.01, -0.01], 10)).tolist()
    found = Race(0.05, True, 0.95, (10,), [[10.0] * 10, worse])
    found.compare()
    assert found.exits == [Exit(1, 0)]
    assert found.is_as_good(1)


def test_replications_go_to_close_rivals():
    found = race(1, np.array([0.0, -0.6, -5.0]), zone=0.5, spread=1.0)
    assert len(found.seen[2]) == racing.FIRST
    assert len(found.seen[1]) > racing.FIRST


def test_a_cap_leaves_it_undecided():
    found = race(1, np.zeros(DESIGNS), zone=0.01, at_most=50)
    assert not found.is_over
    assert found.replications == 50


@pytest.mark.parametrize(
    ("at_most", "expected"), [(5, (5,)), (10, (10,)), (40, (10, 20, 40)), (50, (10, 20, 40, 50))]
)
def test_each_round_has_twice_the_replications_of_the_one_before(at_most, expected):
    assert rounds(at_most) == expected


@pytest.mark.long
def test_the_best_of_ten_queues_is_selected_as_often_as_promised():
    found = benchmark("selection").selections(40, 500)
    assert found.correct >= binom.ppf(0.01, 40, 0.95) / 40
