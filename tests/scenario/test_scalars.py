"""What plain YAML scalars mean."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsched.scenario.file.tree import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("true", True),
        ("False", False),
        ("12", 12),
        ("-3", -3),
        ("+3", 3),
        ("012", 12),
        ("0o17", 15),
        ("0xfF", 255),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1.5e3", -1500.0),
        ("1e3", 1000.0),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("1e999", math.inf),
        ("1" * 101, float("1" * 101)),
    ],
)
def test_yaml_1_2_gives_numbers_truths_and_nothing(text: str, value: Any) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


def test_nan_is_a_number_that_is_none() -> None:
    assert math.isnan(float(str(resolve(".nan"))))


@pytest.mark.parametrize(
    "text", ["on", "off", "yes", "no", "y", "nUll", "1_000", "0b1", "12:30", "1.2.3", "-", "+", ".",
             "0x", "0o8", "10ms", "2024-01-01", "e3", "inf", "nan", "٣"],
)  # fmt: skip
def test_all_else_is_text(text: str) -> None:
    assert resolve(text) == text


@given(st.integers(-(10**30), 10**30))
def test_an_integer_is_itself(number: int) -> None:
    assert resolve(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_itself(number: float) -> None:
    assert resolve(repr(number)) == number


def test_a_very_long_number_is_read_at_once() -> None:
    assert resolve("9" * 1_000_000) == math.inf
