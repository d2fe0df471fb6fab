"""Replications that are over before the queue has filled."""

from __future__ import annotations

import numpy as np
import pytest
from stats_traces import mm1

from simsched.scenario import loads
from simsched.statistics.appraisal import appraise
from simsched.statistics.contender import Contender
from simsched.statistics.run_length import Queue, bias, bias_warning, length_needed

OPEN = """
name: short
requests: {r: [{cpu: {exponential: 10ms}}]}
workload: {open: {rate: 80/s}, requests: 60}
servers: {s: {model: serial}}
run: {warmup: none}
"""


def first(*overrides):
    scenario = loads(OPEN, overrides=overrides)
    return Contender("s", scenario, scenario.servers["s"])


def told(contender, traces):
    return [text for text in appraise([contender], {"s": traces}).warnings if "each" in text]


@pytest.mark.parametrize(
    ("load", "skipped", "requests"),
    [(0.8, 0, 60), (0.8, 30, 30), (0.8, 0, 400), (0.9, 0, 150), (0.9, 150, 150)],
)
def test_the_mean_wait_of_short_runs_is_too_small_by_as_much(load, skipped, requests):
    runs = 4000
    rng = np.random.default_rng(7)
    steps = rng.exponential(1.0, (runs, skipped + requests)) - rng.exponential(
        1 / load, (runs, skipped + requests)
    )
    paths = np.cumsum(steps, axis=1)
    waits = paths - np.minimum(np.minimum.accumulate(paths, axis=1), 0.0)
    truth = load / (1 - load)
    means = waits[:, max(0, skipped - 1) : -1].mean(axis=1)
    error = 2 * means.std() / np.sqrt(runs) / truth
    missed = 1 - means.mean() / truth
    assert missed > 0.02
    assert bias(Queue(load), skipped, requests) == pytest.approx(missed, abs=error + missed / 4)


def test_a_run_as_long_as_is_asked_for_misses_a_twentieth():
    assert length_needed(Queue(0.8)) == 400
    assert bias(Queue(0.8), 0, 400) == pytest.approx(0.05, rel=0.001)
    assert bias(Queue(0.8), 100, 400) < 0.01


def test_queues_side_by_side_need_as_many_requests_each():
    assert length_needed(Queue(0.8, lines=4)) == 4 * length_needed(Queue(0.8))
    dealt = first(
        "servers.s.workers=4", "servers.s.dispatch=round_robin", "workload.open.rate=320/s"
    )
    assert (dealt.queue().servers, dealt.queue().lines) == (1, 4)


def test_waits_that_are_short_against_services_are_let_be():
    assert bias_warning("s", Queue(0.3), 0, 10, 1.0) is None
    assert bias(Queue(0.8, 0.0, 0.0), 0, 10) == 0.0


def test_one_replication_that_is_too_short_says_how_long_one_must_be():
    assert told(first(), [mm1(seed, 60, 0.8) for seed in range(3)]) == [
        "s: replications too short: each starts empty, so at 80 % load the mean wait of its 60 "
        "requests after the warm-up is about 26 % too small; more replications do not help; each "
        "needs at least 400 requests (5.00 s)"
    ]


def test_long_replications_and_a_single_one_are_not_warned_of():
    assert told(first(), [mm1(seed, 400, 0.8) for seed in range(3)]) == []
    assert told(first(), [mm1(1, 60, 0.8)]) == []


def test_users_who_wait_for_their_answers_are_no_queue_with_a_known_memory():
    closed = first("workload={closed: {users: 5, think: 10ms}, requests: 60}")
    assert told(closed, [mm1(seed, 60, 0.8) for seed in range(3)]) == []
