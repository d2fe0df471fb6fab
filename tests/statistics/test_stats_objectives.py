"""Objectives are kept, missed or left open by the interval, and exit codes and JUnit say so."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from stats_servers import MEAN, server
from stats_traces import mm1

from simsched import experiment
from simsched.scenario import loads
from simsched.scenario.model.objectives import parse_limit
from simsched.statistics import Method, summarize, summarize_by
from simsched.statistics.estimate import Estimate
from simsched.statistics.junit import to_junit
from simsched.statistics.slo import Objective, exit_code, judge
from simsched.statistics.words.objectives import measured


def objective(text, **more):
    return Objective("fast", text, parse_limit(text), **more)


@pytest.mark.parametrize(
    ("values", "text", "outcome", "sentence"),
    [
        (
            [0.40, 0.41, 0.42],
            "response_time.mean < 500ms",
            "pass",
            "s keeps fast (response_time.mean < 500ms): it is 410 ms "
            "(95 % interval 385 ms to 435 ms)",
        ),
        (
            [0.60, 0.61, 0.62],
            "response_time.mean < 500ms",
            "fail",
            "s misses fast (response_time.mean < 500ms): it is 610 ms "
            "(95 % interval 585 ms to 635 ms)",
        ),
        (
            [0.40, 0.50, 0.60],
            "response_time.mean < 500ms",
            "inconclusive",
            "s may keep or miss fast (response_time.mean < 500ms): it is 500 ms "
            "(95 % interval 252 ms to 748 ms)",
        ),
        (
            [0.40],
            "response_time.mean < 500ms",
            "inconclusive",
            "s may keep or miss fast (response_time.mean < 500ms): it is 400 ms (one replication "
            "has no interval; ask for more replications)",
        ),
    ],
)
def test_an_objective_is_judged_by_the_interval(values, text, outcome, sentence):
    (found,) = judge([objective(text)], [server("s", values)])
    assert (found.outcome, found.sentence) == (outcome, sentence)


def test_limits_from_below_are_judged_the_other_way():
    one = server("s", [79, 80, 81], "throughput_per_s")
    outcomes = [
        judge([objective(f"throughput {limit}/s")], [one])[0].outcome
        for limit in ("> 70", "> 80", "> 90")
    ]
    assert outcomes == ["pass", "inconclusive", "fail"]


def test_without_chance_a_value_needs_no_interval():
    (found,) = judge([objective("response_time.mean < 500ms")], [server("s", [0.4])], certain=True)
    assert found.outcome == "pass"


def test_a_maximum_proves_what_it_exceeds_and_nothing_else():
    run = summarize("s", [mm1(1, 100, 0.5), mm1(2, 100, 0.5)])
    outcomes = [
        judge([objective(f"response_time.max {limit}")], [run])[0].outcome
        for limit in ("< 1ms", "< 100s", "> 1ms", "> 100s")
    ]
    assert outcomes == ["fail", "inconclusive", "pass", "inconclusive"]


def test_a_server_that_cannot_keep_up_misses_any_limit_on_its_delays():
    method = Method(unstable="s cannot keep up")
    run = summarize_by(method, "s", [mm1(1, 500, 1.5), mm1(2, 500, 1.5)])
    (found,) = judge([objective("response_time.p95 < 1h")], [run])
    assert found.outcome == "fail"
    assert found.sentence == "s misses fast (response_time.p95 < 1h): s cannot keep up"
    assert run.estimates["throughput_per_s"].value is not None
    assert run.estimates["response_time_s.max"].value is not None
    assert run.estimates[MEAN].value is None
    assert run.estimates["slowdown"].reason == "s cannot keep up"
    assert run.time_spent == {}


def test_a_refused_quantile_is_inconclusive_for_its_reason():
    run = summarize("s", [mm1(1, 100, 0.5), mm1(2, 100, 0.5)])
    (found,) = judge([objective("response_time.p99 < 1s")], [run])
    assert found.sentence == (
        "s may keep or miss fast (response_time.p99 < 1s): "
        "p99 needs at least 500 completed requests; there are 200"
    )


CERTAIN = """
name: certain
requests: {{r: [{{cpu: {cpu}}}]}}
workload: {{open: {{rate: 10/s, arrivals: constant}}, duration: 10s}}
servers: {{s: {{model: serial}}}}
run: {{replications: {replications}}}
slo: {{p99: response_time.p99 {limit}, mean: response_time.mean < 200ms}}
"""


@pytest.mark.parametrize("replications", [1, 5, 6])
@pytest.mark.parametrize(("limit", "outcome"), [("< 10ms", "fail"), ("<= 10ms", "pass")])
def test_a_quantile_needs_no_copies_of_a_run_that_leaves_nothing_to_chance(
    replications, limit, outcome
):
    text = CERTAIN.format(cpu="10ms", replications=replications, limit=limit)
    quantile, _ = experiment.run([loads(text)]).judgements
    assert quantile.outcome == outcome
    assert ": it is 10.0 ms" in quantile.sentence


def test_exactly_as_much_as_can_be_done_is_done_where_nothing_varies():
    text = CERTAIN.format(cpu="100ms", replications=1, limit="<= 100ms")
    (quantile, mean) = experiment.run([loads(text)]).judgements
    assert quantile.sentence == "s keeps p99 (response_time.p99 <= 100ms): it is 100 ms"
    assert mean.sentence == "s keeps mean (response_time.mean < 200ms): it is 100 ms"


def test_who_cannot_keep_up_is_told_no_quantile_where_nothing_varies():
    text = CERTAIN.format(cpu="150ms", replications=1, limit="< 1h")
    (quantile, _) = experiment.run([loads(text)]).judgements
    assert quantile.outcome == "fail"
    assert "s cannot keep up: 10.0 requests a second need 150 % of its" in quantile.sentence


def test_an_objective_may_be_of_some_servers_only():
    servers = [server("a", [1, 1]), server("b", [1, 1])]
    found = judge([objective("response_time.mean < 1s", servers=("b",))], servers)
    assert [one.server for one in found] == ["b"]


def outcomes(*limits):
    return judge(
        [objective(f"response_time.mean < {limit}") for limit in limits],
        [server("s", [0.4, 0.5, 0.6])],
    )


@pytest.mark.parametrize(
    ("limits", "strict", "code"),
    [
        (["9s"], True, 0),
        (["9s", "500ms"], False, 0),
        (["9s", "500ms"], True, 4),
        (["1ms", "500ms"], False, 3),
        (["1ms", "500ms"], True, 3),
        ([], True, 0),
    ],
)
def test_the_exit_code_tells_a_miss_and_if_strict_a_doubt(limits, strict, code):
    assert exit_code(outcomes(*limits), strict) == code


def test_junit_xml_has_a_case_for_each_objective_and_server():
    text = to_junit("a <b>", outcomes("9s", "1ms", "500ms"))
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites tests="3"')
    suite = ET.fromstring(text).find("testsuite")  # noqa: S314  (our own text)
    counts = {"tests": "3", "failures": "1", "errors": "0", "skipped": "1"}
    assert suite.attrib == {"name": "a <b>", **counts}
    cases = suite.findall("testcase")
    assert [case.attrib for case in cases] == [{"classname": "s", "name": "fast"}] * 3
    assert [[part.tag for part in case] for case in cases] == [
        ["system-out"],
        ["failure"],
        ["skipped"],
    ]
    assert cases[1].find("failure").attrib["message"].startswith("s misses fast (")


def test_junit_xml_fails_what_the_exit_code_does():
    cases = ["9s", "1ms", "500ms"]
    for strict, failed in ((False, [0, 1, 0]), (True, [0, 1, 1])):
        root = ET.fromstring(to_junit("a", outcomes(*cases), strict=strict))  # noqa: S314  (our own text)
        assert [len(case.findall("failure")) for case in root.iter("testcase")] == failed
        assert [bool(exit_code(outcomes(each), strict)) for each in cases] == list(
            map(bool, failed)
        )


def test_junit_xml_survives_characters_that_xml_cannot_hold():
    ET.fromstring(to_junit("a\x00b\x1b", outcomes("9s")))  # noqa: S314  (our own text)


@pytest.mark.parametrize(
    ("value", "limit", "evidence"),
    [
        (4_141_800.0, "response_time.mean < 4141000s", "it is 4141800 s throughout"),
        (4_141_800.0, "response_time.mean < 4141700s", "it is 4141800 s throughout"),
        (0.1014, "response_time.mean < 101.2ms", "it is 101.4 ms throughout"),
        (0.1014, "response_time.mean < 101.4ms", "it is 101.4 ms throughout"),
        (0.1014, "response_time.mean < 300ms", "it is 101 ms throughout"),
        (0.99951, "failed_fraction > 99.96%", "it is 99.95 % throughout"),
    ],
)
def test_a_figure_is_shown_on_the_side_of_its_limit_that_it_is_on(value, limit, evidence):
    assert measured(parse_limit(limit), Estimate(value, value, value), 0.95) == evidence
