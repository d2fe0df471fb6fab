"""What a sweep's page and its sentences show of one, two and more parameters."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from sweep_examples import BASE, known, planned, simulated

from simsched.experiment.sweep import Finished, SweepResult
from simsched.experiment.sweep.knee import knees
from simsched.experiment.workers import Cluster, Processes
from simsched.report.html.templates import PlotlyJs
from simsched.report.sweep.document import document as printed
from simsched.report.sweep.document import finished
from simsched.report.sweep.page import render
from simsched.report.sweep.summary import document, warnings
from simsched.report.sweep.verdict import verdict
from simsched.statistics.estimate import Estimate
from simsched.statistics.stability import Load
from simsched.workload.offered import Station

ONE = "sweep: {matrix: {workload.open.rate: {from: 100/s, to: 900/s, steps: 5}}}\n"
TWO = """
sweep:
  matrix: {workload.open.rate: [50/s, 400/s, 2000/s], servers.serial.workers: [1, 4]}
"""
DESIGNS = "sweep: {matrix: {servers.serial.workers: [1, 4], servers.cooperative.workers: [1, 2]}}\n"
WORDS = "sweep: {matrix: {servers.serial.discipline: [fifo, lifo]}}\n"
MANY = """
sweep:
  matrix:
    workload.open.rate: {from: 50/s, to: 180/s, steps: 14}
    servers.serial.workers: [2, 3]
    servers.serial.discipline: [fifo, lifo]
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> dict[str, SweepResult]:
    found = {}
    texts = {"one": ONE, "two": TWO, "designs": DESIGNS, "words": WORDS, "many": MANY}
    for name, text in texts.items():
        folder = tmp_path_factory.mktemp(name)
        found[name] = simulated(planned(folder, text), folder)
    return found


def data(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="figures">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("one", ["throughput", "response-time", "cpu"]),
        ("words", ["throughput", "response-time", "cpu"]),
        ("two", ["winners", "map"]),
        ("designs", ["winners", "map"]),
        ("many", ["parallel"]),
    ],
)
def test_the_figures_suit_the_number_of_parameters(results, name, figures):
    page = render(results[name], PlotlyJs.CDN)
    found = data(page)
    assert list(found["figures"]) == figures
    assert page == render(results[name], PlotlyJs.CDN)
    for views in found["figures"].values():
        for view in views:
            assert view["data"]
            assert view["layout"]["height"] > 0


def test_a_curve_ends_where_its_server_cannot_keep_up(results):
    views = data(render(results["one"], PlotlyJs.CDN))["figures"]["response-time"]
    serial = next(trace for trace in views[0]["data"] if trace.get("name") == "serial")
    assert serial["x"] == [100, 300, 500, 700, 900]
    assert [y is None for y in serial["y"]] == [False, True, True, True, True]


def test_the_knee_is_marked_with_its_interval_where_what_arrives_meets_what_is_done(results):
    (view,) = data(render(results["one"], PlotlyJs.CDN))["figures"]["throughput"]
    knee = next(trace for trace in view["data"] if trace.get("name") == "knee")
    assert knee["x"] == knee["y"]
    found = knees(results["one"])
    assert [one.server for one in found] == ["serial", "cooperative"]
    assert knee["x"] == [one.rate.value for one in found]
    assert [shape["x0"] for shape in view["layout"]["shapes"]] == [
        pytest.approx(1 / 0.007),
        pytest.approx(500),
    ]


def test_a_server_that_was_never_saturated_has_no_knee(tmp_path):
    text = "sweep: {matrix: {workload.open.rate: [5/s, 10/s]}}\n"
    result = simulated(planned(tmp_path, text), tmp_path)
    assert [knee.rate for knee in knees(result)] == [None, None]
    sentences = verdict(result)
    assert sentences[0] == (
        "serial keeps up at every rate, up to 10.0/s (theory: saturates at 143/s, limited by its "
        "workers)."
    )
    assert document(result)["knees"]["serial"]["value"] is None


def test_a_server_to_which_few_requests_came_by_chance_was_not_saturated(tmp_path):
    text = "sweep: {matrix: {workload.open.rate: [5/s, 10/s]}}\n"
    base = BASE.replace("run: {replications: 3", "run: {seed: 22, replications: 12")
    result = simulated(planned(tmp_path, text, base), tmp_path)
    done = [result.estimate(number, "serial", "throughput_per_s").high for number in (1, 2)]
    assert done[0] < 5
    assert done[1] < 10
    assert [(knee.rate, knee.kept_up) for knee in knees(result)] == [(None, 10), (None, 10)]


def test_the_verdict_says_where_each_server_saturates_and_which_is_faster(results):
    serial, cooperative, winners = verdict(results["one"])
    assert serial.startswith("serial saturates at ")
    assert serial.endswith(" (95 % interval; theory: 143/s, limited by its workers).")
    assert cooperative.startswith("cooperative saturates at ")
    assert winners == (
        "Fastest: too close to call at 100/s; cooperative at 300/s; all are overloaded from 500/s "
        "to 900/s."
    )


@pytest.mark.parametrize(
    ("lowest", "is_named"),
    [
        (Estimate(0.004, 0.003, 0.005), True),
        (Estimate(0.004), True),
        (Estimate(0.004, -0.001, 0.009), False),
        (Estimate(0.005, 0.004, 0.006), False),
    ],
    ids=["narrow", "one replication", "down to nothing", "as low as others"],
)
def test_the_lowest_mean_is_named_where_it_is_one_and_sure(results, monkeypatch, lowest, is_named):
    def estimate(_, number, server, *__):
        return lowest if (number, server) == (4, "serial") else Estimate(0.005, 0.004, 0.006)

    monkeypatch.setattr(SweepResult, "estimate", estimate)
    said = [one for one in verdict(results["designs"]) if one.startswith("The lowest mean")]
    assert said == is_named * [
        "The lowest mean response time is 4.00 ms, of serial at point 4 "
        "(workers of serial = 4, workers of cooperative = 2)."
    ]
    # Where the load is swept, the mean is lowest where that is lightest.
    assert not [one for one in verdict(results["two"]) if one.startswith("The lowest mean")]


def test_the_axes_of_many_parameters_are_named_in_words(results):
    (view,) = data(render(results["many"], PlotlyJs.CDN))["figures"]["parallel"][:1]
    axis = view["layout"]["xaxis"]
    names = ["arrival rate,<br>per second", "workers of<br>serial", "discipline of<br>serial"]
    assert axis["ticktext"] == [*names, "response<br>time,<br>mean"]
    assert axis["automargin"]


def test_a_warning_is_of_the_server_with_the_longest_name_that_it_begins_with(results):
    one = results["words"].records[1]
    found = replace(
        one,
        servers=("a", "a b"),
        loads={
            name: Load(name, Station("workers", 1.0, demand_s, 1))
            for name, demand_s in (("a", 2.0), ("a b", 0.5))
        },
        warnings=("a: its queue grows", "a cannot keep up", "a b: too few requests"),
    )
    result = replace(results["words"], records={1: found})
    assert list(warnings(result)) == ["point 1: a b: too few requests"]


def test_the_verdict_counts_where_each_server_is_faster(results):
    sentence = verdict(results["two"])[0]
    assert sentence == (
        "Of 6 settings, serial is faster in 1, cooperative in 1; 2 are too close to call; 2 "
        "are overloaded."
    )
    assert [n for n in results["two"].records if results["two"].is_overloaded(n)] == [5, 6]


def test_processes_of_this_machine_do_the_same_as_this_process(tmp_path, results):
    found = planned(tmp_path, TWO)
    workers = Processes(2)
    try:
        assert simulated(found, tmp_path, workers).records == results["two"].records
        workers.restart()
        assert workers.submit(abs, -3).result(60) == 3
    finally:
        workers.close(now=True)


def test_a_process_that_dies_while_it_is_started_is_replaced(tmp_path, results, monkeypatch):
    workers = Processes(1)

    def dead(*_: object) -> None:
        raise BrokenPipeError

    try:
        monkeypatch.setattr(workers._pool, "submit", dead)
        assert (
            simulated(planned(tmp_path, TWO), tmp_path, workers).records == results["two"].records
        )
    finally:
        workers.close(now=True)


def test_a_cluster_does_the_same_as_this_process(tmp_path, results):
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 1, "threads_per_worker": 2, "processes": False}
    with distributed.LocalCluster(**options, dashboard_address=None) as cluster:
        workers = Cluster(cluster.scheduler_address)
        assert workers.count == 2
        try:
            found = planned(tmp_path, TWO)
            assert simulated(found, tmp_path, workers).records == results["two"].records
        finally:
            workers.close(now=False)


def test_a_users_sweep_is_drawn_with_its_operational_bounds(tmp_path):
    base = BASE.replace("open: {rate: 50/s}\n  requests: 60", "closed: {users: 1}\n  requests: 200")
    text = "sweep: {matrix: {workload.closed.users: [1, 4, 16]}}\n"
    result = simulated(planned(tmp_path, text, base), tmp_path)
    (view,) = data(render(result, PlotlyJs.CDN))["figures"]["throughput"]
    bound = next(t for t in view["data"] if t.get("name") == "cooperative: bound")
    assert bound["y"] == [pytest.approx(1 / 0.007), pytest.approx(500), pytest.approx(500)]


def test_a_mean_that_is_missing_for_another_reason_is_no_overload(tmp_path):
    plan = planned(tmp_path, "sweep: {matrix: {servers.serial.workers: [1, 2]}}")
    found = known(plan, lambda point: None if point.number == 1 else 1.0, unknown=True)
    assert not [one for one in verdict(found) if "keeps up" in one]
    assert not found.is_overloaded(1)


STUCK = """
name: stuck
requests: {page: [{hold: session, phases: [{io: 5ms}, {io: 1ms, on: session}]}]}
resources: {session: {capacity: 2}}
workload: {schedule: [{at: 0ms, request: page, times: 3}]}
servers: {loop: {model: cooperative}}
"""
"""Three requests hold a session each while they wait for a second one, of which there are two."""


def test_a_point_at_which_nothing_is_answered_says_so(tmp_path):
    plan = planned(tmp_path, "sweep: {matrix: {resources.session.capacity: [2, 6]}}\n", STUCK)
    events = []
    found = simulated(plan, tmp_path, said=events.append)
    cells = [row[-1] for row in printed(found).table[1:]]
    assert cells == ["no answers", "6.00 ms"]
    lines = [finished(plan, event) for event in events if isinstance(event, Finished)]
    assert sorted(line.partition("capacity of session = ")[2] for line in lines) == [
        "2: loop no answers",
        "6: loop 6.00 ms",
    ]
