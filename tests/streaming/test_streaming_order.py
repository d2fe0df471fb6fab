from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simsched.statistics import order
from simsched.statistics.streaming.order import Overtaking

requests = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 40)), min_size=1, max_size=60)
FAR = 10**9


def told(gaps_and_stays, sizes):
    """What is told of requests that come so many at a time, in the order of their places."""
    gaps, stays = np.array(gaps_and_stays, np.int64).T
    arrival = np.cumsum(gaps)
    finish = arrival + stays
    overtaking, parts, start = Overtaking(), [], 0
    for size in [*sizes, len(finish)]:
        at = slice(start, start + size)
        start = min(start + size, len(finish))
        before = None if start == len(finish) else int(arrival[start - 1]) if start else 0
        kinds = np.arange(len(finish), dtype=np.int32)[at]
        parts.append(overtaking.add(finish[at], arrival[at], kinds, before))
        if start == len(finish):
            break
    return arrival, finish, parts


def in_order(parts, name):
    place = np.concatenate([part.place for part in parts])
    column = np.concatenate([getattr(part, name) for part in parts])
    return column[np.argsort(place)].tolist()


@given(requests, st.lists(st.integers(0, 9), max_size=9))
def test_each_request_is_told_once_as_of_the_whole_run(gaps_and_stays, sizes):
    arrival, finish, parts = told(gaps_and_stays, sizes)
    assert in_order(parts, "place") == list(range(len(finish)))
    assert in_order(parts, "class_id") == list(range(len(finish)))
    assert in_order(parts, "arrival_ns") == arrival.tolist()
    assert in_order(parts, "overtaken") == order.overtaken(finish).tolist()
    assert in_order(parts, "displacement") == order.displacement(finish).tolist()


@given(requests, st.lists(st.integers(0, 9), max_size=9), st.integers(0, 300))
def test_pairs_in_the_wrong_order_are_counted_where_the_earlier_one_arrived(
    gaps_and_stays, sizes, since
):
    arrival, finish, parts = told(gaps_and_stays, sizes)
    n = len(finish)
    expected = sum(
        finish[i] > finish[j] for i in range(n) for j in range(i + 1, n) if arrival[i] >= since
    )
    assert sum(part.inversions(since, FAR) for part in parts) == expected
    assert sum(part.inversions(0, FAR) for part in parts) == order.inversions(finish)


def test_only_those_who_overlap_with_the_latest_arrival_are_remembered():
    overtaking = Overtaking()
    arrival = np.arange(1000)
    overtaking.add(arrival + 3, arrival, np.zeros(1000, np.int32), 999)
    assert [len(column) for column in overtaking._waiting] == [3 + 1] * 4
