from __future__ import annotations

import json
import re

import pytest
from search_runs import MM1, benchmark

from simsched.experiment.search.capacity import capacities
from simsched.experiment.search.question import ask
from simsched.report.search.capacity import findings
from simsched.report.search.figure import curves
from simsched.report.search.findings import render
from simsched.scenario import loads

SERVERS = "{a: {model: serial}, b: {model: serial, workers: 2}}"


@pytest.fixture(scope="module")
def found():
    text = MM1.replace("{serial: {model: serial}}", SERVERS)
    limits = "slo: {mean: response_time.mean < 50ms, tail: response_time.p95 < 200ms}\n"

    def load(overrides):
        return loads(text + limits, overrides=overrides)

    question = ask(load, relative=0.1)
    answers = capacities(question, benchmark("recursions").kiefer_wolfowitz)
    return question.scenario, tuple(answers)


def test_there_is_a_curve_for_each_limit(found):
    drawn = curves(found[1])
    assert [figure.title for figure in drawn] == [
        "response_time.mean over workload.open.rate",
        "response_time.p95 over workload.open.rate",
    ]


def test_the_limit_and_the_boundaries_are_drawn(found):
    layout = curves(found[1])[0].layout
    line, *bands = layout["shapes"]
    assert (line["y0"], line["y1"]) == (50, 50)
    assert [(band["x0"], band["x1"]) for band in bands] == [
        (each.boundary.low, each.boundary.high) for each in found[1]
    ]


def test_delays_far_beyond_the_limit_are_cut_off(found):
    mean, tail = (figure.layout["yaxis"] for figure in curves(found[1]))
    highs = [t.readings[0].figure.high for a in found[1] for t in a.trials]
    most = max(high for high in highs if high is not None)
    assert mean.get("range") == ([0, 125] if most > 0.125 else None)
    assert tail.get("range", [0, 500]) == [0, 500]


def test_the_curve_goes_through_what_was_tried(found):
    lines = [t for t in curves(found[1])[0].data if t["mode"] == "lines+markers"]
    assert [trace["name"] for trace in lines] == ["a", "b"]
    trials = [trial for trial in found[1][0].trials if trial.replications]
    assert lines[0]["x"] == [trial.value for trial in trials]
    assert lines[0]["y"] == pytest.approx(
        [trial.readings[0].figure.value * 1000 for trial in trials]
    )


def test_the_tables_have_a_row_a_server_and_a_row_a_value(found):
    shown = findings(*found)
    assert [row[0] for row in shown.document.table] == ["", "a", "b"]
    table = shown.trials["a"]
    assert table[0][:3] == ("workload.open.rate", "response_time.mean", "response_time.p95")
    assert len(table) == 1 + len(found[1][0].trials)
    assert table[-1][-2:] == ("0", "missed")


def test_the_page_needs_nothing_from_outside(found):
    page = render(findings(*found))
    head = page[: page.index("<script")]
    assert not re.search(r"(src|href)=\"https?:", head)
    assert "default-src &#39;none&#39;" in head
    data = json.loads(re.search(r'id="figures">(.*?)</script>', page).group(1))
    assert data["figures"].keys() == {"curve-1", "curve-2"}


def test_names_on_the_page_are_text(found):
    scenario, answers = found
    hostile = scenario.model_copy(update={"name": "<script>alert(1)</script>"})
    page = render(findings(hostile, answers))
    assert "<script>alert(1)" not in page
