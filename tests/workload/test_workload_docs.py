"""The page about workloads keeps its word: every example is drawn, every figure recomputed."""

from __future__ import annotations

import re
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
import yaml
from pydantic import TypeAdapter

from simsched.scenario import loads
from simsched.scenario.model.requests import Repetitions
from simsched.units import format_number
from simsched.workload import ClosedWorkload, draw
from simsched.workload.distributions import counts

PAGE = (Path(__file__).parents[2] / "docs" / "workloads.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S)
FILES = re.findall(r"^<!-- file: (\S+) -->\n```csv\n(.*?)^```$", PAGE, re.M | re.S)
COUNTS = re.findall(r"^\| [^|]+ \| `times: (.+?)` \| ([^|]+) \| ([^|]+) \|$", PAGE, re.M)

REST = {
    "name": "name: example",
    "requests": "requests: {page: [{cpu: 2ms}, {io: 20ms}], ping: [{cpu: 1ms}]}",
    "workload": "workload: {open: {rate: 10/s}, requests: 20}",
    "servers": "servers: {serial: {model: serial}}",
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_drawn(example, tmp_path):
    for name, text in FILES:
        (tmp_path / name).write_text(text)
    lacking = [text for section, text in REST.items() if section not in yaml.safe_load(example)]
    workload = draw(loads("\n".join([example, *lacking]), directory=tmp_path), 1)
    requests = workload.block(0) if isinstance(workload, ClosedWorkload) else workload
    assert (requests.demand_ns() > 0).all()
    assert len(requests) > 0


def test_the_page_shows_all_sorts_of_workloads_and_counts():
    shown = {key for each in EXAMPLES for key in yaml.safe_load(each).get("workload", {})}
    assert shown >= {"schedule", "open", "closed", "trace"}
    assert len(COUNTS) == 5


@pytest.mark.parametrize(("written", "mean", "sd"), COUNTS)
def test_a_count_has_the_moments_that_the_page_says(written, mean, sd):
    count = counts(TypeAdapter(Repetitions).validate_python(yaml.safe_load(written)))
    assert float(mean) == float(format_number(count.mean))
    assert float(sd) == float(format_number(sqrt(count.variance)))
    drawn = count.draw(np.random.default_rng(1), 20_000)
    assert drawn.mean() == pytest.approx(count.mean, rel=0.05)
    assert drawn.std() == pytest.approx(sqrt(count.variance), rel=0.05)
