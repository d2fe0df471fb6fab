"""Durations and rates, as text and as numbers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsched.units import (
    DURATION_UNITS,
    FASTEST,
    LONGEST,
    SLOWEST,
    format_duration,
    format_number,
    nanoseconds,
    parse_duration,
    parse_rate,
    write_duration,
    write_rate,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10ms", 10_000_000),
        ("1.5s", 1_500_000_000),
        ("200us", 200_000),
        ("200µs", 200_000),
        ("2min", 120_000_000_000),
        ("1h", 3_600_000_000_000),
        ("7ns", 7),
        ("10 ms", 10_000_000),
        (".5ms", 500_000),
        ("1e-3s", 1_000_000),
        ("1E3ms", 1_000_000_000),
        ("0", 0),
        ("0ms", 0),
        ("8784h", LONGEST),
    ],
)
def test_a_duration_is_read_as_nanoseconds(text: str, expected: int) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("1.5ns", 2), ("2.5ns", 2)])
def test_half_a_nanosecond_is_rounded_to_even(text: str, expected: int) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10", "10 has no unit; write 10ms or 10s"),
        ("10 sec", "'sec' is not a unit of time; did you mean 's'?"),
        ("10seconds", "'seconds' is not a unit of time; did you mean 's'?"),
        ("10 μs", "'μs' is not a unit of time; did you mean 'us'?"),
        ("3d", "'d' is not a unit of time; use one of ns, us, µs, ms, s, min, h"),
        ("8784.0001h", "'8784.0001h' is longer than a year; the longest duration is 8784h"),
        ("-1ms", "'-1ms' is negative; a duration is at least 0"),
        ("-1", "'-1' is negative; a duration is at least 0"),
        ("1,5s", "'1,5s' is not a duration; write a number and a unit, such as 10ms or 1.5s"),
        ("", "'' is not a duration; write a number and a unit, such as 10ms or 1.5s"),
        ("1٣ms", "'1٣ms' is not a duration; write a number and a unit, such as 10ms or 1.5s"),
        (
            "x" * 100,
            f"'{'x' * 39}…' is not a duration; write a number and a unit, such as 10ms or 1.5s",
        ),
    ],
)
def test_what_is_not_a_duration_is_told(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("number", "unit", "message"),
    [
        ("one", "s", "'one' is not a number of at least 0"),
        ("1", "parsec", "'parsec' is not a unit of time; use one of"),
        ("1e99", "h", "'1e99h' is longer than a year; the longest duration is 8784h"),
    ],
)
def test_a_number_of_units_is_checked_like_a_duration(number: str, unit: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        nanoseconds(number, unit)


@given(st.integers(0, LONGEST))
def test_a_written_duration_reads_back_exactly(duration_ns: int) -> None:
    assert parse_duration(write_duration(duration_ns)) == duration_ns


@pytest.mark.parametrize(
    ("duration_ns", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_500_000, "1500us"),
        (10_000_000, "10ms"),
        (90_000_000_000, "90s"),
        (120_000_000_000, "2min"),
        (LONGEST, "8784h"),
    ],
)
def test_a_duration_is_written_in_the_largest_unit_that_is_exact(
    duration_ns: int, text: str
) -> None:
    assert write_duration(duration_ns) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("80/s", 80.0), ("600/min", 10.0), ("7200/h", 2.0), ("0.5 / s", 0.5), ("1e9/s", 1e9)],
)
def test_a_rate_is_read_per_second(text: str, expected: float) -> None:
    assert parse_rate(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("80", "80 has no unit; write 80/s or 80/min"),
        ("80/ms", "'ms' is not a unit of a rate; use one of s, min, h"),
        ("80/sec", "'sec' is not a unit of a rate; did you mean 's'?"),
        ("0/s", "'0/s' is out of range; a rate is from 1e-9/s to 1e9/s"),
        ("1.1e9/s", "'1.1e9/s' is out of range; a rate is from 1e-9/s to 1e9/s"),
        ("-3/s", "'-3/s' is negative; a rate is at least 1e-9/s"),
        (
            "often",
            "'often' is not a rate; write a number per unit of time, such as 80/s or 600/min",
        ),
    ],
)
def test_what_is_not_a_rate_is_told(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_rate(text)


@given(st.floats(SLOWEST, FASTEST))
def test_a_written_rate_reads_back_exactly(rate: float) -> None:
    assert parse_rate(write_rate(rate)) == rate


def test_every_unit_of_time_is_read() -> None:
    assert {unit: parse_duration(f"1{unit}") for unit in DURATION_UNITS} == DURATION_UNITS


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0722, "72.2 ms"),
        (0.0, "0 s"),
        (1.0, "1.00 s"),
        (0.9996, "1.00 s"),
        (0.9994, "999 ms"),
        (0.000012, "12.0 µs"),
        (3e-9, "3.00 ns"),
        (-0.5, "-500 ms"),
    ],
)
def test_seconds_are_shown_in_the_unit_that_reads_best(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(1234.5, 3, "1230"), (0.04123, 3, "0.0412"), (1e-7, 2, "0.00000010"), (2.0, 1, "2")],
)
def test_a_number_is_shown_with_its_digits_and_no_exponent(
    value: float, digits: int, text: str
) -> None:
    assert format_number(value, digits) == text
