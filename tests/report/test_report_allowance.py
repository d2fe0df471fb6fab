from __future__ import annotations

from pathlib import Path

import pytest

from simsched.report import stored
from simsched.report.html.answer import objectives
from simsched.report.html.limits import objectives_of
from simsched.statistics.allowance import judge, parse_allowance
from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import Comparison

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture
def runs(simsched, tmp_path):
    """Return two workers, and then one."""
    for name, workers in (("two", 2), ("one", 1)):
        override = ("--set", f"servers.serial.workers={workers}")
        simsched("run", SCENARIOS / "lecture.yaml", *override, "--out", name, "--plotlyjs", "cdn")
    return [next((tmp_path / name / "lecture").iterdir()) for name in ("two", "one")]


def test_a_change_that_is_too_much_sets_the_exit_code_and_junit(simsched, runs, tmp_path):
    wanted = ("--fail-on", "response_time.mean +5%", "--fail-on", "throughput -50%")
    outcome = simsched("compare", *runs, *wanted, "--junit", "found.xml")
    assert outcome.code == 3
    said = " ".join(outcome.out.split())
    assert (
        "FAIL: second/serial misses 'response_time.mean +5%': it is 76 % more than first/serial's"
        in said
    )
    assert (
        "PASS: second/cooperative keeps 'response_time.mean +5%': it is that of first/cooperative"
        in said
    )
    assert "PASS: second/serial keeps 'throughput -50%': it is 43 % less than" in said
    assert 'failures="1"' in (tmp_path / "found.xml").read_text(encoding="utf-8")
    assert simsched("compare", *runs, "--fail-on", "response_time.mean +80%").code == 0


def test_the_page_shows_a_change_as_a_change_and_not_as_a_limit_of_the_metric(runs):
    earlier, later = map(stored.read, runs)
    few = [parse_allowance(text) for text in ("response_time.mean +5%", "throughput -50%")]
    result = stored.join(earlier, later, few).result
    assert objectives(result).sentences == (
        "second/cooperative keeps response time, mean +5%; second/serial does not.",
        "second/serial and second/cooperative keep throughput -50%.",
    )
    assert objectives_of(result) == []
    many = [parse_allowance(f"response_time.mean +{share}%") for share in range(1, 6)]
    rows = objectives(stored.join(earlier, later, many).result).rows
    assert [row.cells[0] for row in rows] == [
        None,
        ("fail", "76 % more"),
        None,
        ("pass", "the same"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("quick", "--fail-on 'quick' is not a change; write for example 'response_time.p99 +5%'"),
        ("throughput -5", "--fail-on 'throughput -5': 5 has no %; write -5%"),
        ("slowdown +1.5", "--fail-on 'slowdown +1.5': 1.5 has no %; write +1.5%"),
        ("x +5%", "--fail-on 'x' is not a metric"),
        ("p99 +5%", "--fail-on 'p99' is not a metric; did you mean 'response_time.p99'?"),
        ("mean +5%", "--fail-on 'mean' is not a metric; did you mean 'response_time.mean'?"),
        ("throughput -5ms", "--fail-on '5ms' is not a share"),
        ("throughput -100%", "--fail-on 'throughput -100%': a metric cannot be smaller by 100 %"),
        (
            "response_time.p42 +5%",
            "--fail-on 'response_time.p42 +5%': the runs are not compared by this metric; choose "
            "another, such as response_time.mean",
        ),
    ],
)
def test_a_change_that_cannot_be_judged_is_bad_input(simsched, runs, text, message):
    outcome = simsched("compare", *runs, "--fail-on", text)
    assert outcome.code == 2
    assert outcome.err.startswith(f"simsched: {message}")


@pytest.mark.parametrize(
    ("text", "ratio", "expected"),
    [
        ("slowdown +5%", Estimate(1.1, 1.06, 1.2), "fail"),
        ("slowdown +5%", Estimate(1.1, 1.04, 1.2), "inconclusive"),
        ("slowdown +5%", Estimate(1.0, 0.9, 1.04), "pass"),
        ("slowdown +5%", Estimate(1.1), "inconclusive"),
        ("slowdown +5%", Estimate(None, reason="too few"), "inconclusive"),
        ("slowdown -5%", Estimate(0.9, 0.85, 0.94), "fail"),
        ("slowdown -5%", Estimate(2.0, 1.9, 2.1), "pass"),
    ],
)
def test_the_whole_interval_decides(text, ratio, expected):
    one = Comparison("slowdown", "b", "a", Estimate(0.0), ratio)
    (judged,) = judge([parse_allowance(text)], [one], 0.95, certain=False)
    assert judged.outcome == expected


def test_where_nothing_is_left_to_chance_the_value_decides():
    one = Comparison("slowdown", "b", "a", Estimate(0.0), Estimate(1.05))
    (judged,) = judge([parse_allowance("slowdown +5%")], [one], 0.95, certain=True)
    assert judged.outcome == "pass"


@pytest.mark.parametrize("text", ["slowdown +5%", " slowdown  + 5 % ", "slowdown +0.05"])
def test_a_change_is_read_as_it_is_written_anywhere(text):
    assert parse_allowance(text).limit.value == 1.05


NO_RATIO = Estimate(None, reason="a ratio needs two positive values")


@pytest.mark.parametrize(
    ("text", "difference", "expected", "evidence"),
    [
        ("failed_fraction +1%", Estimate(0.0, 0.0, 0.0), "pass", "it is 0, as that of a"),
        ("failed_fraction +1%", Estimate(0.1, 0.05, 0.2), "fail", "it is not 0, as that of a is"),
        ("failed_fraction +1%", Estimate(-0.1, -0.2, -0.1), "pass", "it is less than a's"),
        ("throughput -1%", Estimate(-0.1, -0.2, -0.1), "fail", "it is less than a's"),
        ("failed_fraction +1%", Estimate(0.1, -0.1, 0.3), "inconclusive", NO_RATIO.reason),
        ("failed_fraction +1%", Estimate(0.1), "inconclusive", NO_RATIO.reason),
        ("order.kendall_tau -1%", Estimate(0.1, 0.1, 0.1), "inconclusive", NO_RATIO.reason),
    ],
)
def test_where_a_figure_is_0_the_difference_decides(text, difference, expected, evidence):
    limit = parse_allowance(text)
    one = Comparison(limit.limit.metric.name, "b", "a", difference, NO_RATIO)
    (judged,) = judge([limit], [one], 0.95, certain=False)
    assert judged.outcome == expected
    assert judged.sentence.endswith(f": {evidence}")


@pytest.mark.parametrize(
    ("ratio", "evidence"),
    [
        (Estimate(1.0, 1.0, 1.0), "it is that of a in every replication"),
        (Estimate(2.5, 2.2, 3.0), "it is 2.5 times a's (95 % interval 2.2 to 3 times)"),
        (Estimate(1.2, 1.1, 1.3), "it is 20 % more than a's (95 % interval 10 to 30 % more)"),
    ],
)
def test_the_evidence_is_written_in_english(ratio, evidence):
    one = Comparison("slowdown", "b", "a", Estimate(0.0), ratio)
    (judged,) = judge([parse_allowance("slowdown +5%")], [one], 0.95, certain=False)
    assert judged.sentence.endswith(f"'slowdown +5%': {evidence}")


def test_a_server_that_is_new_is_not_held_against_another(simsched, tmp_path):
    for out, more in (("a", ()), ("b", ("--set", "servers.slow={model: serial}"))):
        first = ("--set", "servers.serial.workers=2")
        simsched("run", SCENARIOS / "lecture.yaml", *first, *more, "--out", out)
    runs = [next((tmp_path / out / "lecture").iterdir()) for out in ("a", "b")]
    outcome = simsched("compare", *runs, "--fail-on", "response_time.mean +5%")
    assert outcome.code == 0
    said = " ".join(outcome.out.split())
    assert "second/slow is not in the first run, so --fail-on leaves out what is new." in said
    assert "PASS: second/slow" not in said
    assert "leaves out" not in simsched("compare", *runs).out


def test_a_server_of_another_name_is_judged_where_it_replaces_the_only_one(simsched, tmp_path):
    text = (SCENARIOS / "lecture.yaml").read_text(encoding="utf-8")
    before, _, _ = text.partition("servers:")
    for out, server in (("a", "flask: {model: cooperative}"), ("b", "quart: {model: serial}")):
        file = tmp_path / f"{out}.yaml"
        file.write_text(f"{before}servers: {{{server}}}\n", encoding="utf-8")
        simsched("run", file, "--out", out)
    runs = [next((tmp_path / out / "lecture").iterdir()) for out in ("a", "b")]
    assert simsched("compare", *runs, "--fail-on", "response_time.mean +5%").code == 3
