from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from search_runs import benchmark

from simsched.experiment.search import kn

DESIGNS = 10
BEST = 3
EXPERIMENTS = 400


def race(seed, *, zone=1.0, gap=1.0, spread=2.0, common=2.0, confidence=0.95, at_most=100_000):
    """Race designs of which one is better than all others by *gap*: the hardest case."""
    rng = np.random.default_rng(seed)
    means = np.where(np.arange(DESIGNS) == BEST, gap, 0.0)

    def observe(designs, _):
        shared = common * rng.standard_normal()
        return (means[list(designs)] + spread * rng.standard_normal(len(designs)) + shared).tolist()

    seen = np.array([observe(range(DESIGNS), n) for n in range(kn.FIRST)]).T
    return kn.run(kn.Race(zone, confidence, seen), observe, at_most)


def correct(**options):
    found = [race(seed, **options) for seed in range(EXPERIMENTS)]
    return sum(one.is_over and one.selected == BEST for one in found) / EXPERIMENTS


def test_the_best_is_selected_as_often_as_promised():
    least = binom.ppf(0.01, EXPERIMENTS, 0.95) / EXPERIMENTS
    assert correct() >= least


def test_a_lower_promise_is_kept_with_fewer_replications():
    assert correct(confidence=0.7) >= binom.ppf(0.01, EXPERIMENTS, 0.7) / EXPERIMENTS
    assert race(1, confidence=0.7).replications < race(1, confidence=0.99).replications


def test_without_eta_the_promise_is_broken(monkeypatch):
    """The variances are estimates from a few replications: the check above sees if that is lost."""
    normal = 2 * np.log(2 * (DESIGNS - 1) / 0.05) / 4
    monkeypatch.setattr(kn, "h_squared", lambda *_: normal * 0.5)
    assert correct() < 0.95


def test_variances_of_differences_make_use_of_common_random_numbers():
    alone = np.mean([race(seed, common=0.0).replications for seed in range(20)])
    common = np.mean([race(seed, common=50.0).replications for seed in range(20)])
    assert common == pytest.approx(alone, rel=0.3)


def test_eta_solves_its_equation():
    for designs, first in ((2, 10), (10, 10), (5, 20)):
        eta = kn.h_squared(designs, 0.95, first) / 2 / (first - 1)
        assert (1 + 2 * eta) ** (-(first - 1) / 2) / 2 == pytest.approx(0.05 / (designs - 1))


def test_the_variances_are_of_paired_differences():
    seen = np.array([[1.0, 2.0, 4.0], [2.0, 2.0, 3.0]])
    assert kn.variances(seen)[0, 1] == pytest.approx(np.var([-1.0, 0.0, 1.0], ddof=1))
    assert kn.variances(seen)[0, 0] == 0


def test_the_first_screening_by_hand():
    """h^2 S^2 / (2 delta) - delta r / 2 bounds how far a sum may lag; 2.86 of 10 times S^2 here."""
    seen = np.zeros((2, 10))
    seen[1] = -1.0 + np.resize([0.1, -0.1], 10)
    one = kn.Race(0.5, 0.95, seen)
    reach = kn.h_squared(2, 0.95, 10) * np.var(seen[1], ddof=1)
    assert one._allowed()[0, 1] == pytest.approx(max(0, reach / 1.0 - 0.5 * 10 / 2))
    one.screen()
    assert one.survivors == [0]
    assert one.exits == [kn.Exit(1, 10, 0, pytest.approx(1.0))]


def test_designs_within_the_zone_end_the_race():
    found = race(5, gap=0.0, zone=3.0)
    assert len(found.survivors) == 1
    assert any(each.lag < found.zone for each in found.exits)


def test_replications_go_to_close_rivals():
    rng = np.random.default_rng(1)
    means = np.array([0.0, -0.6, -5.0])

    def observe(designs, _):
        return (means[list(designs)] + rng.standard_normal(len(designs))).tolist()

    seen = np.array([observe(range(3), n) for n in range(kn.FIRST)]).T
    found = kn.run(kn.Race(0.5, 0.95, seen), observe, 10_000)
    out = {each.design: each.replications for each in found.exits}
    assert out[2] == kn.FIRST
    assert out[1] > kn.FIRST


def test_a_cap_leaves_it_undecided():
    found = race(1, zone=0.01, gap=0.0, at_most=50)
    assert not found.is_over
    assert found.replications == 50


@pytest.mark.long
def test_the_best_of_ten_queues_is_selected_as_often_as_promised():
    found = benchmark("selection").selections(40, 500)
    assert found.correct >= binom.ppf(0.01, 40, 0.95) / 40


@pytest.mark.long
@pytest.mark.parametrize("case", [0, 1, 4])
def test_the_capacity_of_mm1_is_covered_as_often_as_said(case):
    module = benchmark("capacity")
    found = module.coverage(module.CASES[case], 100)
    assert found.told == 1
    assert found.covered >= binom.ppf(0.01, 100, 0.95) / 100
