from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsched.engine.trace import Activity
from simsched.report.gantt import longest, merged, spans
from simsched.report.lanes import Stretch


def touching(*lengths: int) -> list[Stretch]:
    """Return stretches of these lengths, one after the other, of changing activity."""
    edges = [sum(lengths[:n]) for n in range(len(lengths) + 1)]
    kinds = list(Activity)
    return [Stretch(kinds[n % len(kinds)], edges[n], edges[n + 1]) for n in range(len(edges) - 1)]


@given(
    lengths=st.lists(st.integers(1, 10**6), min_size=1, max_size=30),
    cells=st.integers(30, 200),
)
def test_every_stretch_has_a_cell_and_none_shares_one(lengths, cells):
    stretches = touching(*lengths)
    total = stretches[-1].finish_ns
    found = spans(stretches, lambda t: round(t / total * cells), cells)
    assert all(start < finish for start, finish in found)
    assert all(a[1] <= b[0] for a, b in pairwise(found))
    assert found[0][0] >= 0
    assert found[-1][1] <= cells


def test_stretches_that_are_long_enough_stand_exactly_where_they_were():
    found = spans(touching(10, 40, 50), lambda t: t // 10, 10)
    assert found == [(0, 1), (1, 5), (5, 10)]


def test_a_stretch_too_short_for_a_cell_takes_one_from_the_next():
    assert spans(touching(50, 1, 49), lambda t: round(t / 10), 10) == [(0, 5), (5, 6), (6, 10)]


def test_a_short_stretch_at_the_right_edge_takes_one_from_the_one_before():
    assert spans(touching(99, 1), lambda t: round(t / 10), 10) == [(0, 9), (9, 10)]


def test_more_stretches_than_cells_are_refused():
    with pytest.raises(ValueError, match="3 stretches do not fit in 2 cells"):
        spans(touching(1, 1, 1), lambda t: t, 2)


def test_the_longest_stretches_are_kept_in_order_of_time():
    kept = longest(touching(5, 1, 9, 2), 2)
    assert [s.length_ns for s in kept] == [5, 9]


def test_neighbours_of_one_activity_are_joined_only_where_they_touch():
    cpu, gap = Stretch(Activity.CPU, 0, 5, "a"), Stretch(Activity.CPU, 9, 12)
    joined = merged([cpu, Stretch(Activity.CPU, 5, 8, "b"), gap])
    assert [(s.start_ns, s.finish_ns) for s in joined] == [(0, 8), (9, 12)]
