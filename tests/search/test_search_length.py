"""Runs of a search are as long as the load needs it."""

from __future__ import annotations

import pytest
from search_runs import MM1

from simsched.experiment.search.laboratory import FEWEST, FIRST, MOST, PRECISION, planned
from simsched.scenario import loads
from simsched.statistics.contender import Contender
from simsched.statistics.run_length import Queue, requests_needed


def length(*overrides, limit="response_time.mean < 50ms", text=MM1):
    """Return after how many requests a run ends, and after what time."""
    scenario = loads(text + f"slo: {{limit: {limit}}}\n", overrides=overrides)
    one = planned(Contender("serial", scenario, scenario.servers["serial"])).scenario.workload
    return one.requests, one.duration


def test_a_light_load_needs_few_requests():
    assert length("workload.open.rate=10/s") == (FEWEST, None)


def test_ten_runs_estimate_the_mean_wait():
    assert length("workload.open.rate=80/s")[0] == -(
        -requests_needed(Queue(0.8), PRECISION) // FIRST
    )


def test_near_saturation_there_is_a_bound():
    assert length("workload.open.rate=99.5/s")[0] == MOST


def test_a_tail_needs_more():
    mean = length("workload.open.rate=80/s")[0]
    assert length("workload.open.rate=80/s", limit="response_time.p95 < 1s")[0] == mean
    assert length("workload.open.rate=80/s", limit="response_time.p99 < 1s")[0] == 4 * mean


def test_a_warm_up_that_is_given_comes_on_top():
    without = length("workload.open.rate=50/s")[0]
    assert length("workload.open.rate=50/s", "run.warmup=10s")[0] == without + 500


@pytest.mark.parametrize(("duration", "requests"), [("10s", FEWEST), ("100s", 8000)])
def test_without_a_formula_the_length_is_that_of_the_file(duration, requests):
    """Bursts are beyond the formula."""
    bursts = "workload.open.bursts={on: 1s, off: 1s}"
    text = MM1.replace("requests: 2000", f"duration: {duration}")
    assert length(bursts, text=text) == (requests, None)


def test_what_has_no_steady_state_keeps_its_end():
    text = MM1.replace("{open: {rate: 80/s}, requests: 2000}", "{closed: {users: 5}, duration: 7s}")
    assert length(text=text) == (None, 7_000_000_000)
    assert length("workload.open.rate=150/s") == (2000, None)
