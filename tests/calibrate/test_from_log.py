"""What requests need is recovered from when they came and how long they took."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simsched.calibrate.from_log import LogLearner
from simsched.calibrate.observed import About, observed
from simsched.calibrate.recorded_load import RecordedLoad, busiest, part, responses
from simsched.errors import InputError, ScenarioError

MS = 1_000_000
CPU_MS, IO_MS = np.array([4.0, 10.0]), np.array([20.0, 50.0])
LOOP = {"model": "cooperative"}


def log(options, rate, n=1200, seed=1, upstream=False):
    """Return requests as a log of the server has them, and the CPU time and I/O of each."""
    rng = np.random.default_rng(seed)
    arrival = np.cumsum(rng.exponential(1000 / rate, n) * MS)
    kind = np.where(rng.random(n) < 0.6, 0, 1)
    cpu = CPU_MS[kind] * MS
    io = rng.lognormal(-0.18, 0.6, n) * IO_MS[kind] * MS
    seen = observed(
        arrival.astype(np.int64),
        np.ones(n, np.int64),
        [("/a", "/b")[each] for each in kind],
        About("access.log"),
        np.rint(io).astype(np.int64) if upstream else None,
    )
    server = LogLearner(replace(seen, response_ns=seen.response_ns * 10**9), options, "x").server
    took = responses(seen, cpu, io, server, seed=7).astype(np.int64)
    return replace(seen, response_ns=took), cpu, io


def means(seen, values):
    return [values[seen.class_id == i].mean() for i in range(len(seen.classes))]


def assert_within(estimates, name, true_ns, errors=3.0):
    (found,) = [each for each in estimates if each.name == name]
    assert abs(found.value_ns - true_ns) <= errors * found.standard_error_ns + 0.01 * true_ns
    assert found.standard_error_ns < 0.3 * true_ns


def test_cpu_time_shows_in_how_responses_of_a_loop_grow_with_load():
    seen, cpu, io = log(LOOP, 100.0)
    learner = LogLearner(seen, LOOP, "shop")
    assert learner.known == "load"
    share = learner.found[0]
    assert abs(share.value - cpu.sum() / (cpu + io).sum()) <= 3 * share.standard_error
    learned = learner.learned()
    for name, true_cpu, true_io in zip(
        seen.classes, means(seen, cpu), means(seen, io), strict=True
    ):
        assert_within(learned.estimates, f"CPU time of {name}", true_cpu)
        assert_within(learned.estimates, f"I/O of {name}", true_io)


def test_the_cpu_time_of_the_server_is_shared_by_its_requests():
    seen, cpu, _ = log(LOOP, 100.0)
    learner = LogLearner(seen, LOOP, "shop", int(cpu.sum()))
    assert learner.known == "CPU time"
    for phases, true in zip(
        learner.learned().blueprint.requests.values(), means(seen, cpu), strict=True
    ):
        found = sum(float(np.mean(phase["cpu"])) for phase in phases if "cpu" in phase)
        assert found == pytest.approx(true, rel=0.05)


def test_upstream_times_are_io_and_the_rest_is_cpu_time():
    seen, cpu, io = log(LOOP, 100.0, upstream=True)
    learner = LogLearner(seen, LOOP, "shop")
    assert learner.known == "upstream"
    estimates = learner.learned().estimates
    for name, true_cpu, true_io in zip(
        seen.classes, means(seen, cpu), means(seen, io), strict=True
    ):
        assert_within(estimates, f"CPU time of {name}", true_cpu)
        assert_within(estimates, f"I/O of {name}", true_io)


@pytest.mark.parametrize("workers", [1, 4])
def test_waiting_for_a_worker_is_taken_out(workers):
    options = {"model": "serial", "workers": workers}
    seen, cpu, io = log(options, 20.0 * workers)
    assert seen.response_ns.mean() > 1.1 * (cpu + io).mean()
    learner = LogLearner(seen, options, "shop")
    assert learner.known == "nothing"
    learned = learner.learned()
    for name, true in zip(seen.classes, means(seen, cpu + io), strict=True):
        assert_within(learned.estimates, f"time of {name} at a worker", true)
    assert "does not matter here" in learned.blueprint.remarks[0]


def test_a_lightly_loaded_log_does_not_show_cpu_time_and_says_so():
    seen, cpu, io = log(LOOP, 2.0, n=300)
    learner = LogLearner(seen, LOOP, "shop")
    assert learner.known == "nothing"
    assert "waited too little for each other" in learner.learned().blueprint.remarks[0]
    found = sum(each.value_ns for each in learner.learned().estimates)
    assert found == pytest.approx(sum(means(seen, cpu + io)), rel=0.03)


def test_workers_that_share_cores_need_the_cpu_time():
    options = {"model": "serial", "workers": 4, "cores": 1}
    seen, *_ = log(options, 20.0, n=200)
    assert "share cores" in LogLearner(seen, options, "shop").learned().blueprint.remarks[0]


def test_the_first_half_knows_the_classes_of_the_second():
    seen, *_ = log(LOOP, 5.0, n=100)
    late = np.where(np.arange(100) < 60, 0, 1).astype(np.int32)
    learner = LogLearner(replace(seen, class_id=late), {"model": "serial"}, "shop")
    first, second = learner.halves()
    assert list(first.learned().blueprint.requests) == list(seen.classes)
    assert len(second) == 50


def test_the_busiest_requests_are_taken():
    seen, *_ = log(LOOP, 5.0, n=100)
    arrival = np.concatenate([np.arange(40) * 1000, 40_000 + np.arange(60)]) * MS
    found = busiest(replace(seen, arrival_ns=arrival), 30)
    assert len(found) == 30
    assert np.diff(found.arrival_ns).max() == MS
    assert len(part(seen, slice(10, None))) == 90


def test_needs_are_never_longer_than_responses():
    seen, *_ = log({"model": "serial"}, 14.0, n=300)
    load = RecordedLoad(busiest(seen), LogLearner(seen, {"model": "serial"}, "x").server)
    needs = LogLearner(seen, {"model": "serial"}, "x").found[1]
    assert all((need <= most).all() for need, most in zip(needs.bins, load.bins, strict=True))


def test_what_cannot_be_used_is_an_error():
    seen, *_ = log(LOOP, 5.0, n=100)
    with pytest.raises(
        ScenarioError, match=r"access.log: it has 19 requests that can be used; at least 20"
    ):
        LogLearner(part(seen, slice(19)), LOOP, "shop")
    with pytest.raises(InputError, match="--cpu-time 1000 s: too long; all requests"):
        LogLearner(seen, LOOP, "shop", 10**12)
    instant = replace(seen, response_ns=np.zeros(100, np.int64))
    with pytest.raises(ScenarioError, match=r"access.log: all durations are 0; log them with more"):
        LogLearner(instant, LOOP, "shop")
