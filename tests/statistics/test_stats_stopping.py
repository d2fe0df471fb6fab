"""Replications are added until intervals are narrow enough, or the cap is reached."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stats_servers import MEAN, server
from stats_traces import mm1

from simsched.scenario.metrics import parse_metric
from simsched.statistics import Method, summarize, summarize_by
from simsched.statistics.figures import MAXIMUM
from simsched.statistics.measurement import mean, refused, share
from simsched.statistics.stopping import Precision, decide
from simsched.statistics.summary import ServerSummary

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
