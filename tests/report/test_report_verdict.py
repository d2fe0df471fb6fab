from __future__ import annotations

from dataclasses import replace

import pytest
from report_results import lecture, load

from simsched.report.verdict import change, is_settled, span, verdict
from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import Comparison


def held(difference: Estimate, ratio: Estimate) -> tuple[str, ...]:
    one = Comparison("response_time_s.mean", "cooperative", "serial", difference, ratio)
    return verdict(replace(lecture(), comparisons=(one,)))


def test_the_lecture_is_told_in_two_sentences():
    assert verdict(lecture()) == (
        "cooperative answers in 69.3 ms on average, serial in 116 ms: 40 % less.",
        "cooperative completes 27.8/s, serial 16.3/s: 70 % more.",
    )


def test_an_interval_comes_with_the_sentence():
    (first, _) = verdict(load())
    assert first.startswith("cooperative answers in ")
    assert "less (95 % interval: " in first


def test_an_interval_around_nothing_tells_no_winner():
    (sentence,) = held(Estimate(-0.01, -0.05, 0.03), Estimate(0.9, 0.7, 1.2))
    assert sentence.endswith("no difference can be told (95 % interval: 30 % less to 20 % more).")


def test_without_a_ratio_the_difference_is_told():
    (sentence,) = held(Estimate(-0.01, -0.012, -0.008), Estimate(None))
    assert sentence.endswith("less (95 % interval of the difference: -12.0 ms to -8.00 ms).")


def test_equal_figures_are_called_the_same():
    (sentence,) = held(Estimate(0.0), Estimate(1.0))
    assert sentence.endswith(": the same.")


def test_figures_that_agree_in_every_replication_are_said_to():
    same = Estimate(0.0, 0.0, 0.0), Estimate(1.0, 1.0, 1.0)
    one = Comparison("response_time_s.mean", "cooperative", "serial", *same)
    (sentence,) = verdict(replace(load(), comparisons=(one,)))
    assert sentence.endswith(": the same in every replication.")
    assert held(*same)[0].endswith(": the same.")


def test_figures_that_nearly_agree_are_not_said_to_in_every_replication():
    near = Estimate(0.0002, 0.0001, 0.0003), Estimate(1.00153, 1.001529999, 1.001530001)
    one = Comparison("response_time_s.mean", "cooperative", "serial", *near)
    (sentence,) = verdict(replace(load(), comparisons=(one,)))
    assert sentence.endswith(" 0.15 % more (95 % interval: 0.15 % more).")


def test_a_figure_that_is_missing_on_one_side_is_not_compared():
    assert held(Estimate(None), Estimate(None)) == ()


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(0.6, "40 % less"), (1.7, "70 % more"), (1.0284, "2.8 % more"), (2.345, "2.35 times")],
)
def test_a_ratio_is_told_in_per_cent_up_to_twice(ratio, words):
    assert change(ratio) == words


@pytest.mark.parametrize(
    ("estimate", "settled"),
    [
        (Estimate(1.0, 0.5, 1.5), True),
        (Estimate(-1.0, -1.5, -0.5), True),
        (Estimate(1.0, -0.5, 2.5), False),
        (Estimate(1.0, 0.0, 2.0), False),
        (Estimate(1.0), False),
    ],
)
def test_only_an_interval_without_zero_settles_a_difference(estimate, settled):
    assert is_settled(estimate) is settled


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.6, 0.7, "30 % to 40 % less"),
        (1.1, 1.2, "10 % to 20 % more"),
        (0.9, 1.1, "10 % less to 10 % more"),
        (1.5, 3.0, "50 % more to 3 times"),
        (2.5, 3.0, "2.5 to 3 times"),
        (0.1972, 0.2031, "79.7 % to 80.3 % less"),
        (0.2, 0.2, "80 % less"),
        (0.24999999, 0.25000001, "75 % less"),
        (1.29120001, 1.29120003, "29 % more"),
        (3.0004, 3.0011, "3 to 3.001 times"),
    ],
)
def test_an_interval_of_a_ratio_says_its_direction_once(low, high, words):
    assert span(low, high) == words


def test_of_many_servers_only_the_quickest_is_told_of():
    result = lecture()
    quick = result.servers["cooperative"]
    slow = replace(quick, estimates=quick.estimates | {"response_time_s.mean": Estimate(9.0)})
    servers = {"serial": result.servers["serial"]} | {
        name: replace(slow if name != "c" else quick, server=name) for name in "abcd"
    }
    comparisons = tuple(replace(one, server=name) for name in "abcd" for one in result.comparisons)
    told = verdict(replace(result, servers=servers, comparisons=comparisons))
    assert [sentence[:2] for sentence in told] == ["c ", "c "]


def test_a_name_of_many_characters_does_not_drown_the_sentence():
    name = "x" * 500
    result = lecture()
    servers = {name: result.servers["serial"], "cooperative": result.servers["cooperative"]}
    comparisons = tuple(replace(one, baseline=name) for one in result.comparisons)
    first, _ = verdict(replace(result, servers=servers, comparisons=comparisons))
    assert first == (
        f"cooperative answers in 69.3 ms on average, {'x' * 59}… in 116 ms: 40 % less."
    )
