"""The page about distributions keeps its word: every example is drawn, every figure recomputed."""

from __future__ import annotations

import re
from math import sqrt
from pathlib import Path

import pytest

from simsched import units
from simsched.scenario import loads
from simsched.workload import draw
from simsched.workload.distributions import moments

PAGE = Path(__file__).parents[2] / "docs" / "distributions.md"
ROW = re.compile(
    r"^\| [a-z, ]+ \| `(?P<example>io: .+?)` \| (?P<mean>[^|]+) \| (?P<sd>[^|]+) \|", re.M
)
EXAMPLES = [match.groups() for match in ROW.finditer(PAGE.read_text(encoding="utf-8"))]

SCENARIO = """
name: example
requests: {{page: [{{{example}}}]}}
workload: {{open: {{rate: 10/s}}, requests: 5}}
servers: {{serial: {{model: serial}}}}
"""


def test_every_way_of_writing_a_duration_has_an_example():
    assert len(EXAMPLES) == 15


@pytest.mark.parametrize(("example", "mean", "sd"), EXAMPLES)
def test_an_example_has_the_moments_that_the_page_says(example, mean, sd):
    (phase,) = loads(SCENARIO.format(example=example)).requests["page"].phases
    computed = moments(phase.io)
    assert units.format_duration(computed.mean_s) == mean
    assert units.format_duration(sqrt(computed.variance_s2)) == sd


@pytest.mark.parametrize("example", [example for example, _, _ in EXAMPLES])
def test_an_example_can_be_drawn(example):
    workload = draw(loads(SCENARIO.format(example=example)), 1)
    assert (workload.duration_ns > 0).all()
