"""``summary.json`` and ``summary.csv``: the figures for programs to read."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable
from dataclasses import asdict, fields
from io import StringIO
from typing import Any, TypeVar

from simsched.experiment.result import Result
from simsched.experiment.tables import SummaryRow, summary_rows
from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import Comparison, ServerSummary

T = TypeVar("T")


def document(result: Result) -> dict[str, Any]:
    """Return what ``summary.json`` holds, from ``scenario`` to ``comparisons``.

    A seed or a number of replications that the compared scenarios do not share is None.
    """
    runs = [scenario.run for scenario in result.scenarios]
    return {
        "scenario": result.name,
        "seed": _shared(run.seed for run in runs),
        "replications": _shared(run.replications or 1 for run in runs),
        "confidence": result.confidence,
        "warnings": list(result.warnings),
        "servers": {name: _server(one) for name, one in result.servers.items()},
        "comparisons": [_comparison(one) for one in result.comparisons],
    }


def to_json(result: Result) -> str:
    """Return ``summary.json``: always the same bytes, null where there is no figure."""
    return json.dumps(document(result), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_csv(result: Result) -> str:
    """Return ``summary.csv``: a row for each server and metric, empty where there is no figure."""
    out = StringIO()
    names = [field.name for field in fields(SummaryRow)]
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    for row in summary_rows(result):
        writer.writerow({k: _finite(v) for k, v in asdict(row).items()})
    return out.getvalue()


def _server(one: ServerSummary) -> dict[str, Any]:
    nested: dict[str, Any] = {"requests": dict(one.requests)}
    for name, estimate in one.estimates.items():
        *groups, last = name.split(".")
        place = nested
        for group in groups:
            place = place.setdefault(group, {})
        place[last] = _estimate(estimate)
    if one.completion_order is not None:
        nested["completion_order"] = list(one.completion_order)
    return nested


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "server": one.server,
        "baseline": one.baseline,
        "difference": _estimate(one.difference),
        "ratio": _estimate(one.ratio),
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {name: _finite(getattr(estimate, name)) for name in ("value", "low", "high")}


def _finite(value: T) -> T | None:
    """Return *value*, or None where it is a float that JSON has no word for."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _shared(values: Iterable[int]) -> int | None:
    """Return the value that all agree on, and None where they do not."""
    first, *others = set(values)
    return None if others else first
