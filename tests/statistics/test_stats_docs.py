"""The page on statistics tells of everything there is."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
from stats_traces import mm1

import simsched
from simsched.scenario.metrics import (
    METRICS,
    PARTS,
    RESOURCE_METRICS,
    SERVICE_METRICS,
    SLOWEST,
    parse_metric,
)
from simsched.statistics import summarize
from simsched.statistics.theory import bounds, networks, queues
from simsched.statistics.theory.known import Model

DOCS = Path(__file__).parents[2] / "docs"
METRICS_PAGE = (DOCS / "metrics.md").read_text(encoding="utf-8")
PAGE = METRICS_PAGE + (DOCS / "statistics.md").read_text(encoding="utf-8")
SUMMARY = summarize("serial", [mm1(1, 10, 0.5)])


@pytest.fixture(scope="module")
def lecture(tmp_path_factory):
    """Return what summary.json says of a server of the lecture."""
    result = simsched.run(DOCS.parent / "scenarios" / "lecture.yaml")
    folder = simsched.write(result, tmp_path_factory.mktemp("reports"))
    return json.loads((folder / "summary.json").read_text("utf-8"))["servers"]["serial"]


@pytest.mark.parametrize("metric", SUMMARY.estimates)
def test_every_metric_is_documented(metric):
    group, _, last = metric.partition(".")
    assert f"`{metric}`" in PAGE or (f"`{group}." in PAGE and f"`{last}`" in PAGE)


@pytest.mark.parametrize("activity", PARTS)
def test_every_activity_is_documented(activity):
    assert f"`{activity}`" in PAGE


@pytest.mark.parametrize("group", SLOWEST)
def test_every_group_of_slow_requests_is_documented(group):
    assert f"`{group}`" in PAGE


MODELS = [
    model
    for family in (queues, networks, bounds)
    for model in vars(family).values()
    if isinstance(model, Model)
]


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_documented_with_its_source(model):
    (surname,) = re.findall(r"^\w+", model.source)
    assert surname in PAGE
    assert model.source[model.source.index("(") + 1 :].split(")")[0][-4:] in PAGE


ROWS = {
    cells[0].strip("` "): [cell.strip() for cell in cells[1:]]
    for line in METRICS_PAGE.split("## Every metric\n")[1].split("\n*Better*")[0].splitlines()
    if len(cells := line.strip("|").split("|")) == 5 and "`" in cells[0]
}
UNITS = {
    "duration": "seconds",
    "rate": "per second",
    "share": "share",
    "count": "places",
    "number": ("ratio", "number"),
    "correlation": "correlation",
}


@pytest.mark.parametrize("text", ROWS)
def test_a_row_says_of_its_metric_what_the_registry_does(text):
    name, unit, better, definition = ROWS[text]
    metric = parse_metric(text)
    assert (metric.text, f"`{metric.name}`") == (text, name)
    assert unit.startswith(UNITS[metric.kind])
    least, most = metric.bounds
    if math.isfinite(most):
        assert unit.endswith(f", {least:g} to {most:g}")
    assert better == (metric.better or "neither")
    assert len(definition) > 20


def test_every_metric_has_a_row():
    families = {
        *("response_time.p99", "time_spent.queue", "time_spent.cpu_wait.p99"),
        f"time_spent.io_wait.{SLOWEST[0]}",
        *(f"{name}.NAME" for name in (*RESOURCE_METRICS, *SERVICE_METRICS)),
    }
    assert {*ROWS} == {*METRICS} | families


def test_every_field_of_a_server_is_on_the_page(lecture):
    named = {*re.findall(r"^\| `([a-z_]+)`", METRICS_PAGE, re.M)}
    families = {name.strip("`").split(".")[0] for name, *_ in ROWS.values()}
    assert {*lecture} <= named | families
    assert {"completion_order", "classes", "requests"} <= {*lecture}
