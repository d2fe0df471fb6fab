"""What is fitted to random services of known truth is as near to it as its standard errors say."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.parametrize("kind", ["load", "CPU time", "upstream", "workers"])
def test_the_truth_is_within_the_standard_errors(kind, monkeypatch):
    """95 % of many estimates should be inside; of a handful, six in ten nearly always are."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    benchmark = importlib.import_module("fit_recovery")
    found = [each for seed in range(5) for each in benchmark.estimates(kind, seed)]
    assert len(found) >= 5
    assert sum(each.is_inside for each in found) >= 0.6 * len(found)
    off = sorted(abs(each.value / each.true - 1) for each in found)
    assert off[len(off) // 2] < 0.1
