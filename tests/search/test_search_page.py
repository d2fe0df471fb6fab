from __future__ import annotations

import json
import re

import pytest
from search_runs import MM1, benchmark

from simsched.experiment.search.capacity import capacities
from simsched.experiment.search.question import ask
from simsched.report.search.capacity import Capacity, rows, trial_rows
from simsched.report.search.figure import figures
from simsched.report.search.page import render
from simsched.scenario import dump, loads

SERVERS = "{a: {model: serial}, b: {model: serial, workers: 2}}"


@pytest.fixture(scope="module")
def found():
    text = MM1.replace("{serial: {model: serial}}", SERVERS)
    limits = "slo: {mean: response_time.mean < 50ms, tail: response_time.p95 < 200ms}\n"

    def load(overrides):
        return loads(text + limits, overrides=overrides)

    question = ask(load, relative=0.1)
    answers = capacities(question, benchmark("recursions").kiefer_wolfowitz)
    return Capacity(question.scenario, tuple(answers))


def test_there_is_a_curve_for_each_limit(found):
    drawn = figures(found)
    assert [figure.title for figure in drawn] == [
        "response_time.mean over workload.open.rate",
        "response_time.p95 over workload.open.rate",
    ]


def test_the_limit_and_the_boundaries_are_drawn(found):
    layout = figures(found)[0].layout
    line, *bands = layout["shapes"]
    assert (line["y0"], line["y1"]) == (50, 50)
    assert [(band["x0"], band["x1"]) for band in bands] == [
        (each.boundary.low, each.boundary.high) for each in found.answers
    ]


def test_delays_far_beyond_the_limit_are_cut_off(found):
    mean, tail = (figure.layout["yaxis"] for figure in figures(found))
    highs = [t.readings[0].figure.high for a in found.answers for t in a.trials]
    most = max(high for high in highs if high is not None)
    assert mean.get("range") == ([0, 125] if most > 0.125 else None)
    assert tail.get("range", [0, 500]) == [0, 500]


def test_the_curve_goes_through_what_was_tried(found):
    lines = [t for t in figures(found)[0].data if t["mode"] == "lines+markers"]
    assert [trace["name"] for trace in lines] == ["a", "b"]
    trials = [trial for trial in found.answers[0].trials if trial.replications]
    assert lines[0]["x"] == [trial.value for trial in trials]
    assert lines[0]["y"] == pytest.approx(
        [trial.readings[0].figure.value * 1000 for trial in trials]
    )


def test_what_a_formula_says_lies_beside(found):
    formulas = [t for t in figures(found)[0].data if "by formula" in t.get("name", "")]
    assert len(formulas) == 2
    x, y = formulas[0]["x"][0], formulas[0]["y"][0]
    assert y == pytest.approx(1000 / (100 - x))


def test_the_tables_have_a_row_a_server_and_a_row_a_value(found):
    assert [row[0] for row in rows(found)] == ["", "a", "b"]
    table = trial_rows(found.answers[0])
    assert table[0][:3] == ("workload.open.rate", "response_time.mean", "response_time.p95")
    assert len(table) == 1 + len(found.answers[0].trials)
    assert table[-1][-2:] == ("0", "missed")


def test_the_page_needs_nothing_from_outside(found):
    page = render(found, dump(found.scenario))
    head = page[: page.index("<script")]
    assert not re.search(r"(src|href)=\"https?:", head)
    assert "default-src &#39;none&#39;" in head
    assert json.loads(re.search(r'id="figures">(.*?)</script>', page).group(1)).keys() == {
        "curve-1",
        "curve-2",
    }


def test_names_on_the_page_are_text(found):
    hostile = found.scenario.model_copy(update={"name": "<script>alert(1)</script>"})
    page = render(Capacity(hostile, found.answers), "", "simsched")
    assert "<script>alert(1)" not in page
