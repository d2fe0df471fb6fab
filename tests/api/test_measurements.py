"""Fits, checks and measurements from Python, and what their results show."""

from __future__ import annotations

import asyncio
from pathlib import Path

import plotly.graph_objects as go
import pytest

import simsched

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "measured"
LECTURE = ROOT / "scenarios" / "lecture.yaml"
REPLAY = ROOT / "scenarios" / "replay.yaml"
RUN, BUSIER = DATA / "quart_r40.csv", DATA / "quart_r80.csv"


def write_log(path: Path) -> Path:
    """Write an access log of two routes, a tenth of a second between requests."""
    lines = (
        f'10.0.0.1 - - [15/Nov/2023:12:00:00 +0000] "GET /{("page", "ping")[i % 2]} HTTP/1.1" '
        f'200 5 "-" "curl" {1_700_000_000 + i / 10:.3f} 0.0{(10, 40)[i % 2] + i % 7}'
        for i in range(200)
    )
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return write_log(tmp_path_factory.mktemp("log") / "shop.log")


@pytest.fixture(scope="module")
def learned(log):
    return simsched.fit(log, server={"model": "serial", "workers": 2}, predict=[log])


@pytest.fixture(scope="module")
def overheads():
    return simsched.fit(scenario=REPLAY, measured=RUN, predict=BUSIER)


def test_a_log_becomes_a_scenario_with_its_estimates(learned):
    assert learned.scenario.servers["server"].workers == 2
    estimates = learned.estimates
    assert list(estimates.columns) == ["value", "standard_error", "source"]
    assert estimates.loc["time of /ping at a worker", "value"] == pytest.approx(0.043, abs=0.001)
    assert (estimates["standard_error"] > 0).all()


def test_predictions_are_a_tidy_frame(learned):
    frame = learned.predictions
    assert list(frame.columns) == [
        *("run", "class", "figure", "measured", "predicted", "low", "high", "error"),
    ]
    assert set(frame["run"]) == {"second half", "shop.log"}
    assert set(frame["class"]) == {"all requests", "/page", "/ping"}
    assert not frame[["run", "class", "figure"]].duplicated().any()
    assert (frame["low"] <= frame["predicted"]).all()
    assert (frame["predicted"] <= frame["high"]).all()
    assert frame["error"].abs().max() < 0.1


def test_a_fitted_scenario_runs_and_can_be_changed(learned):
    more = learned.scenario.with_({"workload.requests": 50, "workload.duration": None})
    assert simsched.run(more, replications=1).summary.loc[("server", "throughput_per_s")].value > 0


def test_a_fitted_scenario_is_saved_with_what_it_needs(learned, tmp_path):
    learned.save(tmp_path / "shop.yaml")
    names = {each.name for each in tmp_path.iterdir()}
    assert names == {"shop.yaml", "shop.arrivals.csv", "shop.durations.csv"}
    assert simsched.load(tmp_path / "shop.yaml").requests.keys() == {"/page", "/ping"}
    with pytest.raises(simsched.InputError, match="already exists; name another file"):
        learned.save(tmp_path / "shop.yaml")


def test_overheads_are_estimated_as_on_the_command_line(overheads, tmp_path):
    assert list(overheads.estimates.index) == [
        "servers.quart.overhead.request",
        "servers.quart.overhead.io",
    ]
    overhead = overheads.scenario.servers["quart"].overhead
    assert overhead.request == pytest.approx(1e9 * overheads.estimates["value"].iloc[0], abs=1000)
    by_run = overheads.predictions.set_index(["run", "figure"])["error"]
    assert abs(by_run["quart_r80.csv", "mean"]) < 0.03
    assert abs(by_run["second half", "mean"]) < 0.01
    overheads.save(tmp_path / "fitted.yaml")
    assert simsched.load(tmp_path / "fitted.yaml") == overheads.scenario


def test_what_was_fitted_is_checked_against_another_run(overheads, learned, log):
    replayed = simsched.check(overheads.scenario, BUSIER)
    assert list(replayed.summary.index.names) == ["class", "figure"]
    assert abs(replayed.summary.loc[("all requests", "mean"), "error"]) < 0.03
    drawn = simsched.check(learned.scenario, log)
    assert drawn.summary.loc[("/ping", "mean"), "high"] > 0.04
    assert repr(drawn).startswith("CheckResult('shop', 'server', mean ")


def test_measured_and_predicted_distributions_are_figures(overheads, learned, log):
    for each in (overheads, learned, simsched.check(learned.scenario, log)):
        figure = each.figure()
        assert isinstance(figure, go.Figure)
        assert [line.name for line in figure.data] == ["measured", "simulated"]
    assert learned.figure("shop.log", view="/ping").data
    with pytest.raises(simsched.InputError, match="no figure 'x' here; there is distribution"):
        learned.figure("x")


def test_remarks_name_arguments(learned, log):
    assert learned.remarks
    alone = simsched.fit(log)
    assert any("as in server model=serial,workers=4" in each for each in alone.remarks)
    assert repr(learned) == "FitResult('shop', requests=200, estimates=2)"
    assert "<table" in learned._repr_html_()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (simsched.fit, "fit needs data, such as spans.otlp.jsonl.gz; or scenario and measured"),
        (lambda: simsched.fit(5), "data: the path of a file is needed, not the number 5"),
        (lambda: simsched.fit([RUN, None]), "data: the path of a file is needed, not nothing"),
        (lambda: simsched.fit("a\0b"), "data: 'a\\\\x00b' is not a possible name of a file"),
        (lambda: simsched.fit(RUN, scenario=REPLAY), "takes either data, or scenario and measu"),
        (lambda: simsched.fit(RUN, overrides=["a=1"]), "overrides changes what predict predicts"),
        (lambda: simsched.fit(RUN, cpu_time=5), "cpu_time: text is needed, not the number 5"),
        (lambda: simsched.fit(RUN, cpu_time="5s"), "cpu_time cannot be used with a table that"),
        (lambda: simsched.fit(RUN, classes={"a": "b"}), "classes cannot be used with a table"),
        (lambda: simsched.fit(RUN, pools=5), "pools: a mapping of names is needed, not the num"),
        (lambda: simsched.fit(RUN, pools={1: 2}), "pools: a mapping of names is needed, not a m"),
        (
            lambda: simsched.fit(DATA / "shop" / "cal_r40.otlp.jsonl.gz", pools={"db": "x"}),
            "pools db=x: resources.db.capacity: a whole number is needed, not the text 'x'",
        ),
        (
            lambda: simsched.fit(RUN, server={"model": "seriel"}),
            "server model=seriel: .*did you mean 'serial'",
        ),
        (lambda: simsched.fit(RUN, server="loop"), "server loop: write its options, as in"),
        (
            lambda: simsched.fit(scenario=REPLAY, measured=RUN, server={"model": "serial"}),
            "server: the name of a server is needed, not a mapping",
        ),
        (
            lambda: simsched.fit(scenario=REPLAY, measured=RUN, server="flask"),
            "server: there is no server 'flask' in replay: quart",
        ),
        (lambda: simsched.check(REPLAY, 5), "measured: the path of a file is needed, not the n"),
        (lambda: simsched.check(LECTURE, RUN), "it has 2 servers; name the measured one: server"),
        (lambda: simsched.check(REPLAY, RUN, done=None), "done: text is needed, not nothing"),
        (
            lambda: simsched.check(REPLAY, RUN, overrides="a=1"),
            "overrides are a list such as",
        ),
        (lambda: simsched.measure(LECTURE, using="uvicorn"), "using: a list of servers is needed"),
        (lambda: simsched.measure(LECTURE, using=["apache"]), "using apache: not a server; it is"),
        (lambda: simsched.measure(LECTURE, time_limit=5), "time_limit: text is needed, not the"),
        (lambda: simsched.measure(LECTURE, time_limit="5"), "time_limit: 5 has no unit"),
        (lambda: simsched.measure(LECTURE, time_limit="0s"), "time_limit 0s: too short; write"),
        (
            lambda: simsched.measure(ROOT / "scenarios" / "flask-vs-quart.yaml", time_limit="9s"),
            "raise time_limit, or shorten the workload with overrides",
        ),
    ],
)
def test_a_bad_argument_is_an_input_error(call, said):
    with pytest.raises(simsched.InputError, match=said):
        call()


@pytest.fixture(scope="module")
def measured():
    async def notebook():
        # A notebook runs its cells within an event loop.
        return simsched.measure(LECTURE, seed=1)

    return asyncio.run(notebook())


def test_a_measurement_stands_beside_its_simulation(measured, tmp_path):
    frame = measured.summary
    assert list(frame.columns) == ["measured", "simulated", "error"]
    assert set(frame.index.get_level_values("server")) == {"serial", "cooperative"}
    assert frame.loc[("serial", "response_time_s.mean"), "simulated"] == pytest.approx(0.1163, 0.01)
    assert measured.measured.is_measured
    assert not measured.simulated.is_measured
    assert not measured.is_interrupted
    assert measured.figure("timeline").data
    assert repr(measured).startswith("MeasureResult('lecture', servers=['serial', 'coop")
    assert "<table" in measured._repr_html_()
    assert (simsched.write(measured, tmp_path) / "report.html").is_file()


def test_a_unit_of_durations_is_refused_with_a_table_whose_columns_have_units():
    with pytest.raises(simsched.InputError, match="duration_unit cannot be used with a table"):
        simsched.fit(DATA / "shop" / "r55_p10.csv", duration_unit="ms")
