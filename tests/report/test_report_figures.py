from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsched.scenario.metrics import parse_metric
from simsched.scenario.number_format import show_value
from simsched.statistics.estimate import Estimate
from simsched.statistics.words.numbers import number, show, show_exact


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (0.0722, "duration", "72.2 ms"),
        (1.0, "duration", "1.00 s"),
        (0.99996, "duration", "1.00 s"),
        (0.000012345, "duration", "12.3 µs"),
        (5e-9, "duration", "5.00 ns"),
        (0.0, "duration", "0 s"),
        (123456.0, "duration", "123456 s"),
        (81.234, "rate", "81.2/s"),
        (0.3696, "share", "37.0 %"),
        (1.0, "share", "100 %"),
        (3.5882, "number", "3.59"),
        (-0.0722, "duration", "-72.2 ms"),
        (None, "duration", "—"),
    ],
)
def test_a_value_is_shown_with_three_digits_in_the_unit_that_reads_best(value, kind, text):
    assert show_value(value, kind) == text


@pytest.mark.parametrize(
    ("estimate", "kind", "text"),
    [
        (Estimate(0.0722, 0.0709, 0.0735), "duration", "72.2 ms ± 1.3"),
        (Estimate(0.0722, 0.0715, 0.0791), "duration", "72.2 ms [71.5, 79.1]"),
        (Estimate(0.0722), "duration", "72.2 ms"),
        (Estimate(1885.0, 0.0, 3947.0), "number", "1885 [0, 3947]"),
        (Estimate(0.0722, 0.07089, 0.07349), "duration", "72.2 ms ± 1.3"),
        (Estimate(0.851, 0.692, 1.0), "share", "85.1 % [69.2, 100]"),
        (Estimate(81.234, 81.222, 81.246), "rate", "81.234/s ± 0.012"),
        (Estimate(0.37, 0.36, 0.38), "share", "37.0 % ± 1.0"),
        (Estimate(0.0, 0.0, 0.0), "share", "0 % ± 0"),
        (Estimate(0.0, 0.0, 0.0004), "share", "0 % [0, 0.040]"),
        (Estimate(1.0, 0.99953, 1.0), "share", "100 % [99.953, 100]"),
        (Estimate(None), "number", "—"),
    ],
)
def test_an_interval_says_how_many_digits_its_value_deserves(estimate, kind, text):
    assert show(estimate, kind) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.085, "85 ms"), (0.0855, "85.5 ms"), (0.1, "100 ms"), (1.5, "1.5 s"), (0, "0 s")],
)
def test_an_exact_time_has_no_idle_zeros(seconds, text):
    assert show_exact(seconds) == text


@given(st.floats(min_value=1e-9, max_value=1e9), st.sampled_from(["duration", "rate", "number"]))
def test_a_shown_value_is_within_half_a_digit_of_the_figure(value, kind):
    sizes = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
    figure, _, unit = show_value(value, kind).removesuffix("/s").partition(" ")
    assert math.isclose(float(figure) * sizes.get(unit, 1.0), value, rel_tol=0.0051)
    assert "e" not in figure


def test_a_rounded_zero_has_no_sign():
    assert number(-0.001, 1) == "0.0"


def test_counts_are_whole_and_grouped():
    assert show_value(56582, "count") == "56,582"
    assert show_value(75.0, "count") == "75"
    assert show_value(2.5, "count") == "2.50"


@pytest.mark.parametrize(
    ("value", "low", "high", "shown"),
    [
        (0.99873, 0.998717, 0.998743, "0.9987 ± <0.0001"),
        (0.99873, 0.9986, 0.99886, "0.9987 ± 0.0001"),
        (0.33, 0.21, 0.45, "0.3300 ± 0.1200"),
        (0.9, 0.7, 1.0, "0.9000 [0.7000, 1.0000]"),
        (1.0, 1.0, 1.0, "1.0000 ± 0"),
        (-1.0, None, None, "-1.0000"),
    ],
)
def test_a_correlation_has_four_decimals(value, low, high, shown):
    assert show(Estimate(value, low, high), parse_metric("order.kendall_tau").kind) == shown
