"""A formula beside the simulation, and how the two go together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from report_results import load

from simsched import scenario as scenarios
from simsched.experiment import run
from simsched.report.table import theory
from simsched.statistics.estimate import Estimate
from simsched.statistics.theory.known import Figure, Known

LECTURE = Path(__file__).parents[2] / "scenarios" / "lecture.yaml"
RANDOM = scenarios.loads("""
name: flask-vs-quart
requests: {page: [{cpu: {exponential: 5ms}}]}
workload: {open: {rate: 115/s}, requests: 400}
servers: {serial: {model: serial}}
""")


@pytest.mark.parametrize(
    ("relation", "formula", "estimate", "note"),
    [
        ("<=", 115.0, (115.5, 114.2, 116.8), "formula within the interval"),
        ("<=", 115.0, (114.5, 114.2, 114.8), ""),
        ("<=", 115.0, (119.0, 118.0, 120.0), "formula outside the interval"),
        (">=", 115.0, (114.5, 114.2, 114.8), "formula outside the interval"),
        ("<=", 115.0, (115.5, None, None), "exceeded, as one run by chance may"),
        ("<=", 115.0, (115.0 + 1e-13, None, None), ""),
        ("<=", 115.0, (115.0 + 1e-13, 115.0 + 1e-13, 115.0 + 1e-13), ""),
        ("=", 115.0, (115.0 + 1e-13, 115.0 + 1e-13, 115.0 + 1e-13), "formula within the interval"),
        ("=", 115.0, (114.5, 114.2, 115.8), "formula within the interval"),
        ("=", 115.0, (114.5, 114.2, 114.8), "formula outside the interval"),
        ("=", 115.0, (114.5, None, None), ""),
        ("=", 115.0, (None, None, None), ""),
    ],
)
def test_a_formula_is_compared_with_the_interval(relation, formula, estimate, note):
    result = load()
    serial = result.servers["serial"]
    estimates = {**serial.estimates, "throughput_per_s": Estimate(*estimate)}
    known = Known("serial", "M/M/1", "Book", (Figure("throughput_per_s", formula, relation),))
    servers = {"serial": replace(serial, estimates=estimates)}
    (row,) = theory(replace(result, scenarios=(RANDOM,), servers=servers, known=(known,)))
    assert row.note == note


def test_where_nothing_is_random_a_bound_is_not_passed_by_chance():
    result = load()
    passed = replace(result.servers["serial"], estimates={"throughput_per_s": Estimate(116.0)})
    known = Known("serial", "bounds", "Book", (Figure("throughput_per_s", 115.0, "<="),))
    (row,) = theory(replace(result, servers={"serial": passed}, known=(known,)))
    assert row.note == "exceeded: a bound for long runs"


def test_two_workers_of_the_lecture_reach_their_bound_and_do_not_pass_it():
    found = run([scenarios.load(LECTURE, ["servers.serial.workers=2"])])
    bounds = [row for row in theory(found) if row.server == "serial"]
    assert [(row.metric, row.note) for row in bounds] == [
        ("throughput", ""),
        ("response time, mean", ""),
    ]


def test_a_formula_that_a_run_cannot_be_compared_with_says_why():
    known = Known("serial", "closed", "Book", (Figure("throughput_per_s", 9.0),), "too short")
    assert theory(replace(load(), known=(known,)))[0].note == "too short"
