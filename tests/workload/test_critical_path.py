"""The critical path of programs that fork."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsched.workload.steps import StepKind, critical_path


def rows_of(program):
    """A program is a list of durations, marks and fans; a fan is a list of programs."""
    rows = []
    for item in program:
        if isinstance(item, int):
            rows.append((StepKind.CPU if item % 2 else StepKind.IO, item))
        elif item is None:
            rows.append((StepKind.ACQUIRE, 0))
        else:
            rows.append((StepKind.FORK, len(item)))
            for branch in map(rows_of, item):
                rows += [(StepKind.BRANCH, len(branch)), *branch]
    return rows


def longest(program):
    def length(item):
        if item is None:
            return 0
        return item if isinstance(item, int) else max(map(longest, item))

    return sum(map(length, program))


def computed(programs):
    each = [rows_of(program) for program in programs]
    rows = [row for rows in each for row in rows]
    kind = np.array([kind for kind, _ in rows], np.int8)
    operand = np.array([operand for _, operand in rows], np.int64)
    first_row = np.cumsum([0, *map(len, each)])
    steps = np.arange(len(rows), dtype=np.int32)
    return critical_path(kind, steps, operand, first_row).tolist()


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ([], 0),
        ([3, None, 4], 7),
        ([[[5], [9], [7]]], 9),
        ([1, [[5, 5], [9]], 2], 13),
        ([[[]]], 0),
        ([[[[[4], [6]], 10], [11]]], 16),
        ([[[1], [2]], [[3], [4]]], 6),
    ],
)
def test_of_concurrent_branches_the_longest_counts(program, expected):
    assert computed([program]) == [expected]


items = st.recursive(
    st.integers(0, 100) | st.none(),
    lambda inner: st.lists(st.lists(inner, max_size=3), min_size=1, max_size=3),
    max_leaves=12,
)


@given(st.lists(st.lists(items, max_size=4), max_size=5))
def test_it_is_what_a_walk_through_each_program_finds(programs):
    assert computed(programs) == [longest(program) for program in programs]


def test_programs_of_many_blocks_are_added_up_each_by_itself():
    programs = [[3, None, 4], [], [1, [[5, 5], [9]], 2], [[[1], [2]], [[3], [4]]]] * 5000
    assert computed(programs) == [7, 0, 13, 6] * 5000


def test_a_program_longer_than_a_block_is_added_up_whole():
    assert computed([[1], [2] * 40_000, [3]]) == [1, 80_000, 3]
