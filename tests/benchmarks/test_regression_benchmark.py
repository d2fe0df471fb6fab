"""The benchmark of ratios still runs."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest


def test_each_part_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    regression = importlib.import_module("regression")
    reference = regression.REFERENCE
    monkeypatch.setattr(regression, "OURS", (reference,))
    (row,) = regression.table(rounds=1, scale=0.01)
    assert row.startswith(f"| {reference.label} | 1,000 | ")
