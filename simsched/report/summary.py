"""``summary.json`` and ``summary.csv``: the figures for programs to read."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from io import StringIO
from typing import Any, TypeVar

from simsched import __version__
from simsched.experiment.result import Result
from simsched.statistics.estimate import Estimate
from simsched.statistics.interval import ONE_REPLICATION
from simsched.statistics.slo import Judgement
from simsched.statistics.stability import Load
from simsched.statistics.summary import (
    ClassSummary,
    Comparison,
    ServerSummary,
    SummaryRow,
    summary_rows,
)
from simsched.statistics.time_spent import TimeSpent
from simsched.units import SECOND

T = TypeVar("T")


def document(result: Result) -> dict[str, Any]:
    """Return what ``summary.json`` holds: keys that every run has, and some that only some have.

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
        "made_with": {"simsched": __version__, **result.made_with},
        **_non_empty(
            class_comparisons=[_comparison(one) for one in result.class_comparisons],
            verdicts=list(result.verdicts),
            ranking=[asdict(place) for place in result.ranking],
            objectives=[_judgement(one) for one in result.judgements],
            loads={name: _load(load) for name, load in result.loads.items()},
            theory=[asdict(known) for known in result.known],
            notes=list(result.notes),
        ),
    }


def to_json(result: Result) -> str:
    """Return ``summary.json``: always the same bytes, null where there is no figure."""
    return as_json(document(result))


def as_json(found: Mapping[str, Any]) -> str:
    """Return what was *found* as a file of JSON: always the same bytes."""
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_csv(result: Result) -> str:
    """Return ``summary.csv``: a row for each server and metric, empty where there is no figure."""
    out = StringIO()
    names = [field.name for field in fields(SummaryRow)]
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    for row in summary_rows(result.servers):
        writer.writerow({k: finite(v) for k, v in asdict(row).items()})
    return out.getvalue()


def _non_empty(**parts: Any) -> dict[str, Any]:
    """Return the *parts* that are not empty."""
    return {name: part for name, part in parts.items() if part}


def _judgement(one: Judgement) -> dict[str, Any]:
    return {
        "objective": one.objective.name,
        "limit": one.objective.text,
        **({} if one.objective.request is None else {"class": one.objective.request}),
        **({} if one.objective.stream is None else {"stream": one.objective.stream}),
        "server": one.server,
        "outcome": one.outcome,
        **ends(one.estimate),
        "sentence": one.sentence,
    }


def _load(load: Load) -> dict[str, Any]:
    return {
        "station": load.station.name,
        "utilisation": finite(load.utilisation),
        "stable": load.stable,
        "growth_per_s": finite(load.growth_per_s),
        "highest_rate_per_s": finite(load.highest_rate_per_s),
    }


def _server(one: ServerSummary) -> dict[str, Any]:
    nested = {"requests": dict(one.requests), **_nested(one.estimates)}
    if one.completion_order is not None:
        nested["completion_order"] = list(one.completion_order)
    return nested | _non_empty(
        attempts=one.attempts,
        resource_utilisation={
            name: _estimate(each) for name, each in one.resource_utilisation.items()
        },
        resource_wait_s={name: _estimate(each) for name, each in one.resource_wait.items()},
        service_utilisation={
            name: _estimate(each) for name, each in one.service_utilisation.items()
        },
        service_wait_s={name: _estimate(each) for name, each in one.service_wait.items()},
        service_time_s={name: _estimate(each) for name, each in one.service_time.items()},
        warmup_s=[cut.time_ns / SECOND for cut in one.warmup],
        time_spent_s=_time_spent(one.time_spent),
        classes={name: _class(part) for name, part in one.classes.items()},
        streams={name: _class(part) for name, part in one.streams.items()},
    )


def _class(one: ClassSummary) -> dict[str, Any]:
    return _nested(one.estimates) | {"time_spent_s": _time_spent(one.time_spent)}


def _time_spent(means: TimeSpent) -> dict[str, Any]:
    return {
        group: {activity: _estimate(estimate) for activity, estimate in found.items()}
        for group, found in means.items()
    }


def _nested(estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    """Return *estimates* in groups: what stands before the first dot of a name is its group."""
    nested: dict[str, Any] = {}
    for name, estimate in estimates.items():
        group, _, last = name.partition(".")
        place = nested.setdefault(group, {}) if last else nested
        place[last or group] = _estimate(estimate)
    return nested


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "server": one.server,
        "baseline": one.baseline,
        **({} if one.request is None else {"class": one.request}),
        "difference": _estimate(one.difference),
        "ratio": _estimate(one.ratio),
        "p_value": finite(one.p_value),
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    """Return the value and its interval, and why either is missing.

    That a single replication has no interval is not repeated at every figure.
    """
    missing = estimate.low is None and estimate.reason not in {None, ONE_REPLICATION}
    return ends(estimate) | ({"reason": estimate.reason} if missing else {})


def ends(estimate: Estimate) -> dict[str, Any]:
    """Return the value and the ends of its interval."""
    return {name: finite(getattr(estimate, name)) for name in ("value", "low", "high")}


def finite(value: T) -> T | None:
    """Return *value*, or None for a float that JSON cannot write."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _shared(values: Iterable[int]) -> int | None:
    """Return the value that all agree on, and None where they do not."""
    first, *others = set(values)
    return None if others else first
