"""What a verdict says of two servers, and a ranking of several."""

from __future__ import annotations

import math

import numpy as np
import pytest
from stats_servers import MEAN, server
from stats_traces import mm1

from simsched.statistics import Method, compare, summarize_by
from simsched.statistics.contrast import Pair
from simsched.statistics.interval import power_of, sample_size, t_quantile
from simsched.statistics.measurement import mean, refused
from simsched.statistics.ranking import Place, are_equal, rank
from simsched.statistics.ranking import sentence as ranking_sentence
from simsched.statistics.summary import ServerSummary
from simsched.statistics.verdict import replications_to_show, sentences

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


def test_servers_are_equal_in_practice_only_where_the_evidence_says_so():
    swing = np.resize([1.0, -1.0], 10)
    near = [server(name, mean + 0.002 * swing) for name, mean in (("a", 1.0), ("b", 1.001))]
    assert are_equal(near)
    assert not are_equal([*near, server("c", 1.0 + 0.1 * swing[::-1])])
    assert not are_equal([*near, server("d", 1.02 + 0.002 * swing)])
    places = (Place("a", 1, 2), Place("b", 1, 2), Place("c", 3, 3))
    assert ranking_sentence(places, (), lambda names: list(names) == ["a", "b"]) == (
        "From fastest to slowest: a and b (equal in practice, 1st to 2nd), c (3rd)"
    )
    alike = tuple(Place(name, 1, 3) for name in "abc")
    assert ranking_sentence(alike) is None
    assert ranking_sentence(alike, (), lambda _: True) == (
        "From fastest to slowest: a, b and c (equal in practice, 1st to 3rd)"
    )
