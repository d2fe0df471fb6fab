"""What a parameter does by itself: like is held against like, and overload counts as worst."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sweep_examples import planned

from simsched.experiment.store_record import Record
from simsched.experiment.sweep import SweepResult
from simsched.experiment.sweep.effects import are_apart, main_effect
from simsched.experiment.sweep.series import MEAN, Series
from simsched.experiment.tables import SummaryRow
from simsched.report.html.library import PlotlyJs
from simsched.report.sweep.page import render
from simsched.report.sweep.verdict import verdict

P95 = "response_time_s.p95"
RATE, WORKERS = "workload.open.rate", "servers.serial.workers"

PRODUCT = """
sweep: {matrix: {workload.open.rate: [50/s, 100/s, 150/s], servers.serial.workers: [1, 2]}}
"""

Means = Callable[[float, float], float | None]
"""The mean of the serial server by the rate and its workers; None where it does not keep up."""


def result(
    folder: Path, text: str, means: Means, spread: float = 0.01, *, untold: bool = False
) -> SweepResult:
    """Return a sweep in which the server's mean is known, within *spread* of it.

    A mean that is missing is infinite, or just *untold*.
    """
    plan = planned(folder, text)
    columns = [one.name for one in plan.parameters]
    records = {}
    for point in plan.points:
        numbers = dict(zip(columns, (value.number for value in point.values), strict=True))
        mean = means(numbers.get(RATE, 50.0), numbers.get(WORKERS, 1.0))
        ends = (None,) * 3 if mean is None else (mean, mean * (1 - spread), mean * (1 + spread))
        said: dict[str, Any] = {
            "servers": ["serial"],
            "untold": {},
            "ranking": [],
            "confidence": 0.95,
            "loads": {"serial": {"stable": mean is not None or untold, "utilisation": 0.5}},
            "theory": [],
            "warnings": [],
            "notes": [],
            "verdicts": [],
            "objectives": [],
            "replications": 3,
        }
        records[point.number] = Record((SummaryRow("serial", MEAN, *ends),), said)
    return SweepResult(plan, records, {})


def medians(found: SweepResult, position: int, metric: str = MEAN) -> dict[str, float | None]:
    levels = main_effect(found, Series(found), position, "serial", metric)
    return {level.text: level.median for level in levels}


def test_a_level_is_the_median_over_the_other_parameters(tmp_path):
    found = result(tmp_path, PRODUCT, lambda rate, workers: rate / workers)
    assert medians(found, 0) == {"50/s": 37.5, "100/s": 75.0, "150/s": 112.5}
    assert medians(found, 1) == {"1": 100.0, "2": 50.0}


def test_a_second_worker_never_looks_worse_for_keeping_up_where_one_does_not(tmp_path):
    def means(rate: float, workers: float) -> float | None:
        return None if rate > 60 * workers else rate / workers

    found = result(tmp_path, PRODUCT, means)
    assert medians(found, 1) == {"1": math.inf, "2": 50.0}
    one, two = main_effect(found, Series(found), 1, "serial", MEAN)
    assert (one.kept_up, two.kept_up) == (1, 2)
    assert (
        "Median mean response time of serial: by workload.open.rate 37.5 s (50/s) to overload "
        "(100/s, 150/s); by servers.serial.workers 50.0 s (2) to overload (1)."
    ) in verdict(found)


def test_a_figure_that_cannot_be_told_of_a_server_that_keeps_up_is_no_overload(tmp_path):
    found = result(tmp_path, PRODUCT, lambda rate, workers: rate / workers)
    assert medians(found, 1, P95) == {"1": None, "2": None}
    assert not are_apart(found, main_effect(found, Series(found), 1, "serial", P95))


def test_a_mean_that_is_missing_for_another_reason_is_no_overload_either(tmp_path):
    found = result(tmp_path, PRODUCT, lambda _, workers: None if workers == 1 else 1.0, untold=True)
    assert medians(found, 1) == {"1": None, "2": 1.0}
    assert not [one for one in verdict(found) if "overload" in one or "keeps up" in one]
    assert not Series(found).nobody_keeps_up(1)


def test_what_was_drawn_at_random_is_left_out_beside_a_design(tmp_path):
    text = """
    sweep:
      - matrix: {workload.open.rate: {from: 150/s, to: 180/s, steps: 10}}
      - matrix:
          workload.open.rate: {from: 10/s, to: 20/s}
          servers.serial.workers: {from: 3, to: 12}
        sample: {method: lhs, points: 20}
    """
    found = result(tmp_path, text, lambda rate, _: rate)
    assert medians(found, 1) == {}
    assert len(medians(found, 0)) == 10


def test_of_as_many_points_more_values_are_compared(tmp_path):
    text = """
    sweep:
      matrix:
        workload.open.rate: [5/s, 20/s, 30/s, 40/s]
        servers.serial.workers: [2, 3]
        servers.serial.discipline: [fifo, lifo]
      exclude:
        - {workload.open.rate: 5/s, servers.serial.workers: 2, servers.serial.discipline: fifo}
    """
    found = result(tmp_path, text, lambda rate, workers: rate / workers)
    assert list(medians(found, 0)) == ["5/s", "20/s", "30/s", "40/s"]


def test_every_value_of_which_most_points_are_overloaded_is_named(tmp_path):
    text = PRODUCT.replace("[1, 2]", "[1, 2, 4]")
    found = result(tmp_path, text, lambda _, workers: 1.0 if workers == 4 else None)
    (sentence,) = [one for one in verdict(found) if one.startswith("Median")]
    assert "by servers.serial.workers 1.00 s (4) to overload (1, 2)" in sentence


def test_values_are_compared_where_all_else_is_alike(tmp_path):
    text = """
    sweep:
      - matrix: {workload.open.rate: [50/s, 100/s], servers.serial.workers: [1, 2]}
      - matrix: {workload.open.rate: [150/s], servers.serial.workers: [4, 8]}
      - include: [{workload.open.rate: 50/s, servers.serial.workers: 16}]
    """
    found = result(tmp_path, text, lambda rate, workers: rate / workers)
    # Four and eight workers have met another rate, sixteen only one of the two.
    assert medians(found, 1) == {"1": 75.0, "2": 37.5}
    assert medians(found, 0) == {"50/s": 37.5, "100/s": 75.0}


def test_one_parameter_after_the_other_is_compared_with_where_all_began(tmp_path):
    text = """
    sweep:
      include:
        - {workload.open.rate: 100/s, servers.serial.workers: 1}
        - {workload.open.rate: 200/s, servers.serial.workers: 1}
        - {workload.open.rate: 100/s, servers.serial.workers: 2}
        - {workload.open.rate: 100/s, servers.serial.workers: 3}
    """
    found = result(tmp_path, text, lambda rate, workers: rate / workers)
    assert medians(found, 0) == {"100/s": 100.0, "200/s": 200.0}
    assert medians(found, 1) == {"1": 100.0, "2": 50.0, "3": pytest.approx(100 / 3)}


def test_what_only_moves_along_with_a_parameter_does_not_stand_in_its_way(tmp_path):
    text = """
    sweep:
      matrix: {servers.serial.discipline: [fifo, lifo]}
      zip: {workload.open.rate: [50/s, 100/s], servers.serial.workers: [1, 2]}
    """
    found = result(tmp_path, text, lambda rate, workers: rate * workers)
    columns = [one.name for one in found.plan.parameters]
    assert medians(found, columns.index(RATE)) == {"50/s": 50.0, "100/s": 200.0}
    assert medians(found, columns.index(WORKERS)) == {"1": 50.0, "2": 200.0}
    assert medians(found, columns.index("servers.serial.discipline")) == {"fifo": 125, "lifo": 125}


def test_points_that_have_nothing_alike_tell_no_effect(tmp_path):
    text = """
    sweep:
      include:
        - {workload.open.rate: 50/s, servers.serial.workers: 1, servers.serial.discipline: fifo}
        - {workload.open.rate: 70/s, servers.serial.workers: 1, servers.serial.discipline: lifo}
        - {workload.open.rate: 90/s, servers.serial.workers: 2, servers.serial.discipline: fifo}
    """
    found = result(tmp_path, text, lambda rate, workers: rate / workers)
    assert medians(found, 1) == {}
    assert "effects" in render(found, PlotlyJs.CDN)
    assert not [one for one in verdict(found) if "by servers.serial.workers" in one]


def test_many_values_are_taken_together_in_groups(tmp_path):
    text = """
    sweep:
      matrix:
        workload.open.rate: {from: 50/s, to: 180/s, steps: 14}
        servers.serial.workers: [1, 2]
    """
    found = result(tmp_path, text, lambda rate, workers: rate / workers)
    levels = main_effect(found, Series(found), 0, "serial", MEAN)
    assert [len(level.found) for level in levels] == [6, 6, 4, 4, 4, 4]
    assert (levels[0].text, levels[0].number) == ("50/s to 70/s", 60)


@pytest.mark.parametrize(("spread", "apart"), [(0.1, True), (0.4, False)])
def test_levels_are_apart_where_the_intervals_of_their_points_are(tmp_path, spread, apart):
    found = result(tmp_path, PRODUCT, lambda rate, workers: rate / workers, spread)
    levels = main_effect(found, Series(found), 1, "serial", MEAN)
    assert are_apart(found, levels) is apart


def test_points_that_are_the_same_simulation_are_no_more_evidence_than_one(tmp_path):
    text = """
    sweep:
      matrix: {workload.open.rate: [50/s, 51/s], servers.serial.workers: [1, 2, 3, 4, 5, 6, 7, 8]}
    """
    found = result(tmp_path, text, lambda rate, _: rate, spread=0.05)
    assert not are_apart(found, main_effect(found, Series(found), 0, "serial", MEAN))
    assert not [one for one in verdict(found) if one.startswith("Median")]


def test_a_sample_is_judged_by_the_ranks_of_its_points(tmp_path):
    text = """
    sweep:
      matrix: {workload.open.rate: {from: 20/s, to: 90/s}, servers.serial.workers: {from: 1, to: 4}}
      sample: {method: lhs, points: 48}
    """
    found = result(tmp_path, text, lambda rate, _: None if rate > 80 else rate)
    series = Series(found)
    by_rate, by_workers = (main_effect(found, series, n, "serial", MEAN) for n in (0, 1))
    assert len(by_rate) == 6
    assert by_rate[-1].median == math.inf
    assert sorted(level.median for level in by_rate) == [level.median for level in by_rate]
    assert are_apart(found, by_rate)
    assert len(by_workers) == 4
    assert not are_apart(found, by_workers)
    same = result(tmp_path, text, lambda *_: 1.0)
    assert not are_apart(same, main_effect(same, Series(same), 0, "serial", MEAN))
