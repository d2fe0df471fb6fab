"""What the sweeps that come with simsched say that one will see is what one sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from simsched.experiment.store import Store
from simsched.experiment.sweep import SweepResult, plan, sweep
from simsched.experiment.sweep.knee import knees
from simsched.experiment.workers import Here

SWEEPS = Path(__file__).parents[2] / "scenarios" / "sweeps"
MEAN = "response_time_s.mean"


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """Return a function that simulates one of the sweeps once."""
    store = Store(tmp_path_factory.mktemp("store"))
    found: dict[str, SweepResult] = {}

    def simulated(name: str) -> SweepResult:
        if name not in found:
            found[name] = sweep(plan(SWEEPS / f"{name}.yaml"), store, Here(), lambda _: None)
        return found[name]

    return simulated


def by(result: SweepResult, server: str, metric: str = MEAN) -> dict[tuple[str, ...], float | None]:
    """Return a figure at each point, by the values of its parameters."""
    return {
        tuple(value.text for value in point.values if value is not None): result.estimate(
            point.number, server, metric
        ).value
        for point in result.done
    }


def test_the_knee_of_each_server_is_1_over_its_largest_demand(swept):
    found = {knee.server: knee for knee in knees(swept("load"))}
    expected = {"serial": 2 / 0.048, "threaded": 1 / 0.008, "cooperative": 1 / 0.008}
    for server, rate in expected.items():
        knee = found[server]
        assert knee.theory == pytest.approx(rate)
        assert knee.rate is not None
        assert knee.rate.low <= rate <= knee.rate.high
        assert knee.rate.high - knee.rate.low < 0.1 * rate


def test_near_its_knee_a_server_takes_several_times_as_long_and_beyond_it_no_mean(swept):
    serial = by(swept("load"), "serial")
    assert serial["40/s",] > 4 * serial["10/s",]
    assert serial["50/s",] is None
    assert by(swept("load"), "cooperative")["50/s",] < 0.065


def test_threads_answer_a_few_milliseconds_sooner_than_the_loop(swept):
    threaded, cooperative = (by(swept("load"), name) for name in ("threaded", "cooperative"))
    for rate in ("40/s", "60/s", "80/s", "100/s"):
        assert 0.001 < cooperative[rate,] - threaded[rate,] < 0.02


def test_saturated_workers_leave_their_processors_idle(swept):
    busy = by(swept("load"), "serial", "cpu_utilisation")
    assert busy["160/s",] == pytest.approx(1 / 6, rel=0.1)


def test_five_workers_are_right_up_to_half_of_the_time_in_io_and_not_beyond(swept):
    result = swept("workers-by-io")
    five, other = by(result, "five"), by(result, "other")
    for waits in ("0s", "20ms"):
        best = min(other[waits, workers] for workers in ("5", "9", "17", "33"))
        assert five[waits, "5"] < 1.2 * best
    for waits in ("80ms", "180ms", "380ms"):
        assert five[waits, "5"] is None
    assert other["20ms", "3"] is None


def test_how_many_workers_are_needed_is_a_product(swept):
    other = by(swept("workers-by-io"), "other")
    least = {"80ms": "9", "180ms": "17", "380ms": "33"}
    order = ["3", "5", "9", "17", "33"]
    for waits, workers in least.items():
        assert other[waits, workers] is not None
        assert other[waits, order[order.index(workers) - 1]] is None
    assert other["80ms", "9"] > 1.5 * other["80ms", "17"]


def test_a_pool_of_twice_what_is_in_use_is_enough(swept):
    result = swept("pool-size")
    for server in ("cooperative", "serial"):
        mean = by(result, server)
        assert mean["6",] is None
        assert mean["7",] > 1.2 * mean["12",]
        assert mean["12",] < 1.02 * mean["32",]
    gap = by(result, "cooperative")["12",] - by(result, "serial")["12",]
    assert 0.002 < gap < 0.004


@pytest.mark.parametrize("seed", range(2, 12))
def test_the_interval_of_a_knee_covers_theory_whatever_the_seed(tmp_path, seed):
    rates = "sweep: {matrix: {workload.open.rate: [40/s, 100/s, 140/s, 160/s]}}\n"
    text = (SWEEPS / "load.yaml").read_text(encoding="utf-8").split("\nsweep:")[0]
    file = tmp_path / "load.yaml"
    file.write_text(f"{text}\n{rates}", encoding="utf-8")
    found = plan(file, ["workload.duration=5s", "run.confidence=0.995"], seed=seed)
    result = sweep(found, Store(tmp_path), Here(), lambda _: None)
    for knee in knees(result):
        assert knee.rate is not None
        assert knee.rate.low <= knee.theory <= knee.rate.high
