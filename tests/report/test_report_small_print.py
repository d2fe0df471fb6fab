"""What the table of the page shows below a figure, and in which rows."""

from __future__ import annotations

import pytest

import simsched
from simsched.report.table import parts, table
from simsched.scenario import loads
from simsched.scenario.metrics import parse_metric
from simsched.statistics.estimate import Estimate
from simsched.statistics.words.comparison import small_print

POOL = """
name: pool
requests:
  page: [{cpu: {exponential: 2ms}}, {io: {exponential: 20ms}, on: pool}]
  ping: [{cpu: {exponential: 1ms}}]
resources: {pool: {capacity: 2}}
workload: {open: {rate: 60/s}, mix: {page: 1, ping: 1}, requests: 400}
servers: {loop: {model: cooperative}, serial: {model: serial, workers: 4}}
run: {replications: 4}
"""


@pytest.mark.parametrize(
    ("name", "difference", "ratio", "words"),
    [
        ("cpu_utilisation", (-0.1729, -0.1758, -0.17), (0.25, 0.25, 0.25), "17 to 18 points less"),
        ("failed_fraction", (-0.87, -1.08, -0.66), (0.13, 0.03, 0.59), "66 to 100 points less"),
        ("failed_fraction", (0.004, 0.0031, 0.0049), (5, 4, 6), "0.31 to 0.49 points more"),
        ("failed_fraction", (0.5, None, None), (2, None, None), "50 points more"),
        ("failed_fraction", (0.0, None, None), (1, None, None), ""),
        ("failed_fraction", (0.1, -0.1, 0.3), (2, 0.5, 8), "no clear difference"),
        ("throughput_per_s", (-3, -3, -3), (0.25, 0.24999999, 0.25000001), "75 % less"),
        ("slowdown", (0.1, 0.05, 0.2), (1.0005, 1.0002, 1.0008), "hardly a difference"),
        ("slowdown", (0.1, 0.05, 0.2), (1.0005, 1.0002, 1.002), "0.020 to 0.20 % more"),
        ("throughput_per_s", (-3, -4, -2), (0.7, 0.6, 0.8), "20 to 40 % less"),
    ],
)
def test_a_share_differs_in_points_and_anything_else_by_a_ratio(name, difference, ratio, words):
    kind = parse_metric(name).kind
    assert small_print(Estimate(*difference), Estimate(*ratio), kind) == words


def test_waits_for_a_resource_have_a_row():
    result = simsched.run(loads(POOL))
    rows = {row.title: row for row in table(result)}
    assert list(rows).index("wait for pool") == list(rows).index("pool in use") + 1
    for cell, one in zip(rows["wait for pool"].cells, result.servers.values(), strict=True):
        assert cell.text.startswith(f"{one.resource_wait['pool'].value * 1000:.1f}"[:2])


def test_classes_are_compared_with_the_baseline():
    result = simsched.run(loads(POOL))
    (ping,) = (part for part in parts(result) if part.name == "ping")
    rows = {row.title: row for row in ping.rows}
    (one,) = [
        c
        for c in result.class_comparisons
        if c.metric == "response_time_s.mean" and c.request == "ping"
    ]
    mean = parse_metric("response_time_s.mean")
    notes = [cell.note for cell in rows[mean.title].cells]
    assert notes == ["", small_print(one.difference, one.ratio, mean.kind)]
    assert notes[1]
