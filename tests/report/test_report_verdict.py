from __future__ import annotations

from dataclasses import replace

import pytest
from report_results import lecture, load

from simsched.report.verdict import verdict
from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import Comparison
from simsched.statistics.words.numbers import percent, relative


def throughput(difference: Estimate, ratio: Estimate) -> tuple[str, ...]:
    """Return what is said of the throughput of two servers that differ so."""
    one = Comparison("throughput_per_s", "cooperative", "serial", difference, ratio)
    return verdict(replace(lecture(), comparisons=(one,), verdicts=())).details


def test_the_lecture_is_summed_up_in_two_sentences():
    said = verdict(lecture())
    assert said.headlines == (
        "cooperative's mean response time is shorter than serial's in this run: 69.3 ms against "
        "116 ms (1.7 times faster).",
    )
    assert said.details == ("cooperative completes 27.8/s, serial 16.3/s: 70 % more.",)


def test_an_interval_comes_with_the_sentence():
    (mean,), (rate,) = verdict(load()).headlines, verdict(load()).details
    assert "times faster, 95 % interval 9.3 to 10)." in mean
    assert rate.endswith("2.8 % more (95 % interval 2.3 % less to 7.9 % more).")


@pytest.mark.parametrize(
    ("difference", "ratio"),
    [
        (Estimate(-0.01, -0.05, 0.03), Estimate(0.9, 0.7, 1.2)),
        (Estimate(0.05, 0.04, 0.06), Estimate(1.004, 1.003, 1.005)),
        (Estimate(0.0), Estimate(1.0)),
        (Estimate(None), Estimate(None)),
        (Estimate(0.5), Estimate(None)),
    ],
)
def test_throughputs_that_hardly_differ_are_left_to_the_table(difference, ratio):
    assert throughput(difference, ratio) == ()


def test_a_throughput_that_differs_alike_everywhere_has_no_interval():
    same = Estimate(11.5, 11.5, 11.5), Estimate(1.7, 1.7, 1.7)
    assert throughput(*same) == ("cooperative completes 27.8/s, serial 16.3/s: 70 % more.",)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.95, "95 %"),
        (0.025, "2.5 %"),
        (1.0, "100 %"),
        (0.0001234, "0.0123 %"),
        (0.9995, "99.95 %"),
    ],
)
def test_percent_has_a_space_and_at_most_three_digits(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.6, 0.6, "40 % less"),
        (1.7, 1.7, "70 % more"),
        (1.0284, 1.0284, "2.8 % more"),
        (2.345, 2.345, "2.35 times"),
        (0.6, 0.7, "30 to 40 % less"),
        (1.1, 1.2, "10 to 20 % more"),
        (0.9, 1.1, "10 % less to 10 % more"),
        (1.5, 3.0, "50 % more to 3 times"),
        (2.5, 3.0, "2.5 to 3 times"),
        (0.1972, 0.2031, "79.7 to 80.3 % less"),
        (0.2, 0.2, "80 % less"),
        (0.24999999, 0.25000001, "75 % less"),
        (1.29120001, 1.29120003, "29 % more"),
        (3.0004, 3.0011, "3 to 3.001 times"),
    ],
)
def test_a_ratio_or_its_interval_is_in_percent_up_to_twice_and_says_its_direction_once(
    low, high, words
):
    assert relative(low, high) == words


def test_of_many_servers_the_throughputs_are_left_to_the_table():
    result = lecture()
    one = result.servers["cooperative"]
    servers = {"serial": result.servers["serial"]} | {n: replace(one, server=n) for n in "abcd"}
    comparisons = tuple(replace(c, server=name) for name in "abcd" for c in result.comparisons)
    many = replace(result, servers=servers, comparisons=comparisons, verdicts=())
    assert verdict(many).details == ()


def test_a_name_of_many_characters_does_not_drown_the_sentence():
    name = "x" * 500
    result = lecture()
    servers = {name: result.servers["serial"], "cooperative": result.servers["cooperative"]}
    comparisons = tuple(replace(one, baseline=name) for one in result.comparisons)
    (sentence,) = verdict(replace(result, servers=servers, comparisons=comparisons)).details
    assert sentence == f"cooperative completes 27.8/s, {'x' * 59}… 16.3/s: 70 % more."
