"""Sweeps and searches from Python, and what their results show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import plotly.graph_objects as go
import pytest

import simsched
from simsched.api.results import RunFigure, SweepFigure
from simsched.report.html.page import figures_of
from simsched.report.sweep.page import figures_of as figures_of_sweep

ROOT = Path(__file__).parents[2]
RATES = {"workload.open.rate": ["5/s", "10/s"]}


@pytest.fixture(scope="module")
def swept(shop):
    return simsched.sweep(shop, RATES, replications=2)


@pytest.fixture(scope="module")
def carried(shop):
    return simsched.capacity(shop, "response_time.p95 < 500ms", relative=0.2)


@pytest.fixture(scope="module")
def chosen(shop):
    return simsched.best(shop, {"servers.serial.workers": [1, 4]}, indifference="1ms")


def test_a_figure_is_plotlys(result):
    figure = result.figure("response_time")
    assert isinstance(figure, go.Figure)
    assert figure.layout.title.text == "Response time"
    names = {trace.name for trace in figure.data}
    assert {"mean", "p95"} <= {name.split()[0] for name in names if name}


def test_every_figure_of_the_report_is_there_and_named(result):
    lecture = simsched.run(ROOT / "scenarios" / "lecture.yaml")
    drawn = {each.replace("-", "_") for run in (result, lecture) for each in figures_of(run)}
    assert drawn == {*get_args(RunFigure)}
    for run in (result, lecture):
        assert all(run.figure(each).data for each in figures_of(run))


def test_every_figure_of_a_sweep_is_named(shop):
    rates = ["5/s", "10/s"]
    limited = shop.with_({"slo": {"fast": "response_time.p95 < 1s"}, "client.timeout": "90ms"})
    grids = [{"servers.serial.workers": [1, 2], "workload.open.rate": rates}]
    grids.append({**grids[0], "requests.page[1].io": ["1ms", "2ms"]})
    sweeps = [simsched.sweep(limited, grid, replications=2) for grid in (RATES, *grids)]
    drawn = {each.id.replace("-", "_") for one in sweeps for each in figures_of_sweep(one)}
    assert drawn == {*get_args(SweepFigure)}


def test_a_figure_that_is_not_there_is_an_input_error(result):
    with pytest.raises(simsched.InputError, match="no figure 'x' here; there is throughput, resp"):
        result.figure("x")
    with pytest.raises(simsched.InputError, match="tail has no view 'x'"):
        result.figure("tail", view="x")


def test_a_sweep_is_a_tidy_frame(swept):
    frame = swept.summary
    assert list(frame.columns) == [
        *("point", "workload.open.rate", "server", "metric", "value", "low", "high", "n"),
    ]
    means = frame[frame["metric"] == "response_time_s.mean"]
    assert list(means["workload.open.rate"]) == [5.0, 5.0, 10.0, 10.0]
    assert list(means["server"]) == ["serial", "loop", "serial", "loop"]
    assert set(means["n"]) == {2}


def test_a_point_of_a_sweep_is_the_run_of_its_scenario(shop, swept):
    alone = simsched.run(shop.with_({"workload.open.rate": "5/s"}), replications=2)
    frame = swept.summary
    one = frame[(frame["point"] == 1) & (frame["server"] == "loop")].set_index("metric")["value"]
    mean = alone.summary.loc[("loop", "response_time_s.mean"), "value"]
    assert one["response_time_s.mean"] == mean


def test_a_sweep_is_the_same_from_a_file_a_mapping_and_an_object(shop, swept, tmp_path):
    written = {**shop.model_dump(by_alias=True, exclude_defaults=True)}
    file = tmp_path / "sweep.yaml"
    file.write_text(json.dumps({**written, "sweep": {"matrix": RATES}}), encoding="utf-8")
    of_file = simsched.sweep(file, replications=2)
    of_mapping = simsched.sweep(written, RATES, replications=2)
    assert of_file.summary.equals(swept.summary)
    assert of_mapping.summary.equals(swept.summary)


def test_a_sweep_with_a_store_continues_from_it(shop, swept, tmp_path, monkeypatch):
    simsched.sweep(shop, RATES, replications=2, store=tmp_path)
    # Nothing is left to do.
    monkeypatch.setattr("simsched.experiment.sweep.running.Execution", None)
    monkeypatch.setattr("simsched.experiment.sweep.running.attempt", None)
    again = simsched.sweep(shop, RATES, replications=2, store=tmp_path)
    assert again.summary.equals(swept.summary)


def test_a_capacity_is_a_row_for_each_server(carried):
    frame = carried.summary
    assert list(frame.index) == ["serial", "loop"]
    assert set(frame["parameter"]) == {"workload.open.rate"}
    assert set(frame["status"]) == {"found"}
    assert (frame["low"] <= frame["value"]).all()
    assert (frame["value"] < frame["highest"]).all()
    assert {"server", "value", "verdict"} <= set(carried.trials.columns)


def test_the_best_is_named(chosen):
    assert chosen.best == "serial.workers=4, serial"
    frame = chosen.summary
    assert frame["fate"].iloc[0] == "selected"
    assert len(frame) == 4


def test_the_best_of_servers_needs_no_values(shop):
    assert simsched.best(shop, indifference="20ms").best in {"serial", "loop"}


def test_each_result_is_shown_in_a_few_words(result, swept, carried, chosen):
    assert repr(result) == "Result('shop', servers=['serial', 'loop'], replications=4)"
    assert repr(swept) == (
        "SweepResult('shop', parameters=['workload.open.rate'], points=2, failed=0)"
    )
    assert repr(carried).startswith("CapacityResult('shop', 'serial carries ")
    assert repr(chosen).startswith("BestResult('shop', ")
    for each in (result, swept, carried, chosen):
        assert len(repr(each)) < 1000
        assert "<table" in each._repr_html_()


@pytest.mark.parametrize("kind", ["swept", "carried", "chosen"])
def test_each_result_has_a_figure_and_is_written(kind, request, tmp_path):
    found = request.getfixturevalue(kind)
    assert found.figure().data
    assert (simsched.write(found, tmp_path) / "report.html").is_file()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (simsched.sweep, "there is nothing to vary; add values such as {"),
        (lambda s: simsched.sweep(s, 3), "sweep.matrix: a mapping is needed, not the number 3"),
        (lambda s: simsched.sweep(s, {"servers.x.workers": [1]}), "there is no 'x' in servers"),
        (lambda s: simsched.sweep(s, RATES, jobs=0), "jobs: 0 is not a whole number of at least 1"),
        (lambda s: simsched.sweep(s, RATES, store=5), "store: the path of a folder is needed, not"),
        (
            lambda s: simsched.sweep(s, RATES, overrides=5),
            "overrides are a list such as .*, not th",
        ),
        (
            lambda s: simsched.sweep(s, RATES, overrides=[5]),
            "overrides are text, as in .*, not the",
        ),
        (lambda s: simsched.best(s, overrides="a=1"), "overrides are a list such as"),
        (lambda s: simsched.capacity(s, overrides=None), "overrides are a list .*, not nothing"),
        (simsched.capacity, "there is no limit to keep"),
        (lambda s: simsched.capacity(s, 5), "slo: text is needed, not the number 5"),
        (
            lambda s: simsched.capacity(s, ["response_time.p95 < 1s", None]),
            "slo: text is needed, n",
        ),
        (
            lambda s: simsched.capacity(s, "response_time.p95 < 1s", vary=5),
            "vary: text is needed, not the number 5",
        ),
        (lambda s: simsched.best(s, metric=None), "metric: text is needed, not nothing"),
        (
            lambda s: simsched.best(s, indifference=0.05),
            "indifference: text is needed, not the num",
        ),
        (
            lambda s: simsched.capacity(s, "response_time.p95 < 1s", relative=3),
            "relative: 3 is not a number of at least 0.0001 and below 0.5",
        ),
        (
            lambda s: simsched.capacity(s, "response_time.p95 < 1s", at_most=1),
            "at_most: 1 is not a whole number of at least 2",
        ),
        (lambda s: simsched.best(s, metric="x"), "metric: 'x' is not a metric"),
        (lambda s: simsched.best(s, metric="response_time.max"), "metric response_time.max: a max"),
        (lambda s: simsched.best(s, indifference="0ms"), "indifference 0ms: a difference that"),
        (lambda s: simsched.best(s, aim="x"), "aim: 'x' is neither minimize nor maximize"),
        (
            lambda s: simsched.best(s, metric="cpu_utilisation"),
            "metric cpu_utilisation: neither less nor more of it is better by itself",
        ),
        (lambda s: simsched.best(s, confidence=2), "confidence: 2 is not a number of at least 0.5"),
    ],
)
def test_a_bad_argument_is_an_input_error(shop, call, said):
    with pytest.raises(simsched.InputError, match=said):
        call(shop)
