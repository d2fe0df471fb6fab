from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_runs import Curve, of_mm1, rate, workers

from simsched.experiment.search import boundary
from simsched.experiment.search.boundary import Boundary
from simsched.experiment.search.bracket import bracket
from simsched.experiment.search.trial import Trial


def search(curve, parameter=None, highest=None, relative=0.02, at_most=200):
    """Return how the search on *curve* ends, with its result."""
    parameter = parameter or rate()
    start = bracket(curve, parameter, highest, more_is_worse=parameter.is_load)
    if isinstance(start, Trial):
        return start
    around = Boundary(curve, parameter, relative, at_most, highest)
    return start, around.find(start)


def crossing(curve, **options):
    _, found = search(curve, **options)
    return found.crossing


def test_the_capacity_of_mm1_is_found_at_once():
    curve = Curve(of_mm1, spread=0.2)
    found = crossing(curve, highest=100.0)
    assert found.low < 80 < found.high
    assert (found.high - found.low) / 2 <= 0.02 * found.value
    assert len({value for value, _ in curve.tried}) <= 6


@given(limit_at=st.floats(40, 99), spread=st.floats(0.001, 0.3), seed=st.integers(0, 10**6))
@settings(max_examples=60)
def test_the_interval_is_as_narrow_as_asked_or_the_cap_was_reached(limit_at, spread, seed):
    curve = Curve(lambda value: 5 * (100 - limit_at) * of_mm1(value) / 100, spread, seed)
    _, found = search(curve, highest=100.0, at_most=100)
    said = found.crossing
    assert said.low <= said.value <= said.high <= 100
    tried = max(replications for _, replications in curve.tried)
    assert found.is_narrow or tried == 100
    assert not found.is_narrow or (said.high - said.low) / 2 <= 0.02 * said.value


@given(root=st.floats(0.01, 1e6), power=st.sampled_from([0.3, 1.0, 3.0]))
@settings(max_examples=60)
def test_any_rising_curve_is_brought_in(root, power):
    parameter = rate()
    start = parameter.start
    within = start / 4**5 <= root <= start * 2**10
    found = search(Curve(lambda value: 0.05 * (value / root) ** power), parameter)
    if not within:
        return
    _, found = found
    assert found.crossing.low <= root * (1 + 1e-5)
    assert found.crossing.high >= root * (1 - 1e-5)
    assert found.bracket.width <= 2 * 0.02 * root * 1.1


def test_the_true_boundary_is_covered_as_often_as_said():
    hits = 0
    for seed in range(300):
        found = crossing(Curve(of_mm1, spread=0.3, seed=seed), highest=100.0)
        hits += found.low <= 80 <= found.high
    assert 0.92 <= hits / 300 <= 0.98  # binomial limits of 0.95, two sides at 1 %


def test_to_look_after_every_replication_would_cover_too_seldom(monkeypatch):
    """Why the interval is judged seldom: the check that the test above has power."""
    monkeypatch.setattr(boundary, "LEAST", 3)
    monkeypatch.setattr(boundary, "FIRST", 3)
    monkeypatch.setattr(boundary, "RESERVE", 1.0)
    hits = 0
    for seed in range(300):
        found = crossing(Curve(of_mm1, spread=0.3, seed=seed), highest=100.0)
        hits += found.low <= 80 <= found.high
    assert hits / 300 < 0.92


def test_replications_go_where_the_boundary_is():
    curve = Curve(of_mm1, spread=0.5)
    found = crossing(curve, highest=100.0)
    far = [replications for value, replications in curve.tried if abs(value - 80) > 10]
    near = [replications for value, replications in curve.tried if abs(value - 80) <= 10]
    assert max(far) == 10
    assert max(near) > 20
    assert found.low < 80 < found.high


def test_a_cap_leaves_a_wide_interval():
    curve = Curve(of_mm1, spread=1.0, seed=3)
    _, found = search(curve, highest=100.0, at_most=20)
    assert not found.is_narrow


@pytest.mark.parametrize("needed", [1.5, 2.0, 5.3, 37.2, 200.7])
def test_the_fewest_workers_are_found_exactly(needed):
    curve = Curve(lambda value: 0.05 * needed / value, spread=0.001)
    _, found = search(curve, parameter=workers(), relative=0.001)
    exact = -(-needed // 1)
    said = found.crossing
    if needed == 2.0:  # the limit itself is not below the limit
        assert said.value in {2.0, 3.0}
        return
    assert (said.low, said.value, said.high) == (exact, exact, exact)
    assert (found.bracket.kept.verdict, found.bracket.missed.verdict) == ("kept", "missed")


def test_neighbouring_workers_are_distinguished_by_more_replications():
    curve = Curve(lambda value: 0.05 * 4.9 / value, spread=0.1)
    _, found = search(curve, parameter=workers())
    assert (found.bracket.kept.value, found.bracket.missed.value) == (5, 4)
    assert found.bracket.kept.replications > 20


def test_where_every_value_keeps_the_limits_the_largest_is_returned():
    found = search(Curve(lambda _: 0.01), parameter=rate())
    assert isinstance(found, Trial)
    assert (found.keeps, found.value) == (True, 50.0 * 2**10)


def test_where_no_value_keeps_them_the_smallest_is_returned():
    found = search(Curve(lambda _: 0.06), parameter=rate())
    assert isinstance(found, Trial)
    assert (found.keeps, found.value) == (False, pytest.approx(50.0 / 4**5))


def test_beyond_the_highest_rate_nothing_is_tried():
    curve = Curve(lambda value: 0.01 if value < 100 else 1e6)
    _, found = search(curve, highest=100.0)
    assert max(value for value, _ in curve.tried) == 100
    assert found.crossing.high == 100


def test_a_step_is_only_said_to_lie_between_two_values():
    _, found = search(Curve(lambda value: 0.01 if value < 73 else 0.08, spread=0.01), highest=100.0)
    assert found.is_narrow
    assert found.crossing.low < 73 <= found.crossing.high


@pytest.mark.parametrize("sharp", [5, 20, 60])
def test_a_sharp_knee_is_covered_though_it_is_no_line(sharp):
    def response(value):
        return 0.04 * (1 + (value / 80) ** sharp)

    root = 80 * 0.25 ** (1 / sharp)
    hits = 0
    for seed in range(100):
        found = crossing(Curve(response, 0.02, seed), highest=100.0)
        hits += found.low <= root <= found.high
    assert hits >= 90


def test_what_is_lower_than_a_hundredth_of_the_highest_rate_is_not_tried():
    found = search(Curve(lambda _: 1.0), highest=100.0)
    assert isinstance(found, Trial)
    assert found.value == pytest.approx(1.0)
