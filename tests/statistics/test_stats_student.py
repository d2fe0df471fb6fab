"""Student's t distribution is that of scipy."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtr, stdtrit

from simsched.statistics import student

degrees = st.integers(1, 200) | st.floats(1, 1e6)


@given(st.floats(0, 1e3), degrees)
def test_the_probability_beyond_a_value(t: float, degrees: float) -> None:
    expected = float(stdtr(degrees, -t))
    assert student.beyond(t, degrees) == pytest.approx(expected, rel=1e-8, abs=1e-300)


@given(st.floats(1e-9, 1 - 1e-9), degrees)
def test_the_quantile(probability: float, degrees: float) -> None:
    expected = float(stdtrit(degrees, probability))
    assert student.quantile(probability, degrees) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [(1, math.tan(0.475 * math.pi)), (2, 0.95 * math.sqrt(2 / (1 - 0.95**2)))],
)
def test_quantiles_that_have_a_formula(degrees: int, expected: float) -> None:
    assert student.quantile(0.975, degrees) == pytest.approx(expected, rel=1e-14)


def test_the_median_is_0_and_the_tails_are_alike() -> None:
    assert student.quantile(0.5, 9) == 0
    assert student.quantile(0.25, 9) == -student.quantile(0.75, 9)
