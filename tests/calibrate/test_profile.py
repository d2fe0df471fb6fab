"""An open workload has the rate, the changes of rate, and the regularity of what was recorded."""

from __future__ import annotations

import numpy as np
import pytest

import simsched
from simsched.calibrate.profile import open_arrivals

SECOND = 1_000_000_000


def poisson(rate, length_s, seed=1):
    rng = np.random.default_rng(seed)
    return np.sort(rng.integers(0, int(length_s * SECOND), int(rate * length_s)))


@pytest.mark.parametrize("seed", range(20))
def test_a_poisson_process_has_one_rate(seed):
    (rate,) = open_arrivals(poisson(40, 60, seed)).values()
    assert float(rate.removesuffix("/s")) == pytest.approx(40, rel=0.01)


def test_a_rate_that_changes_becomes_a_profile():
    arrival = np.concatenate([poisson(10, 120), 120 * SECOND + poisson(40, 120)])
    found = open_arrivals(arrival)
    steps = found["rate"]["steps"]
    assert len(steps) == 24
    assert [each["at"] for each in steps][:1] == ["0s"]
    rates = [float(each["rate"].removesuffix("/s")) for each in steps]
    assert np.mean(rates[:12]) == pytest.approx(10, rel=0.05)
    assert np.mean(rates[12:]) == pytest.approx(40, rel=0.05)
    assert "cv" not in found
    assert_is_a_workload(found)


def test_a_time_without_arrivals_has_the_rate_0():
    arrival = np.concatenate([poisson(20, 60), 120 * SECOND + poisson(20, 60)])
    found = open_arrivals(arrival)
    assert "0/s" in {each["rate"] for each in found["rate"]["steps"]}
    assert_is_a_workload(found)


def test_bursts_are_no_profile_but_irregular():
    rng = np.random.default_rng(1)
    found = open_arrivals(np.cumsum(rng.gamma(0.25, 4 * 0.025, 3000) * SECOND).astype(np.int64))
    assert isinstance(found["rate"], str)
    assert found["cv"] == pytest.approx(2, rel=0.1)


def test_evenly_spaced_arrivals_are_regular():
    assert open_arrivals(np.arange(1000) * SECOND) == {"rate": "1/s", "cv": 0.01}


def test_of_few_arrivals_or_a_sample_only_the_rate_is_known():
    assert open_arrivals(np.array([0, SECOND, SECOND + 1])) == {"rate": "2/s"}
    assert open_arrivals(np.arange(1000) * SECOND, 0.1) == {"rate": "10/s"}
    assert open_arrivals(np.array([5])) == {"rate": "1/s"}


def assert_is_a_workload(found):
    simsched.load(
        {
            "name": "x",
            "requests": {"r": [{"cpu": "1ms"}]},
            "workload": {"open": found, "duration": "60s"},
            "servers": {"s": {"model": "serial"}},
        }
    )
