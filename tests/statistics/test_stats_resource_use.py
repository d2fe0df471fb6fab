"""Who has and who awaits slots of resources over time, against what requests spent."""

from __future__ import annotations

import numpy as np
import pytest

from simsched.engine import simulate
from simsched.engine.conditions import Conditions
from simsched.engine.trace import Trace
from simsched.scenario import loads
from simsched.statistics.over_time import over_time
from simsched.statistics.presence import holders, waiters
from simsched.statistics.summarize import summarize
from simsched.workload import draw

MS = 1_000_000
POOL = """
name: t
requests: {page: [{io: 10ms, on: pool}]}
resources: {idle: {capacity: 1}, pool: {capacity: 2}}
"""
RANDOM = """
workload: {open: {rate: 180/s}, duration: 20s}
servers: {s: {model: cooperative}}
"""


def trace(text: str) -> Trace:
    scenario = loads(POOL + text)
    return simulate(draw(scenario, 1), scenario.servers["s"], Conditions.of(scenario, "s"))


def stays(found) -> list[tuple[float, float]]:
    return [(came / MS, went / MS) for came, went in zip(*found, strict=True)]


def test_who_is_still_there_at_the_end_stays_until_then():
    ends = trace(
        "workload: {schedule: [{at: 0ms, request: page, times: 5}], duration: 14ms}\n"
        "servers: {s: {model: cooperative}}\n"
    )
    assert stays(holders(ends, 1)) == [(0, 10), (0, 10), (10, 14), (10, 14)]
    assert stays(waiters(ends, 1)) == [(0, 0), (0, 0), (0, 10), (0, 10), (0, 14)]
    assert stays(holders(ends, 0)) == stays(waiters(ends, 0)) == []


def test_the_slots_of_all_workers_count():
    text = RANDOM.replace("s: {model: cooperative}", "s: {model: cooperative, workers: 3}")
    scenario = loads(
        (POOL + text).replace("pool: {capacity: 2}", "pool: {capacity: 2, per: worker}")
    )
    run = simulate(draw(scenario, 1), scenario.servers["s"])
    assert over_time(run).resources["pool"].capacity == 6
    summary = summarize("s", [run])
    assert summary.resource_utilisation["pool"].value == pytest.approx(180 * 0.01 / 6, rel=0.05)


def test_who_leaves_the_line_waits_no_longer():
    failed = trace(
        "workload: {schedule: [{at: 0ms, request: page, times: 4}]}\n"
        "servers: {s: {model: cooperative, workers: 2, dispatch: round_robin}}\n"
        "events: [{worker: 1, down: true, at: 4ms, for: 1ms}]\n"
    )
    assert stays(holders(failed, 1)) == [(0, 10), (0, 4), (4, 14)]
    assert stays(waiters(failed, 1)) == [(0, 0), (0, 0), (0, 4), (0, 4)]


def test_means_over_intervals_add_up_to_what_requests_spent():
    busy = trace(RANDOM)
    found = over_time(busy, 50)
    assert found is not None
    length_ns = np.diff(found.edges_s)[0] * 1e9
    pool = found.resources["pool"]
    assert pool.in_use.sum() * length_ns == pytest.approx(busy.io_ns.sum(), rel=1e-9)
    assert pool.waiting.sum() * length_ns == pytest.approx(busy.io_wait_ns.sum(), rel=1e-9)
    assert pool.in_use.max() <= pool.capacity == 2
    assert found.resources["idle"].in_use.max() == 0


def test_means_are_those_of_a_fine_look_at_every_moment():
    busy = trace(RANDOM)
    found = over_time(busy, 4)
    assert found is not None
    grid = (np.arange(200_000) + 0.5) * (busy.end_ns / 200_000)
    came, went = waiters(busy, 1)
    there = np.searchsorted(np.sort(came), grid) - np.searchsorted(np.sort(went), grid)
    looked = there.reshape(4, -1).mean(axis=1)
    assert found.resources["pool"].waiting == pytest.approx(looked, rel=0.01)
