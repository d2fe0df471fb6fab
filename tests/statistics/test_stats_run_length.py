"""Servers that cannot keep up, and how long a run of one that can must be."""

from __future__ import annotations

import numpy as np
import pytest
from stats_traces import mm1

from simsched.statistics.contrast import Pair
from simsched.statistics.measurement import mean
from simsched.statistics.run_length import Queue, requests_needed, rounded_up
from simsched.statistics.run_length import warning as too_short
from simsched.statistics.stability import Load
from simsched.workload.offered import Station

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
