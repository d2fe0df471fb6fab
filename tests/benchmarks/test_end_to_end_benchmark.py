"""The benchmark from end to end runs, and says what it measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "end_to_end.py"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a stage's peak")


def measured(*options):
    command = [sys.executable, str(BENCHMARK), "2000", *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_each_stage_of_a_run_that_is_kept_is_measured():
    told = measured("--engine", "simpy")
    names = [line.split("|")[1].strip() for line in told.splitlines() if line.startswith("|")]
    assert names[2:] == [
        *("read", "draw", "engine", "statistics", "parquet", "html", "summary", "whole")
    ]
