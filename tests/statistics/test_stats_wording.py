"""One and many, in every sentence that counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simsched.scenario import loads
from simsched.statistics import losses, run_length
from simsched.statistics.contender import Contender
from simsched.statistics.estimate import Estimate
from simsched.statistics.quantile import too_few
from simsched.statistics.run_length import Queue
from simsched.statistics.stability import Load
from simsched.statistics.summary import ServerSummary
from simsched.statistics.warmup import Cut
from simsched.statistics.words.numbers import change, counted, ordinal, times
from simsched.workload.offered import Station

SCENARIO = """
name: x
requests: {page: [{cpu: 5ms}]}
workload: {schedule: [{at: 0ms, request: page}]}
servers: {s: {model: serial}}
"""


def server(lost=None, cuts=(), **requests):
    estimates = {} if lost is None else {"failed_fraction": Estimate(lost)}
    return ServerSummary("s", requests, estimates, warmup=cuts)


@pytest.mark.parametrize(
    ("number", "told"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd"), (113, "113th")],
)
def test_a_place_has_its_ending(number, told):
    assert ordinal(number) == told


def test_one_has_no_s():
    assert [counted(n, "request") for n in (0, 1, 2, 2000)] == [
        "0 requests",
        "1 request",
        "2 requests",
        "2,000 requests",
    ]


@pytest.mark.parametrize(
    ("count", "probability", "reason"),
    [
        (0, 0.5, "p50 needs at least 1 completed request; there is none"),
        (1, 0.5, None),
        (1, 0.95, "p95 needs at least 100 completed requests; there is 1"),
        (99, 0.95, "p95 needs at least 100 completed requests; there are 99"),
        (100, 0.95, None),
        (4999, 0.999, "p99.9 needs at least 5,000 completed requests; there are 4,999"),
        (49, 0.1, "p10 needs at least 50 completed requests; there are 49"),
    ],
)
def test_a_quantile_with_too_few_points_is_refused(count, probability, reason):
    assert too_few(count, probability) == reason


@pytest.mark.parametrize(
    ("attempts", "requests", "start"),
    [(3, 1, "s: 1 request took 3 attempts"), (2600, 1300, "s: 1,300 requests took 2,600 attempts")],
)
def test_retries_are_counted(attempts, requests, start):
    one = replace(server(completed=requests), attempts=attempts)
    load = Load("s", Station("workers", 1.0, 0.5, 1))
    found = losses.retried(load, one)
    assert found.startswith(f"{start}; the load of 50 % counts each request once; with every ")


@pytest.mark.parametrize(
    ("requests", "start"),
    [
        (0, "s: no request arrived after the warm-up, so there are no figures"),
        (
            1,
            "s: run too short: at 50 % load, a mean wait within ±10 % needs about 11,200 requests "
            "after the warm-up, not 1",
        ),
        (
            2,
            "s: run too short: at 50 % load, a mean wait within ±10 % needs about 11,200 requests "
            "after the warm-up, not 2",
        ),
    ],
)
def test_a_run_that_is_too_short_is_counted(requests, start):
    assert run_length.warning("s", Queue(0.5), requests).startswith(start)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((0, 1), "s: 1 of 1 request was unfinished at the end of the run"),
        ((0, 4), "s: 4 of 4 requests were unfinished at the end of the run"),
        (
            (2, 1),
            "s: 1 of 3 requests was unfinished at the end of the run; response times exclude it",
        ),
        (
            (1, 2),
            "s: 2 of 3 requests were unfinished at the end of the run; response times exclude them",
        ),
    ],
)
def test_unfinished_requests_are_counted(counts, sentence):
    scenario = loads(SCENARIO)
    contender = Contender("s", scenario, scenario.servers["s"])
    one = server(completed=counts[0], unfinished=counts[1])
    assert losses.unfinished(one, [], contender.scenario.workload, contender.load) == sentence
    drowned = replace(one, estimates={"response_time_s.mean": Estimate(None)})
    assert (
        losses.unfinished(drowned, [], contender.scenario.workload, contender.load)
        == sentence.partition(";")[0]
    )


WARM = (Cut(10, 5, 0.1),)


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (server(1.0, completed=0, refused=1), "s answered none of 1 request: 1 refused"),
        (
            server(1.0, WARM, completed=0, refused=3, timed_out=2),
            "s answered none of 5 requests: 3 refused, 2 timed out",
        ),
        (
            server(1.0, WARM, completed=4, timed_out=6),
            "s answered none of the requests after the warm-up (in the whole run 6 timed out)",
        ),
        (
            server(0.25, WARM, completed=70, timed_out=30),
            "s: 25 % of the requests after the warm-up got no answer (in the whole run 30 timed "
            "out); response times are those of the others",
        ),
        (
            server(0.3, completed=70, cancelled=30),
            "s: 30 % of the requests got no answer (30 cancelled); response times are those of "
            "the others",
        ),
        (server(0.005, completed=995, refused=5), None),
    ],
)
def test_losses_are_told_of_what_they_are_of(one, sentence):
    assert losses.warning(one) == sentence


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ((1.7, 1.7, 1.7), ("1.7", "1.7", "1.7")),
        ((3.6, 3.58, 3.62), ("3.60", "3.58", "3.62")),
        ((1.03, 1.03, 1.03), ("1.03", "1.03", "1.03")),
        ((1.004, 1.001, 1.2), ("1.004", "1.001", "1.200")),
        ((1.08, 1.04, 1.12), ("1.08", "1.04", "1.12")),
        ((1.0, 1.0, 1.0), ("1.0", "1.0", "1.0")),
        ((1.0000001, 1.0000001, 1.0000001), ("1.0000001", "1.0000001", "1.0000001")),
        ((1.00153, 1.00138, 1.00171), ("1.002", "1.001", "1.002")),
    ],
)
def test_a_ratio_is_told_from_one_and_its_ends_apart(figures, told):
    assert times(*figures) == told


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ((0.5, 0.4, 0.625), ("2.0 times faster", "1.6 to 2.5")),
        ((2.0, 1.6, 2.5), ("2.0 times slower", "1.6 to 2.5")),
        ((0.04, 0.0, 0.125), ("25 times faster", "at least 8.0 times")),
        ((2.0, 1.6, float("inf")), ("2.0 times slower", "at least 1.6 times")),
        ((0.5, 0.5, 0.5), ("2.0 times faster", "")),
        ((1.02, 1.02, 1.02), ("2 % slower", "")),
        ((1.02, 1.01, 1.031), ("2 % slower", "1 to 3.1 %")),
        ((0.9, 0.85, 0.96), ("10 % faster", "4 to 15 %")),
        ((1.4, 1.2, 3.0), ("40 % slower", "20 to 200 %")),
        ((1.4, 1.2, float("inf")), ("40 % slower", "at least 20 %")),
        ((0.8, 0.0, 0.9), ("20 % faster", "at least 10 %")),
        ((1.251, 1.2481, 1.2483), ("25.1 % slower", "24.81 to 24.83 %")),
    ],
)
def test_an_interval_without_an_end_is_open(figures, told):
    assert change(*figures) == told
