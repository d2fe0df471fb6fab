"""What is told of figures: objectives, stopping, verdicts, ranks, loads and run lengths."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from stats_traces import mm1

from simsched import experiment
from simsched.scenario import loads
from simsched.scenario.metrics import parse_metric
from simsched.scenario.model.objectives import parse_limit
from simsched.statistics import Method, compare, summarize, summarize_by
from simsched.statistics.contrast import Pair
from simsched.statistics.estimate import Estimate
from simsched.statistics.figures import MAXIMUM
from simsched.statistics.interval import power_of, sample_size, t_quantile
from simsched.statistics.junit import to_junit
from simsched.statistics.measurement import mean, refused, share
from simsched.statistics.ranking import Place, rank
from simsched.statistics.ranking import sentence as ranking_sentence
from simsched.statistics.run_length import Queue, requests_needed, rounded_up
from simsched.statistics.run_length import warning as too_short
from simsched.statistics.slo import Objective, exit_code, judge
from simsched.statistics.stability import Load
from simsched.statistics.stopping import Precision, decide
from simsched.statistics.summary import ServerSummary
from simsched.statistics.verdict import replications_to_show, sentences
from simsched.statistics.words.objectives import measured
from simsched.workload.offered import Station

MEAN = "response_time_s.mean"


def server(name, values, metric=MEAN, **more):
    """A server of which one metric was measured, by its value in each replication."""
    measured = mean(np.array(values, dtype=float))
    return ServerSummary(
        name, {}, {metric: measured.estimate(0.95)}, measurements={metric: measured}, **more
    )


def objective(text, **more):
    return Objective("fast", text, parse_limit(text), **more)


# objectives


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


# stopping

WITHIN_5 = Precision((parse_metric("response_time.mean"),), 0.05, cap=100)


def spread(count, relative):
    """Values of which half an interval is about *relative* of their mean."""
    values = np.resize([1.0, -1.0], count)
    half = mean(values).estimate(0.95).half_width
    return 1 + values * relative / half


def test_replications_are_added_until_intervals_are_narrow():
    decision = decide([server("s", spread(20, 0.04))], WITHIN_5, 20)
    assert decision.more == 0
    assert decision.sentences == (
        "20 replications give response_time.mean of every server within 5 %",
    )


def test_the_number_is_foretold_from_the_spread():
    # (0.06 / 0.05) ** 2 * 20 = 28.8
    assert decide([server("s", spread(20, 0.06))], WITHIN_5, 20).more == 9


def test_the_widest_interval_decides():
    servers = [server("a", spread(20, 0.01)), server("b", spread(20, 0.06))]
    assert decide(servers, WITHIN_5, 20).more == 9


def test_the_number_at_most_doubles_and_stays_below_the_cap():
    assert decide([server("s", spread(20, 0.5))], WITHIN_5, 20).more == 20
    assert decide([server("s", spread(80, 0.5))], WITHIN_5, 80).more == 20


def test_a_few_replications_are_never_enough():
    assert decide([server("s", spread(4, 0.001))], WITHIN_5, 4).more == 4
    assert decide([server("s", [1.0])], WITHIN_5, 1).more == 1


def test_the_cap_says_what_was_reached():
    decision = decide([server("s", spread(100, 0.08))], WITHIN_5, 100)
    assert decision.more == 0
    assert decision.sentences == (
        "response_time.mean of s is known within 8 %, not 5 %, at the cap of 100 replications",
    )


def test_what_has_no_interval_is_not_waited_for():
    gone = refused(np.array([np.nan]), "s cannot keep up")
    one = ServerSummary("s", {}, {MEAN: gone.estimate(0.95)}, measurements={MEAN: gone})
    decision = decide([one], WITHIN_5, 10)
    assert decision.more == 0
    assert decision.sentences == (
        "response_time.mean of s: more replications cannot narrow its interval: s cannot keep up",
    )


def in_tail(count, requests):
    """So many replications of so many requests each, of which the 99th percentile is asked for."""
    return summarize_by(Method(), "s", [mm1(seed, requests, 0.5) for seed in range(count)])


TAIL = Precision((parse_metric("response_time.p99"),), 0.30, cap=500)


@pytest.mark.parametrize(("count", "requests"), [(10, 20), (10, 60), (4, 200)])
def test_completed_requests_that_are_too_few_come_with_more_replications(count, requests):
    assert decide([in_tail(count, requests)], TAIL, count).more == count


def test_requests_that_stay_too_few_are_told_at_the_cap():
    for requests, reason in [
        (20, "p99 needs at least 500 completed requests; there are 200"),
        (60, "an interval for p99 needs 1,000 completed requests; there are 600"),
    ]:
        assert decide([in_tail(10, requests)], replace(TAIL, cap=10), 10).sentences == (
            f"response_time.p99 of s has no interval at the cap of 10 replications: {reason}",
        )


def test_answers_that_never_come_are_not_waited_for():
    none = summarize("s", [mm1(seed, 0, 0.5) for seed in range(10)])
    decision = decide([none], TAIL, 10)
    assert decision.more == 0
    assert decision.sentences == (
        "response_time.p99 of s: more replications cannot narrow its interval: "
        "p99 needs at least 500 completed requests; there is none",
    )


def test_a_run_whose_batches_tell_nothing_is_given_replications():
    one = summarize_by(Method(batches=True), "s", [mm1(1, 4000, 0.95)])
    assert "its batches are correlated" in one.estimates[MEAN].reason
    assert decide([one], WITHIN_5, 1).more == 1


def test_a_rule_tells_its_own_cap_beside_others_that_go_on():
    decision = decide([server("s", spread(44, 0.08))], replace(WITHIN_5, cap=20), 44)
    assert decision.sentences == (
        "response_time.mean of s is known within 8 %, not 5 %, at 44 replications, past its cap "
        "of 20",
    )


def test_what_is_the_same_of_several_servers_is_said_once():
    metrics = tuple(map(parse_metric, ("response_time.mean", "response_time.max")))
    runs = [mm1(seed, 100, 0.5) for seed in range(10)]
    servers = [replace(summarize("s", runs), server=name) for name in ("a", "b", "c")]
    (maximum, mean_time) = decide(servers, Precision(metrics, 0.001, cap=10), 10).sentences
    assert maximum == (
        "response_time.max of every server: more replications cannot narrow its interval: "
        f"{MAXIMUM}"
    )
    assert mean_time.startswith("response_time.mean of every server is known within")
    two = [*servers[:2], server("d", spread(10, 0.04))]
    two[2].measurements["response_time_s.max"] = two[2].measurements[MEAN]
    two[2].estimates["response_time_s.max"] = two[2].estimates[MEAN]
    found = decide(two, Precision(metrics, 0.05, cap=10), 10).sentences
    assert found[0].startswith("response_time.max of a and b: more replications cannot narrow")


def test_only_the_servers_whose_figures_are_told_are_named():
    gone = refused(np.array([np.nan]), "over cannot keep up")
    over = server("over", spread(20, 0.04), "throughput_per_s")
    over.measurements[MEAN], over.estimates[MEAN] = gone, gone.estimate(0.95)
    under, other = server("under", spread(20, 0.04)), server("other", spread(20, 0.04))
    for one in (under, other):
        one.measurements["throughput_per_s"] = over.measurements["throughput_per_s"]
        one.estimates["throughput_per_s"] = over.estimates["throughput_per_s"]
    both = Precision((parse_metric("response_time.mean"), parse_metric("throughput")), 0.05)
    assert decide([under, over, other], both, 20).sentences == (
        "response_time.mean of over: more replications cannot narrow its interval: "
        "over cannot keep up",
        "20 replications give response_time.mean of under and other within 5 %",
        "20 replications give throughput of every server within 5 %",
    )
    assert decide([under, over], Precision(both.metrics[:1], 0.05), 20).sentences[1:] == (
        "20 replications give response_time.mean of under within 5 %",
    )


def test_a_share_of_nothing_is_not_waited_for():
    found = share(np.zeros(20), np.full(20, 300.0))
    metric = "failed_fraction"
    one = ServerSummary("s", {}, {metric: found.estimate(0.95, 0, 1)}, measurements={metric: found})
    decision = decide([one], Precision((parse_metric(metric),), 0.05), 20)
    assert decision.more == 0
    assert decision.sentences == (
        "failed_fraction of s: more replications cannot narrow its interval: it is 0 in all "
        "replications, so that no interval can be narrow relative to it",
    )


def test_a_maximum_is_not_waited_for():
    run = summarize("s", [mm1(1, 100, 0.5), mm1(2, 100, 0.5)])
    decision = decide([run], Precision((parse_metric("response_time.max"),), 0.05), 10)
    assert decision.sentences == (
        f"response_time.max of s: more replications cannot narrow its interval: {MAXIMUM}",
    )


# verdicts


def verdict(ours, theirs, **more):
    baseline, other = server("flask", theirs), server("quart", ours, **more)
    return sentences(baseline, [other], compare(baseline, [other]))


def test_a_manager_reads_how_many_times_faster():
    assert verdict([0.10, 0.11, 0.12], [0.31, 0.36, 0.39]) == (
        "quart's mean response time is shorter than flask's: 110 ms against 353 ms "
        "(3.2 times faster, 95 % interval 2.9 to 3.4)",
    )


def test_a_narrow_interval_is_told_in_more_digits():
    noise = np.resize([0.999, 1.001], 10)
    assert verdict(0.1 * noise, 0.17 * noise[::-1]) == (
        "quart's mean response time is shorter than flask's: 100 ms against 170 ms "
        "(1.700 times faster, 95 % interval 1.697 to 1.703)",
    )


def test_a_manager_reads_how_many_times_slower():
    assert verdict([0.31, 0.36, 0.39], [0.10, 0.11, 0.12]) == (
        "quart's mean response time is longer than flask's: 353 ms against 110 ms "
        "(3.2 times slower, 95 % interval 2.9 to 3.4)",
    )


def test_a_manager_reads_what_would_show_a_difference():
    assert verdict([0.10, 0.11, 0.12, 0.09], [0.11, 0.10, 0.11, 0.10]) == (
        "quart and flask: no measurable difference in mean response time (95 % confidence); "
        "about 40 replications would show a difference of 5 %",
    )


def test_a_manager_reads_that_a_difference_would_have_shown():
    ours = np.resize([0.100, 0.104], 20)
    assert verdict(ours, np.resize([0.104, 0.100, 0.1], 20)) == (
        "quart and flask: no measurable difference in mean response time (95 % confidence); "
        "a difference of 5 % would probably have shown",
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "shown"),
    [
        ([0.0997, 0.0999], 0.1002, "99.8 ms and 100 ms (95 % interval 0.35 to 0.45 % less)"),
        ([0.1, 0.1005], 0.1002, "100.3 ms and 100.2 ms (95 % interval 0.069 % less to 0.17 % m"),
    ],
)
def test_a_manager_reads_that_a_difference_below_one_percent_is_none(ours, theirs, shown):
    noise = np.resize([0.9999, 1.0, 1.0001], 20)
    (found,) = verdict(np.resize(ours, 20), theirs * noise)
    assert found.startswith("quart and flask have about the same mean response time: ")
    assert shown in found


def test_a_difference_that_may_be_above_one_percent_is_one():
    noise = np.resize([0.996, 1.004], 20)
    (found,) = verdict(0.1 * noise, 0.10085 * noise[::-1])
    assert "quart's mean response time is shorter than flask's" in found


def test_one_run_is_told_as_one_run():
    assert verdict([0.10], [0.25]) == (
        "quart's mean response time is shorter than flask's in this run: 100 ms against 250 ms "
        "(2.5 times faster)",
    )


def one_run(name, seed, speed=1.0):
    """A server in one long run, whose batches stand in for replications."""
    return summarize_by(Method(batches=True), name, [mm1(seed, 4000, 0.5, speed=speed)])


def test_one_long_run_is_advised_to_be_longer():
    flask, quart = one_run("flask", 1), one_run("quart", 2)
    (found,) = sentences(flask, [quart], compare(flask, [quart]))
    assert found == (
        "quart and flask: no measurable difference in mean response time (95 % confidence); "
        "a run about 19 times as long would show a difference of 5 %"
    )
    (alike,) = sentences(flask, [flask], compare(flask, [flask]))
    assert alike.startswith("flask and flask have the same mean response time in this run: ")


def test_servers_that_never_differ_answer_alike():
    assert verdict([0.1, 0.2], [0.1, 0.2]) == (
        "quart and flask have the same mean response time in every replication: 150 ms",
    )


def test_a_server_that_cannot_keep_up_is_told_first():
    baseline = server("flask", [0.1, 0.2], unstable="flask cannot keep up")
    other = server("quart", [0.1, 0.2])
    assert sentences(baseline, [other], compare(baseline, [other])) == (
        "quart keeps up with the load, flask cannot",
    )
    both = server("quart", [0.1, 0.2], unstable="quart cannot keep up")
    assert sentences(baseline, [both], compare(baseline, [both])) == (
        "neither quart nor flask can keep up with the load",
    )


def test_servers_that_answer_alike_in_one_run_are_told_as_such():
    assert verdict([0.1], [0.1]) == (
        "quart's mean response time equals flask's in this run: 100 ms",
    )


def test_servers_without_answers_cannot_be_compared():
    gone = refused(np.array([np.nan]), "no request was completed")
    none = ServerSummary("flask", {}, {MEAN: gone.estimate(0.95)}, measurements={MEAN: gone})
    other = server("quart", [0.1])
    assert sentences(none, [other], compare(none, [other])) == (
        "quart and flask cannot be compared: no request was completed",
    )


def test_one_replication_does_not_tell_how_many_are_needed():
    assert replications_to_show(Pair(mean(np.ones(1)), mean(np.ones(1))), 0.05, 0.95) is None


@pytest.mark.parametrize("spread", [0.2, 0.08, 0.05, 0.03])
def test_replications_to_show_a_difference_are_enough_in_four_of_five(spread):
    noise = np.resize([spread, -spread], 4000)
    pair = Pair(mean(1 + noise), mean(np.ones(4000)))
    count = replications_to_show(pair, 0.05, 0.95)
    assert shown(spread, count) >= 0.8 - 0.015
    assert shown(spread, count - 1) < 0.8 + 0.015


def shown(spread, count):
    """Return how often so many replications show a difference of 0.05; 0.006 is its error."""
    trials = np.random.default_rng(1).normal(0.05, spread, (4000, count))
    errors = trials.std(axis=1, ddof=1) / np.sqrt(count)
    return np.mean(np.abs(trials.mean(axis=1)) > t_quantile(0.975, count - 1) * errors)


@pytest.mark.parametrize(
    ("count", "power"), [(3, 0.35), (4, 0.48), (6, 0.61), (10, 0.70), (1000, 0.80)]
)
def test_what_the_normal_distribution_asks_for_is_too_few(count, power):
    effect = (1.959964 + 0.841621) / math.sqrt(count)
    assert power_of(effect, count) == pytest.approx(power, abs=0.006)


def test_a_difference_beyond_doubt_needs_two_replications():
    assert sample_size(1000.0, 0.8) == 2


# ranking


def test_servers_are_ranked_as_far_as_they_can_be_told_apart():
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 0.01, 12)
    places = rank(
        [
            server("slow", 3 + noise),
            server("quick", 1 + rng.normal(0, 0.01, 12)),
            server("alike", 1 + rng.normal(0, 0.01, 12)),
            server("stuck", np.full(12, np.nan)),
        ]
    )
    assert {place.server: (place.best, place.worst) for place in places} == {
        "quick": (1, 2),
        "alike": (1, 2),
        "slow": (3, 3),
        "stuck": (4, 4),
    }
    assert [place.server for place in places][2:] == ["slow", "stuck"]


def test_a_rank_must_stand_among_all_pairs():
    swing = np.resize([1.0, -1.0], 10)
    quick, slow = server("quick", np.ones(10)), server("slow", 1.008 + 0.01 * swing)
    between = server("between", 1.004 + 0.1 * swing)
    assert Pair(slow.measurements[MEAN], quick.measurements[MEAN]).p_value < 0.05
    assert [(one.best, one.worst) for one in rank([quick, slow])] == [(1, 1), (2, 2)]
    assert [(one.best, one.worst) for one in rank([quick, slow, between])] == [(1, 3)] * 3


def test_a_ranking_is_a_sentence_for_three_servers_or_more():
    places = (Place("a", 1, 2), Place("b", 1, 2), Place("c", 3, 3))
    assert (
        ranking_sentence(places)
        == "From fastest to slowest: a (1st to 2nd), b (1st to 2nd), c (3rd)"
    )
    assert ranking_sentence(places[:2]) is None


# load


def test_a_server_that_cannot_keep_up_says_how_its_queue_grows():
    load = Load("serial", Station("workers", 80.0, 0.076, 2))
    assert not load.stable
    assert load.growth_per_s == pytest.approx(80 - 2 / 0.076)
    assert load.unstable_warning() == (
        "serial cannot keep up: 80.0 requests a second need 304 % of its workers; its queue "
        "grows by 53.7 requests a second, and it would be stable below 26.3/s"
    )


def test_a_load_of_one_is_too_much():
    assert Load("serial", Station("loops", 100.0, 0.01, 1)).unstable_warning() == (
        "serial cannot keep up: 100 requests a second need 100 % of its loops; its queue grows "
        "without bound, if slowly, where anything varies, and it would be stable below 100/s"
    )


def test_a_load_of_one_can_be_served_where_nothing_varies():
    station = Station("loops", 100.0, 0.01, 1)
    assert Load("serial", station, certain=True).unstable_warning() is None
    assert Load("serial", station, certain=True).keeps_up
    above = Load("serial", Station("loops", 100.0, 0.0101, 1), certain=True)
    assert not above.stable
    assert "; its queue grows by 0.990 requests a second, and" in above.unstable_warning()


def test_a_server_that_keeps_up_needs_no_words():
    load = Load("serial", Station("workers", 80.0, 0.01, 1))
    assert load.stable
    assert load.growth_per_s == 0
    assert load.unstable_warning() is None


# run length


def test_mm1_at_load_nine_tenths_needs_170_000_requests_for_ten_per_cent():
    assert requests_needed(Queue(0.9)) == pytest.approx(170_000, rel=0.005)


def test_a_run_too_short_for_its_load_says_what_it_needs():
    queue = Queue(0.9)
    assert too_short("serial", queue, 171_000) is None
    assert too_short("serial", queue, 169_000) == (
        "serial: run too short: at 90 % load, a mean wait within ±10 % needs about 171,000 "
        "requests after the warm-up, not 169,000"
    )


def test_the_number_that_is_needed_is_never_told_as_one_that_is_too_few():
    assert requests_needed(Queue(0.903)) == 180_387
    assert too_short("s", Queue(0.903), 180_000) == (
        "s: run too short: at 90 % load, a mean wait within ±10 % needs about 181,000 requests "
        "after the warm-up, not 180,000"
    )
    assert [rounded_up(each) for each in (1, 99, 100, 101, 150_400)] == [1, 99, 100, 101, 151_000]


def test_more_load_and_more_variability_need_more_requests():
    assert requests_needed(Queue(0.95)) > 3.5 * requests_needed(Queue(0.9))
    assert requests_needed(Queue(0.9, 1, 9)) == pytest.approx(
        5 * requests_needed(Queue(0.9)), rel=0.01
    )
    assert requests_needed(Queue(0.2)) < 3000


def test_the_foretold_number_gives_the_precision():
    # at load 0.7: the mean wait over as many requests as are asked for, in 300 runs
    needed = requests_needed(Queue(0.7))
    waits = []
    for seed in range(300):
        run = mm1(seed, needed + 2000, 0.7, service_s=1.0)
        waits.append(run.queue_ns[2000:].mean() / 1e9)
    true = 0.7 / 0.3
    assert 1.96 * np.std(waits) / true == pytest.approx(0.10, rel=0.15)


def test_replications_that_hardly_agree_give_a_ratio_no_interval():
    found = Pair(mean(np.array([1.0, 1e9])), mean(np.array([1e9, 1.0]))).ratio(0.999)
    assert (found.value, found.low, found.high) == (1.0, None, None)
    assert found.reason == (
        "the replications are too few, or too different, for an interval of the ratio"
    )


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
