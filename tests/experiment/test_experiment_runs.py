"""Replications that do not fit in memory together: reduced, dropped, and simulated again."""

from __future__ import annotations

from concurrent.futures import Future
from copy import deepcopy

import pytest

import simsched
from simsched import experiment
from simsched.errors import InputError
from simsched.experiment import runs, simulating
from simsched.experiment.simulating import SideBySide
from simsched.report import files, html, summary
from simsched.scenario import dump, loads

SCENARIO = """
name: long
requests:
  page: [{cpu: {exponential: 4ms}}, {io: 20ms}]
  ping: [{cpu: {exponential: 1ms}}]
workload: {open: {rate: 100/s}, mix: {page: 1, ping: 2}, requests: 1500}
servers: {serial: {model: serial, workers: 4}, loop: {model: cooperative}}
run: {replications: 6, engine: simpy}
"""


def simulated():
    return experiment.run(experiment.prepare([loads(SCENARIO)]))


@pytest.fixture(scope="module")
def whole():
    return simulated()


@pytest.fixture
def long(monkeypatch):
    monkeypatch.setattr(runs, "HELD", 6000)
    return simulated()


def test_what_fits_is_held(whole):
    assert whole.holds_every_request
    assert [len(traces) for traces in whole.traces.values()] == [6, 6]


def test_of_a_long_run_the_first_replications_are_held(long):
    assert not long.holds_every_request
    assert [len(traces) for traces in long.traces.values()] == [2, 2]


def test_a_single_replication_is_held_however_long(monkeypatch):
    monkeypatch.setattr(runs, "HELD", 10)
    result = experiment.run(experiment.prepare([loads(SCENARIO)], replications=1))
    assert result.holds_every_request


def test_the_figures_are_those_of_a_run_that_is_held(whole, long):
    for name, server in long.servers.items():
        assert server.warmup == whole.servers[name].warmup
        for metric, estimate in server.estimates.items():
            if not metric.startswith("response_time_s.p"):
                assert estimate == whole.servers[name].estimates[metric], metric


def test_quantiles_of_a_long_run_are_means_over_its_replications(whole, long):
    for name, server in long.servers.items():
        for metric in ("response_time_s.p50", "response_time_s.p95"):
            kept = whole.servers[name].measurements[metric]
            dropped = server.measurements[metric]
            assert dropped.replications.tolist() == kept.replications.tolist()
            assert dropped.value == pytest.approx(kept.replications.mean())
            low, high = server.estimates[metric].low, server.estimates[metric].high
            assert low < whole.servers[name].estimates[metric].value < high


def test_the_slowest_of_a_long_run_are_those_of_their_replication(long):
    for server in long.servers.values():
        slow = server.time_spent["slowest_5_percent"]
        total = sum(estimate.value for estimate in slow.values())
        assert total > server.estimates["response_time_s.p95"].value


def test_a_long_run_has_a_page_and_no_table_of_requests(long, tmp_path):
    texts = {"long": dump(long.scenarios[0])}
    folder = files.write_run(long, tmp_path, texts)
    assert sorted(path.name for path in folder.iterdir()) == [
        "report.html",
        "scenario.yaml",
        "summary.csv",
        "summary.json",
    ]
    assert "requests.parquet" not in html.render(long, texts)
    with pytest.raises(InputError, match="too many requests to hold them all"):
        _ = long.requests


@pytest.mark.parametrize("held", [3000, 6000, 100_000])
@pytest.mark.parametrize("warmup", ["none", "2s"])
def test_with_a_given_warmup_a_long_run_simulates_nothing_twice(monkeypatch, held, warmup):
    prepared = experiment.prepare([loads(SCENARIO, overrides=[f"run.warmup={warmup}"])])
    drawn, draw = [], simulating.draw

    def counted(scenario, number):
        drawn.append(number)
        return draw(scenario, number)

    monkeypatch.setattr(runs, "HELD", held)
    monkeypatch.setattr(simulating, "draw", counted)
    found = experiment.run(prepared)
    assert sorted(set(drawn)) == [1, 2, 3, 4, 5, 6]
    once = len(drawn)
    monkeypatch.setattr(runs.Runs, "_drop", lambda *_: None)
    again = experiment.run(prepared)
    assert summary.to_json(found) == summary.to_json(again)
    is_dropped = held < 100_000
    assert (len(drawn) > 2 * once) == is_dropped


def test_an_option_that_is_gone_says_what_to_write_instead():
    with pytest.raises(simsched.SimschedError) as error:
        loads(SCENARIO, overrides=["run.keep=statistics"])
    assert "run.keep: this key no longer exists; remove it; split a very long run into" in str(
        error.value
    )


class Elsewhere:
    """Other processes, as far as a run knows: what is sent there and back is a copy."""

    def submit(self, work, *arguments):
        future = Future()
        future.set_result(deepcopy(work(*deepcopy(arguments))))
        return future

    def restart(self):
        raise AssertionError


@pytest.mark.parametrize("held", [6000, runs.HELD])
def test_wherever_replications_are_simulated_the_result_is_the_same(monkeypatch, held):
    monkeypatch.setattr(runs, "HELD", held)
    prepared = experiment.prepare([loads(SCENARIO)])
    progress = []
    elsewhere = experiment.run(
        prepared, lambda *each: progress.append(each), simulate=SideBySide(Elsewhere())
    )
    assert summary.to_json(elsewhere) == summary.to_json(simulated())
    assert progress == [(done, 12) for done in range(1, 13)]
