"""Schedules, the mix of classes, and the programs that requests get."""

from __future__ import annotations

import dataclasses
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from workload_scenes import FEEDBACK, open_at, scenario

from simsched.errors import RunError
from simsched.workload import Step, StepKind, draw, is_random

PAGE = (
    {"cpu": "10ms", "label": "framework"},
    {"io": "40ms", "label": "database"},
    {"cpu": "10ms", "label": "code"},
)
PING = ({"cpu": "4ms"}, {"io": "6ms"})
CLASSES = {"page": PAGE, "ping": PING}


def at(*arrivals):
    return {"schedule": tuple({"at": when, "request": name} for when, name in arrivals)}


def durations(workload, request):
    rows = slice(workload.first_row[request], workload.first_row[request + 1])
    return workload.duration_ns[rows].tolist()


def test_the_columns_of_a_schedule():
    workload = draw(scenario(at((0, "page"), ("20ms", "ping"), ("72ms", "page")), CLASSES), 1)
    assert workload.classes == ("page", "ping")
    assert workload.steps == (
        Step(StepKind.CPU, "framework"),
        Step(StepKind.IO, "database"),
        Step(StepKind.CPU, "code"),
        Step(StepKind.CPU, None),
        Step(StepKind.IO, None),
    )
    assert workload.arrival_ns.tolist() == [0, 20_000_000, 72_000_000]
    assert workload.class_id.tolist() == [0, 1, 0]
    assert workload.first_row.tolist() == [0, 3, 5, 8]
    assert workload.step_id.tolist() == [0, 1, 2, 3, 4, 0, 1, 2]
    assert durations(workload, 1) == [4_000_000, 6_000_000]
    assert workload.demand_ns().tolist() == [60_000_000, 10_000_000, 60_000_000]
    assert workload.end_ns is None


def test_columns_have_the_types_that_engines_are_compiled_for():
    workload = draw(scenario(open_at("80/s", requests=10), CLASSES | {"loop": FEEDBACK}), 1)
    types = {
        "arrival_ns": np.int64,
        "class_id": np.int32,
        "first_row": np.int64,
        "step_id": np.int32,
        "duration_ns": np.int64,
        "dispatch": np.float64,
    }
    assert {name: getattr(workload, name).dtype for name in types} == types


def test_a_schedule_is_sorted_by_time_and_ties_stay_in_its_order():
    schedule = at(("5ms", "page"), (0, "ping"), ("5ms", "ping"), (0, "page"))
    workload = draw(scenario(schedule, CLASSES), 1)
    assert workload.arrival_ns.tolist() == [0, 0, 5_000_000, 5_000_000]
    assert workload.class_id.tolist() == [1, 0, 0, 1]


def mixed(requests=20_000, classes=CLASSES, **mix):
    return draw(scenario(open_at("80/s", requests=requests, mix=mix), classes), 1)


def test_classes_come_in_the_proportions_of_the_mix():
    counts = np.bincount(mixed(page=3, ping=1).class_id)
    assert stats.chisquare(counts, [15_000, 5_000]).pvalue > 0.001


def test_a_class_left_out_of_the_mix_never_comes():
    classes = {"first": PING, **CLASSES, "last": PING}
    counts = np.bincount(mixed(classes=classes, page=0.1, ping=0.2).class_id, minlength=4)
    assert counts[0] == counts[3] == 0
    assert counts[1:3].min() > 0


def test_neighbouring_classes_are_independent():
    ids = mixed(page=1, ping=1).class_id
    table = np.histogram2d(ids[:-1], ids[1:], bins=2)[0]
    assert stats.chi2_contingency(table).pvalue > 0.001


RANDOM = {"page": FEEDBACK, "ping": ({"cpu": {"exponential": "1ms"}},)}


def of_class(workload, name):
    mine = np.flatnonzero(workload.class_id == workload.classes.index(name))
    return [durations(workload, i) for i in mine]


@given(st.floats(0.1, 10), st.integers(20, 200))
def test_the_kth_request_of_a_class_is_the_same_in_any_mix(weight, requests):
    alone = of_class(mixed(requests, {"page": FEEDBACK}, page=1), "page")
    among = of_class(mixed(requests, RANDOM, page=1, ping=weight), "page")
    assert among == alone[: len(among)]


def test_adding_a_phase_leaves_the_other_phases_as_they_were():
    short = mixed(50, {"page": FEEDBACK}, page=1)
    long = mixed(50, {"page": (*FEEDBACK, {"io": {"exponential": "9ms"}})}, page=1)
    assert np.array_equal(short.duration_ns.reshape(50, 3), long.duration_ns.reshape(50, 4)[:, :3])


def test_phases_of_one_distribution_draw_independently():
    durations = mixed(2000, {"page": FEEDBACK}, page=1).duration_ns.reshape(2000, 3)
    assert stats.spearmanr(durations[:, 0], durations[:, 2]).pvalue > 0.001


def test_each_phase_has_the_moments_of_its_distribution():
    n = 100_000
    durations = mixed(n, {"page": FEEDBACK}, page=1).duration_ns.reshape(n, 3)
    for phase, mean in enumerate([4e6, 50e6, 4e6]):
        bound = stats.norm.ppf(0.9995) * mean / np.sqrt(n)
        assert abs(durations[:, phase].mean() - mean) < bound


def test_the_draws_behind_dispatch_are_uniform():
    assert stats.kstest(mixed(page=1).dispatch, stats.uniform().cdf).pvalue > 0.001


def test_demands_that_simulated_time_cannot_hold_are_refused():
    years = {"page": ({"io": "8784h"},) * 147}
    with pytest.raises(RunError, match="more than 146 years of work together"):
        draw(scenario(at((0, "page")), years), 1)


CONSTANT = {"open": {"rate": "80/s", "arrivals": "constant"}, "requests": 5}
ONE = {"weight": 1, "duration": "1ms"}
SAME = {"mixture": (ONE, ONE)}


@pytest.mark.parametrize(
    ("workload", "classes", "expected"),
    [
        (at((0, "page")), CLASSES, False),
        (at((0, "page")), RANDOM, True),
        (at((0, "page")), {"page": PAGE, "unused": FEEDBACK}, False),
        (at((0, "page")), {"page": ({"cpu": SAME},)}, False),
        (open_at("80/s", requests=5), {"page": PAGE}, True),
        (CONSTANT, {"page": PAGE}, False),
        (CONSTANT, {"page": FEEDBACK}, True),
        ({**CONSTANT, "mix": {"page": 1, "ping": 2}}, CLASSES, True),
        ({**CONSTANT, "mix": {"page": 1}}, CLASSES, False),
    ],
)
def test_a_workload_is_random_when_chance_has_a_say_in_it(workload, classes, expected):
    assert is_random(scenario(workload, classes)) == expected


def test_drawing_takes_little_more_memory_than_the_columns_that_it_returns():
    n = 300_000
    scene = scenario(open_at("80/s", requests=n), {"page": FEEDBACK})
    draw(scene, 1)
    tracemalloc.start()
    workload = draw(scene, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    columns = (getattr(workload, each.name) for each in dataclasses.fields(workload))
    kept = sum(column.nbytes for column in columns if isinstance(column, np.ndarray))
    assert kept / n < 65
    assert peak / n < 85
