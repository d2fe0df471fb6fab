from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simsched.report.timeline import axis

MS = 1_000_000


def test_the_lecture_gets_round_ticks_in_milliseconds():
    scale = axis(0, 184 * MS, 5)
    assert [scale.label(t) for t in scale.ticks()] == ["0", "50", "100", "150"]
    assert scale.unit == "ms"


def test_a_tick_below_the_unit_keeps_its_decimals():
    scale = axis(2_000 * MS, 2_001 * MS, 2)
    assert [scale.label(t) for t in scale.ticks()] == ["2.0000", "2.0005", "2.0010"]


@given(st.integers(0, 10**17), st.integers(1, 10**17), st.integers(1, 20))
def test_there_are_never_more_steps_than_asked_for(start, span, most):
    scale = axis(start, start + span, most)
    ticks = scale.ticks()
    assert len(ticks) <= most + 1
    assert all(start <= t <= start + span for t in ticks)
    assert len({scale.label(t) for t in ticks}) == len(ticks)
