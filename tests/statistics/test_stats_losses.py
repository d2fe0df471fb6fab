"""Requests that got no answer: what is told of them, and what is not told of the others."""

from __future__ import annotations

import numpy as np
import pytest

from simsched.scenario.model.objectives import parse_limit
from simsched.statistics import compare, losses
from simsched.statistics.measurement import mean
from simsched.statistics.ranking import Place, best, rank, sentence
from simsched.statistics.slo import Objective, judge
from simsched.statistics.summary import ServerSummary
from simsched.statistics.verdict import sentences


def server(name, values, lost, metric="response_time_s.mean", **requests):
    """A server that loses a share of its requests, by its response time in each replication."""
    measured = {
        metric: mean(np.array(values, dtype=float)),
        "failed_fraction": mean(np.full(len(values), float(lost))),
    }
    estimates = {name: one.estimate(0.95) for name, one in measured.items()}
    return ServerSummary(name, requests, estimates, measurements=measured)


def judged(text, one):
    (found,) = judge([Objective("fast", text, parse_limit(text))], [one])
    return found.outcome, found.sentence.partition(": ")[2]


def test_a_share_that_changes_little_is_not_worth_a_word():
    few = server("s", [1, 2], 0.01, completed=99, refused=1)
    assert losses.warning(few) is None
    assert losses.comparison(few, few) is None


def test_lost_requests_are_told_by_what_became_of_them():
    lossy = server("s", [1, 2], 0.85, completed=1500, refused=8000, timed_out=500)
    assert losses.warning(lossy) == (
        "s: 85 % of the requests got no answer (8,000 refused, 500 timed out); "
        "response times are those of the others"
    )


def test_a_server_that_answers_nobody_is_told_so():
    silent = server("s", [1, 2], 1.0, completed=0, timed_out=601)
    assert losses.warning(silent) == "s answered none of 601 requests: 601 timed out"


QUICK = [0.010, 0.011, 0.012]


def test_quick_answers_to_a_few_do_not_keep_an_objective():
    outcome, evidence = judged("response_time.mean < 20ms", server("s", QUICK, 0.3))
    assert outcome == "inconclusive"
    assert evidence == (
        "it is 11.0 ms (95 % interval 8.52 ms to 13.5 ms), but 30 % of the requests got no answer"
    )


@pytest.mark.parametrize(
    ("lost", "outcome"), [(0.0, "pass"), (0.04, "inconclusive"), (0.05, "fail")]
)
def test_an_unanswered_request_is_later_than_any_quantile_allows(lost, outcome):
    one = server("s", QUICK, lost, metric="response_time_s.p95")
    assert judged("response_time.p95 < 20ms", one)[0] == outcome


def test_a_server_that_answers_nobody_misses_every_limit_on_delay():
    outcome, evidence = judged("response_time.mean < 20ms", server("s", QUICK, 1.0))
    assert outcome == "fail"
    assert evidence.endswith(", and 100 % of the requests got no answer")


def test_a_limit_that_is_not_on_delay_is_judged_as_ever():
    one = server("s", [5, 6, 7], 0.5, metric="throughput_per_s")
    assert judged("throughput > 1/s", one)[0] == "pass"


def test_who_answers_how_many_comes_before_how_soon():
    whole, lossy = server("a", [0.04, 0.041, 0.04], 0), server("b", [0.01, 0.011, 0.01], 0.8)
    (told,) = sentences(whole, [lossy], compare(whole, [lossy]))
    assert told.startswith(
        "b answers 20 % of its requests, a 100 %; of the answered requests, b's mean response "
        "time is a quarter of a's: 10.3 ms against 40.3 ms (3.9 times faster"
    )


def test_of_two_that_answer_nobody_nothing_is_compared():
    one, other = server("a", QUICK, 1), server("b", QUICK, 1)
    assert losses.comparison(one, other) == "neither b nor a answers any request"


def test_a_server_that_loses_many_is_ranked_last():
    servers = [server("lossy", QUICK, 0.5), server("slow", [0.04, 0.05, 0.04], 0)]
    assert rank(servers) == (Place("slow", 1, 1), Place("lossy", 2, 2))


@pytest.mark.parametrize(
    ("servers", "found"),
    [
        ([server("lossy", QUICK, 0.5), server("slow", [0.04, 0.05, 0.04], 0)], None),
        ([server("quick", QUICK, 0), server("lossy", [0.04, 0.05, 0.04], 0.5)], "quick"),
        ([server("lossy", QUICK, 0.5), server("lost", QUICK, 0.7)], None),
        ([server("quick", QUICK, 0), server("slow", [0.04, 0.05, 0.04], 0)], "quick"),
        ([server("quick", QUICK, 0), server("unsure", [0.01, 0.09, 0.03], 0)], None),
        ([server("quick", QUICK, 0), server("lossy", [0.01, 0.09, 0.03], 0.5)], None),
        ([server("quick", QUICK, 0)], None),
    ],
)
def test_the_best_is_first_of_the_ranking_and_has_the_best_figure(servers, found):
    assert best(servers, "response_time_s.mean", higher=False) == found


@pytest.mark.parametrize(
    ("metric", "rival", "found"),
    [
        ("response_time_s.mean", 0.02, "one"),
        ("response_time_s.mean", 0.01005, "one"),
        ("response_time_s.mean", 0.01, None),
        ("response_time_s.p99", 0.02, "one"),
        ("response_time_s.p99", 0.01005, None),
    ],
)
def test_of_single_runs_without_chance_the_figures_decide_and_a_hair_only_in_what_is_ranked(
    metric, rival, found
):
    servers = [server("one", [0.01], 0, metric=metric), server("other", [rival], 0, metric=metric)]
    assert best(servers, metric, higher=False, certain=True) == found


def test_of_single_runs_by_chance_none_is_best():
    servers = [server("one", [0.01], 0), server("other", [0.02], 0)]
    assert best(servers, "response_time_s.mean", higher=False) is None


def test_a_difference_that_is_sure_but_hardly_one_makes_no_best():
    noise = np.array([0.0, 0.1, 0.2])
    slow, quick = (
        server(name, base + noise, 0, metric="throughput_per_s")
        for name, base in (("slow", 50.0), ("quick", 50.1))
    )
    assert best([slow, quick], "throughput_per_s", higher=True) is None


def test_the_most_may_be_the_best():
    few, many = (
        server(name, rates, 0.5, metric="throughput_per_s")
        for name, rates in (("few", [5, 6, 5]), ("many", [50, 60, 50]))
    )
    assert best([few, many], "throughput_per_s", higher=True) == "many"


def test_a_ranking_that_tells_nothing_is_not_told():
    assert sentence([Place(name, 1, 3) for name in "abc"]) is None


def test_who_answers_nobody_has_no_place_among_those_who_answer():
    places = (Place("new", 1, 1), Place("old", 2, 3), Place("naive", 2, 3))
    assert sentence(places, {"naive"}) == (
        "From fastest to slowest: new (1st), old (2nd); naive answers no request"
    )
    assert sentence(places, {"naive", "old"}) is None
    assert (
        sentence(places)
        == "From fastest to slowest: new (1st), old (2nd to 3rd), naive (2nd to 3rd)"
    )


def test_single_runs_that_differ_by_rounding_alone_have_no_best():
    three, four = (server(name, [mean], 0.0) for name, mean in (("a", 0.3 / 3), ("b", 0.4 / 4)))
    assert best([three, four], "response_time_s.mean", higher=False, certain=True) is None
