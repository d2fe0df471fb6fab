from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from simsched.statistics import completion_order as order
from simsched.statistics.completion_order import merge_count

finishes = st.lists(st.integers(0, 30), min_size=0, max_size=70).map(
    lambda values: np.array(values, np.int64)
)


@given(st.integers(0, 200), st.integers(0, 2**32 - 1))
def test_inversions_are_those_of_brute_force(n, seed):
    values = np.random.default_rng(seed).permutation(n)
    expected = sum(values[i] > values[j] for i in range(n) for j in range(i + 1, n))
    assert order.permuted(values) == expected
    assert merge_count(values.copy()) == expected


@given(finishes)
def test_those_who_finish_at_one_instant_are_not_inverted(finish):
    n = len(finish)
    expected = sum(finish[i] > finish[j] for i in range(n) for j in range(i + 1, n))
    assert order.inversions(finish) == merge_count(finish.copy()) == expected


@pytest.mark.parametrize("reach", [3, 1000, 10**7])
def test_many_requests_are_counted_alike_with_and_without_compiled_code(reach):
    n = order.MANY + 17
    finish = np.arange(n) + np.random.default_rng(reach).integers(0, reach, n)
    before = finish.copy()
    assert order.inversions(finish) == order.permuted(order.ranks(finish)) > 0
    assert (finish == before).all()


def test_without_numba_many_requests_are_counted_all_the_same(monkeypatch):
    monkeypatch.setattr(order.machine_code, "find_spec", lambda _: None)
    monkeypatch.setitem(sys.modules, "simsched.statistics.merge_count", None)  # cannot be imported
    assert order.kendall_tau(np.arange(order.MANY)[::-1].copy()) == -1


@given(finishes)
def test_overtaken_requests_are_those_of_brute_force(finish):
    n = len(finish)
    expected = [any(finish[j] < finish[i] for j in range(i + 1, n)) for i in range(n)]
    assert order.overtaken(finish).tolist() == expected


@given(finishes)
def test_kendalls_tau_is_scipys_with_ties_in_order_of_arrival(finish):
    n = len(finish)
    if n < 2:
        assert order.kendall_tau(finish) is None
    else:
        by_finish = sorted(range(n), key=lambda i: (finish[i], i))
        place = np.argsort(by_finish)
        assert order.kendall_tau(finish) == pytest.approx(kendalltau(range(n), place).statistic)


def test_the_lecture_is_answered_1_3_2():
    finish = np.array([94, 108, 98], np.int64)
    assert (order.completion_order(finish) + 1).tolist() == [1, 3, 2]
    assert order.overtaken(finish).tolist() == [False, True, False]
    assert order.displacement(finish).tolist() == [0, 1, 1]
    assert order.kendall_tau(finish) == pytest.approx(1 / 3)


@given(finishes)
def test_displacements_are_those_of_brute_force(finish):
    n = len(finish)
    by_finish = sorted(range(n), key=lambda i: (finish[i], i))
    assert order.displacement(finish).tolist() == [abs(by_finish.index(i) - i) for i in range(n)]


def test_order_reversed_has_tau_minus_one():
    assert order.kendall_tau(np.arange(100)[::-1].copy()) == -1


def test_a_million_requests_are_no_trouble():
    finish = np.arange(1_000_000)[::-1].copy()  # comparing every two would take hours
    assert order.kendall_tau(finish) == -1
    assert order.overtaken(finish).sum() == 999_999
