from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from simsched.engine.trace import Activity
from simsched.report.lanes import Stretch
from simsched.report.tracks import tracks


def io(start: int, finish: int, *, attempt: int = 1) -> Stretch:
    return Stretch(Activity.IO, start, finish, attempt=attempt)


stretches = st.lists(
    st.builds(
        lambda start, length, attempt: io(start, start + length, attempt=attempt),
        st.integers(0, 30),
        st.integers(1, 20),
        st.integers(1, 3),
    )
)


def test_what_follows_each_other_is_one_line():
    (track,) = tracks([io(0, 5), io(5, 9), io(12, 20)])
    assert [s.start_ns for s in track.stretches] == [0, 5, 12]


def test_branches_that_run_at_once_are_lines_of_their_own():
    assert [len(track.stretches) for track in tracks([io(0, 5), io(0, 9), io(9, 12)])] == [1, 2]


def test_branches_that_do_the_same_are_one_stretch_that_counts_them():
    short, long = tracks([*[io(0, 10)] * 99, io(0, 1000)])
    assert (short.count, long.count) == (99, 1)
    assert len(short.stretches) == 1


def test_an_attempt_is_a_line_though_the_one_before_goes_on():
    found = tracks([io(0, 100), io(60, 90, attempt=2)])
    assert [track.attempt for track in found] == [1, 2]


@given(stretches)
def test_nothing_overlaps_on_a_line_and_nothing_is_lost(given_ones):
    found = tracks(given_ones)
    for track in found:
        assert {s.attempt for s in track.stretches} == {track.attempt}
        assert all(a.finish_ns <= b.start_ns for a, b in pairwise(track.stretches))
    assert sum(s.count for track in found for s in track.stretches) == len(given_ones)
