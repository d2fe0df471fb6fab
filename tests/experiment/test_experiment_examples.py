"""The comments of ``scenarios/flask-vs-quart.yaml`` promise figures: these are the figures."""

from __future__ import annotations

from pathlib import Path

import pytest

import simsched
from simsched.statistics.summary import ClassSummary, ServerSummary
from simsched.workload import offered_load

FILE = Path(__file__).parents[2] / "scenarios" / "flask-vs-quart.yaml"


@pytest.fixture(scope="module")
def result() -> simsched.Result:
    return simsched.run(FILE)


def value(summary: ServerSummary | ClassSummary, metric: str) -> float:
    found = summary.estimates[metric].value
    assert found is not None
    return found


def tried(*overrides: str) -> simsched.Result:
    return simsched.run(FILE, overrides=overrides, replications=4)


def mean(result: simsched.Result, server: str) -> float:
    return value(result.servers[server], "response_time_s.mean")


def test_flask_is_nearly_saturated_and_quart_is_not():
    scenario = simsched.load(FILE)
    flask, quart = (offered_load(scenario, server) for server in scenario.servers.values())
    assert flask is not None
    assert quart is not None
    assert flask.bottleneck.utilisation == pytest.approx(0.90, abs=0.005)
    assert flask.bottleneck.demand_s == pytest.approx(0.077, abs=0.0005)
    assert 4 / flask.bottleneck.demand_s == pytest.approx(52, abs=0.5)
    assert quart.bottleneck.utilisation == pytest.approx(0.15, abs=0.005)
    assert quart.bottleneck.demand_s == pytest.approx(0.003, abs=0.0005)


def test_the_workers_of_flask_are_occupied_nine_tenths_of_the_time(result):
    occupied = [
        (trace.cpu_ns.sum() + trace.io_ns.sum()) / trace.end_ns / trace.workers
        for trace in result.traces["flask"]
    ]
    assert sum(occupied) / len(occupied) == pytest.approx(0.9, abs=0.02)


def test_the_servers_have_the_same_throughput(result):
    one, other = (value(server, "throughput_per_s") for server in result.servers.values())
    assert one == pytest.approx(other, rel=0.005)


def test_flask_takes_about_three_times_as_long(result):
    assert mean(result, "flask") == pytest.approx(0.243, abs=0.0005)
    assert mean(result, "quart") == pytest.approx(0.077, abs=0.0005)
    medians = [value(server, "response_time_s.p50") for server in result.servers.values()]
    assert medians[0] / medians[1] == pytest.approx(3, abs=0.3)


def test_most_of_that_is_the_queue(result):
    frame = result.requests
    flask = frame[(frame["server"] == "flask") & (frame["status"] == "completed")]
    counted = flask[flask["arrival_ns"] >= 20e9]
    response = (counted["finish_ns"] - counted["arrival_ns"]).sum()
    assert counted["queue_ns"].sum() / response == pytest.approx(2 / 3, abs=0.03)
    assert (counted["queue_ns"] > 0).mean() == pytest.approx(0.8, abs=0.03)


def test_pings_suffer_most(result):
    flask, quart = (server.classes for server in result.servers.values())
    assert value(flask["ping"], "slowdown") == pytest.approx(50, abs=5)
    assert value(flask["page"], "slowdown") == pytest.approx(3, abs=0.5)
    assert value(quart["ping"], "slowdown") == pytest.approx(1.08, abs=0.005)


def test_the_cpu_of_flask_is_nearly_idle(result):
    assert value(result.servers["flask"], "cpu_utilisation") == pytest.approx(0.04, abs=0.005)
    assert value(result.servers["quart"], "cpu_utilisation") == pytest.approx(0.15, abs=0.005)


def test_nearly_as_many_are_overtaken_on_flask(result):
    metric = "order.overtaken_fraction"
    assert value(result.servers["quart"], metric) == pytest.approx(0.5, abs=0.04)
    assert 0.4 < value(result.servers["flask"], metric) < value(result.servers["quart"], metric)


def test_the_mean_of_flask_is_uncertain_and_there_is_a_warning(result):
    estimate = result.servers["flask"].estimates["response_time_s.mean"]
    assert estimate.half_width is not None
    assert estimate.half_width / mean(result, "flask") == pytest.approx(0.13, abs=0.01)
    assert any("run too short: at 90 % load" in warning for warning in result.warnings)


def test_a_little_more_load_doubles_the_mean_of_flask_and_not_that_of_quart(result):
    more = simsched.run(FILE, overrides=["workload.open.rate=50/s"])
    assert mean(more, "flask") / mean(result, "flask") == pytest.approx(2, abs=0.3)
    assert mean(more, "quart") == pytest.approx(mean(result, "quart"), rel=0.01)


def test_eight_workers_make_flask_as_good_as_quart():
    six, eight = (tried(f"servers.flask.workers={workers}") for workers in (6, 8))
    assert mean(six, "flask") / mean(six, "quart") == pytest.approx(1.08, abs=0.02)
    assert mean(eight, "flask") / mean(eight, "quart") == pytest.approx(1.0, abs=0.01)


def test_computing_is_what_a_loop_cannot_hide(result):
    longer = tried("requests.page[0].cpu=15ms")
    assert mean(longer, "quart") - mean(result, "quart") > 0.013 * 0.7 + 0.01
    assert any("flask cannot keep up" in warning for warning in longer.warnings)


def test_in_the_lecture_one_greedy_request_holds_up_everybody():
    lecture, greedy = (
        simsched.run(FILE.with_name("lecture.yaml"), overrides=overrides).requests
        for overrides in ([], ["requests.ping[0].cpu=40ms"])
    )
    pages = (lecture["server"] == "cooperative") & (lecture["class"] == "page")
    later = (greedy["finish_ns"] - lecture["finish_ns"])[pages]
    assert (later >= 30_000_000).all()
