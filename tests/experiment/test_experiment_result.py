"""A result as data frames, and as a notebook shows it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import simsched
from simsched.scenario import loads

SCENARIO = """
name: some <b>bold</b> name
requests: {page: [{cpu: 10ms}, {io: 40ms}, {cpu: 10ms}]}
workload: {schedule: [{at: 0ms, request: page}, {at: 20ms, request: page}], duration: 100ms}
servers:
  serial: {model: serial}
  "<script>": {model: cooperative}
"""
INTEGERS = {
    "replication": "Int32",
    "request": "Int64",
    "user": "Int32",
    "attempt": "Int32",
    "worker": "Int32",
    **{
        f"{name}_ns": "Int64"
        for name in (
            "arrival",
            "start",
            "finish",
            "queue",
            "cpu",
            "cpu_wait",
            "io",
            "io_wait",
            "late_cpu",
            "late_until",
            "demand",
        )
    },
}


@pytest.fixture(scope="module")
def result() -> simsched.Result:
    return simsched.run(loads(SCENARIO.replace(", duration: 100ms", "")))


@pytest.fixture(scope="module")
def repeated() -> simsched.Result:
    chance = "requests.page[1].io={exponential: 40ms}"
    text = SCENARIO.replace(", duration: 100ms", "")
    return simsched.run(loads(text, overrides=[chance]), replications=4)


def test_the_summary_has_a_row_for_each_server_and_metric(result):
    frame = result.summary
    assert frame.index.names == ["server", "metric"]
    assert list(frame.index.get_level_values("server").unique()) == ["serial", "<script>"]
    assert frame.loc[("serial", "requests.completed"), "value"] == 2
    assert frame.loc[("serial", "response_time_s.mean"), "value"] == pytest.approx(0.08)
    assert frame.loc[("<script>", "response_time_s.mean"), "value"] == pytest.approx(0.06)
    assert {"throughput_per_s", "slowdown", "cpu_utilisation"} <= set(frame.loc["serial"].index)


@pytest.mark.parametrize("which", ["result", "repeated"])
def test_figures_are_floats_whether_they_have_intervals_or_not(which, request):
    made = request.getfixturevalue(which)
    assert dict(made.summary.dtypes.astype(str)) == dict.fromkeys(
        ["value", "low", "high"], "float64"
    )
    assert dict(made.comparison.dtypes.astype(str)) == dict.fromkeys(
        ["difference", "difference_low", "difference_high", "ratio", "ratio_low", "ratio_high"],
        "float64",
    )


def test_one_replication_has_no_intervals(result):
    assert result.summary[["low", "high"]].isna().all(axis=None)


def test_an_interval_holds_its_value(repeated):
    mean = repeated.summary.loc[("serial", "response_time_s.mean")]
    assert mean.low < mean.value < mean.high


def test_a_comparison_is_the_difference_and_the_ratio_of_two_servers(result):
    frame, values = result.comparison, result.summary["value"]
    assert frame.index.names == ["server", "metric"]
    row = frame.loc[("<script>", "response_time_s.mean")]
    assert row.difference == pytest.approx(-0.02)
    assert row.ratio == pytest.approx(0.75)
    assert row.difference == pytest.approx(
        values["<script>", "response_time_s.mean"] - values["serial", "response_time_s.mean"]
    )


def test_a_single_server_is_not_compared():
    alone = simsched.run(
        loads(SCENARIO, overrides=["servers={serial: {model: serial}}"]), replications=1
    )
    assert len(alone.comparison) == 0
    assert "difference" in alone.comparison.columns
    assert alone.comparison.index.names == ["server", "metric"]


def test_requests_are_whole_nanoseconds(result):
    frame = result.requests
    assert {name: str(frame[name].dtype) for name in INTEGERS} == INTEGERS
    assert all(
        isinstance(frame[name].dtype, pd.CategoricalDtype) for name in ("server", "class", "status")
    )
    assert set(frame.columns) == {*INTEGERS, "server", "class", "status"}
    assert frame["finish_ns"].tolist() == [60_000_000, 120_000_000, 60_000_000, 80_000_000]
    assert frame["user"].isna().all()


def test_a_time_that_there_is_none_of_is_missing():
    frame = simsched.run(loads(SCENARIO)).requests
    row = frame[(frame["server"] == "serial") & (frame["request"] == 2)].iloc[0]
    assert row["status"] == "unfinished"
    assert row["finish_ns"] is pd.NA
    assert row["start_ns"] == 60_000_000


def test_a_notebook_shows_the_figures_of_each_server(result):
    shown = result._repr_html_()
    assert "response_time_s.mean" in shown
    assert "<td>0.08</td>" in shown
    assert "<td>0.06</td>" in shown
    assert "NaN" not in shown


def test_a_notebook_shows_names_as_they_are(result):
    shown = result._repr_html_()
    assert "<p>some &lt;b&gt;bold&lt;/b&gt; name</p>" in shown
    assert "&lt;script&gt;" in shown
    assert "<b>" not in shown
    assert "<script" not in shown


def test_a_notebook_shows_warnings(result):
    shown = replace(result, warnings=("the run is <short>",))._repr_html_()
    assert "<p>Warning: the run is &lt;short&gt;</p>" in shown
