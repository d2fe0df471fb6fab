"""The page on statistics tells of everything there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from stats_traces import mm1

from simsched.scenario.metrics import PARTS, SLOWEST
from simsched.statistics import summarize
from simsched.statistics.theory import bounds, networks, queues
from simsched.statistics.theory.known import Model

PAGE = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")
SUMMARY = summarize("serial", [mm1(1, 10, 0.5)])


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


def test_the_page_documents_no_field_that_is_not_there():
    table = PAGE.split("## The metrics of a server")[1].split("\n\n")[1]
    fields = set(re.findall(r"^\| `([a-z_.0-9]+)`", table, re.MULTILINE))
    known = {*SUMMARY.estimates, "requests", "completion_order", "classes", "time_spent_s"}
    used = {
        f"{which}_{what}" for which in ("resource", "service") for what in ("utilisation", "wait_s")
    }
    assert fields <= known | {"warmup_s", "attempts"} | used


def test_the_table_of_coverage_is_kept():
    rows = re.findall(r"^\| (?:M/M/1|cooperative)[^|]*\| (?:\d+ x|one run of) (.*) \|$", PAGE, re.M)
    assert len(rows) == 9
    for row in rows:
        _, mean, p95, _, difference = row.split("|")
        for share in (mean, p95, difference):
            assert 93 <= float(share.replace("%", "")) <= 97
