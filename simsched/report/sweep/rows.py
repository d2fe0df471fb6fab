"""The points of a sweep as rows of a table, and each point's own figures."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from simsched.experiment.store_record import StoredLoad
from simsched.experiment.sweep.objectives import judgements
from simsched.experiment.sweep.plan import Point
from simsched.experiment.sweep.series import Series
from simsched.report.sweep.shown import ABSENT, judged, values
from simsched.report.text import clean
from simsched.scenario.metrics import Metric, parse_metric, show_value
from simsched.statistics.estimate import Estimate
from simsched.statistics.slo import Outcome
from simsched.statistics.words.numbers import show

_PREFERRED = (
    "throughput_per_s",
    "failed_fraction",
    "response_time_s.mean",
    "response_time_s.p50",
    "response_time_s.p90",
    "response_time_s.p95",
    "response_time_s.p99",
    "slowdown",
    "cpu_utilisation",
)

Sortable = tuple[float | str | None, str]
"""What a cell is sorted by, and what it shows."""


def shown_metrics(series: Series) -> tuple[Metric, ...]:
    """Return the metrics that a point shows: those that some point tells, and that vary."""
    return tuple(parse_metric(name) for name in _PREFERRED if _is_told(series, name))


def _is_told(series: Series, name: str) -> bool:
    found = [
        series.estimate(point.number, server, name).value
        for point in series.result.done
        for server in series.result.servers
    ]
    told = {value for value in found if value is not None}
    return bool(told) and not (name == "failed_fraction" and told == {0.0})


def table(series: Series, metrics: Sequence[Metric]) -> dict[str, Any]:
    """Return the table of all points, a row for each point and server, as plain data."""
    plan = series.result.plan
    heads = ["point", *(clean(p.name) for p in plan.parameters), "server"]
    named = series.result.objectives
    more = ["cost", *(f"slo {clean(name)}" for name in named)] if named else []
    return {
        "heads": [*heads, *more, *(one.title for one in metrics)],
        "numeric": [
            True,
            *(p.kind != "text" for p in plan.parameters),
            False,
            *[True] * (len(more) + len(metrics)),
        ],
        "rows": [
            _row(series, point, server, metrics)
            for point in series.result.done
            for server in series.result.records[point.number].servers
        ],
    }


def _row(series: Series, point: Point, server: str, metrics: Sequence[Metric]) -> list[Sortable]:
    swept: list[Sortable] = [
        (text if value is None or value.number is None else value.number, text)
        for value, text in zip(point.values, values(point), strict=True)
    ]
    figures: list[Sortable] = []
    for one in metrics:
        estimate = series.estimate(point.number, server, one.name)
        figures.append((_finite(estimate.value), show_value(_finite(estimate.value), one.kind)))
    place: list[Sortable] = [(point.number, str(point.number)), *swept]
    return [*place, (clean(server), clean(server)), *_judged(series, point, server), *figures]


_ORDER: tuple[Outcome, ...] = ("fail", "inconclusive", "pass")


def _judged(series: Series, point: Point, server: str) -> list[Sortable]:
    """Return the cells of the cost of *server* and of each objective, if there are any."""
    named = series.result.objectives
    if not named:
        return []
    found = {
        each.objective.name: each
        for each in judgements(series.result, point.number)
        if each.server == server
    }
    cost: float = series.result.records[point.number].said["costs"][server]
    cells: list[Sortable] = [(cost, f"{cost:g}")]
    for name in named:
        one = found.get(name)
        cells.append((None, ABSENT) if one is None else (_ORDER.index(one.outcome), judged(one)))
    return cells


def points(series: Series, metrics: Sequence[Metric]) -> dict[str, Any]:
    """Return each point's own figures by its number, as plain data."""
    return {
        str(point.number): _point(series, point, metrics) for point in series.result.plan.points
    }


def _point(series: Series, point: Point, metrics: Sequence[Metric]) -> dict[str, Any]:
    result = series.result
    names = [clean(parameter.name) for parameter in result.plan.parameters]
    told: dict[str, Any] = {
        "at": list(zip(names, values(point), strict=True)),
        "command": command(point),
    }
    one = result.records.get(point.number)
    if one is None:
        return told | {"error": clean(result.failures[point.number])}
    rows = [
        [row.title, *(_figure(series, point.number, server, row) for server in one.servers)]
        for row in metrics
    ]
    loads = [series.load(point.number, server) for server in one.servers]
    if any(load is not None for load in loads):
        rows.append(["offered load", *(_load(load) for load in loads)])
    return told | {
        "servers": [clean(server) for server in one.servers],
        "rows": rows,
        "said": [
            *(clean(each.sentence) for each in judgements(result, point.number)),
            *map(clean, (*one.said["verdicts"], *one.said["warnings"], *one.said["notes"])),
        ],
        "replications": one.replications,
    }


def command(point: Point) -> str:
    """Return the command that simulates *point* alone, beside the page."""
    settings = (f"--set {shlex.quote(f'{each.name}={each.text}')}" for each in point.settings)
    return " ".join(["simsched run scenario.yaml", *settings])


def _figure(series: Series, number: int, server: str, shown: Metric) -> str:
    found = series.estimate(number, server, shown.name)
    value, low, high = (_finite(each) for each in (found.value, found.low, found.high))
    return show(Estimate(value, low, high), shown.kind)


def _load(load: StoredLoad | None) -> str:
    return show_value(None if load is None else _finite(load["utilisation"]), "share")


def _finite(value: float | None) -> float | None:
    return value if value is not None and abs(value) != float("inf") else None
