"""What is known of a simulated service is found in its spans."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def recovery(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield importlib.import_module("span_recovery")
    sys.modules.pop("span_recovery", None)


@pytest.mark.parametrize("seed", [4, 6, 11, 17])
def test_overheads_and_means_are_within_their_standard_errors(recovery, seed):
    found = list(recovery.deviations(seed, 500))
    expected = {"CPU time", "calls", "overhead.request", "network and client"}
    assert expected <= {name for name, _, _ in found}
    for name, _, deviation in found:
        assert deviation < 3, name  # of some 30 normal deviates, one is above 3 in one of ten cases


def test_waiting_for_a_pool_keeps_no_loop_busy(recovery):
    """Of this service, requests wait for the pool for much of the time."""
    found = {name: error for name, error, _ in recovery.deviations(75, 1_000)}
    assert abs(found["calls"]) < 0.05
    assert abs(found["overhead.request"]) < 0.1


def test_slots_that_requests_give_back_after_each_call_are_known_by_the_size_of_the_pool(recovery):
    """Requests of this service call a pool of four up to three times, and wait each time."""
    calls = [error for name, error, _ in recovery.deviations(127, 1_000) if name == "calls"]
    assert len(calls) == 2
    assert max(map(abs, calls)) < 0.05


@pytest.mark.parametrize("seed", [59, 72, 101])
def test_calls_are_as_long_as_they_are_on_loops_whose_requests_let_others_run(recovery, seed):
    calls = [
        deviation for name, _, deviation in recovery.deviations(seed, 1_000) if name == "calls"
    ]
    assert calls
    assert max(calls) < 2
