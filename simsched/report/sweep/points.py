"""The points of a sweep in writing: their values, their table, and each point's own figures."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from simsched.experiment.sweep.plan import Parameter, Plan, Point
from simsched.experiment.sweep.result import MEAN, SweepResult
from simsched.report.text import clean, truncated
from simsched.scenario.dumping import dump_plain
from simsched.scenario.metrics import Metric, parse_metric
from simsched.scenario.number_format import ABSENT, show_value
from simsched.scenario.sweep.loading import resolved
from simsched.statistics.estimate import Estimate
from simsched.statistics.slo import Judgement, Outcome, overall
from simsched.statistics.stability import Load
from simsched.statistics.words.numbers import show

OUTCOMES: Mapping[Outcome, str] = MappingProxyType(
    {"fail": "missed", "inconclusive": "open", "pass": "kept"}
)
"""What a cell says of objectives; the worst first, by which a column of them is sorted."""

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


def values(point: Point) -> tuple[str, ...]:
    """Return the values of *point* as they are written; a dash where the scenario has none."""
    return tuple(ABSENT if value is None else clean(value.text) for value in point.values)


def ordered(points: Sequence[Point], position: int) -> list[str]:
    """Return the values at *position*: numbers by size, words in the order of the points."""
    known: dict[str, float | None] = {}
    for point in points:
        value = point.values[position]
        known[values(point)[position]] = None if value is None else value.number
    if any(number is None for number in known.values()):
        return list(known)
    return sorted(known, key=lambda text: known[text] or 0.0)


def place(point: Point, parameters: tuple[Parameter, ...]) -> str:
    """Return the settings of *point*, as in ``arrival rate = 40/s, workers of a = 2``."""
    pairs = zip(parameters, values(point), strict=True)
    return ", ".join(f"{clean(parameter.title)} = {text}" for parameter, text in pairs)


def standing_of(result: SweepResult, number: int, server: str) -> str:
    """Return the outcome of the objectives of *server* at the point *number*, as a cell.

    For a single objective the figure follows with its interval; for several, those not kept.
    """
    known = result.records[number].judgements if number in result.records else ()
    found = [each for each in known if each.server == server]
    if not found:
        return ABSENT
    if len(found) == 1:
        return _judged(found[0])
    outcome = overall(each.outcome for each in found)
    names = (truncated(each.objective.name, 24) for each in found if each.outcome == outcome)
    return OUTCOMES[outcome] + ("" if outcome == "pass" else f": {', '.join(names)}")


def _judged(one: Judgement) -> str:
    """Return a judgement as a cell: the outcome, and the figure with its interval."""
    if one.estimate.value is None:
        return OUTCOMES[one.outcome]
    return f"{OUTCOMES[one.outcome]}: {show(one.estimate, one.objective.limit.metric.kind)}"


def sweep_text(plan: Plan) -> str:
    """Return ``sweep.yaml``: the scenario, and every point written out.

    It gives the same points with the same numbers, even if the files that the sweep was read from
    change.
    """
    points = [{each.name: each.node.data() for each in point.settings} for point in plan.points]
    return dump_plain({**_base(plan), "sweep": {"include": points}})


def scenario_text(plan: Plan) -> str:
    """Return ``scenario.yaml``: the scenario that the points change.

    It may lack what each point sets.
    """
    return dump_plain(_base(plan))


def _base(plan: Plan) -> Mapping[str, Any]:
    run = {"seed": plan.seed, "replications": plan.replications}
    given = {key: value for key, value in run.items() if value is not None}
    base = resolved(plan.sweep.base(), plan.sweep.directory, given)
    if plan.slo is None:
        return base
    return {**base, "slo": {name: slo.model_dump() for name, slo in plan.slo.items()}}


def shown_metrics(result: SweepResult) -> tuple[Metric, ...]:
    """Return the metrics that the page shows: those with a value somewhere, and losses if any."""
    return tuple(parse_metric(name) for name in _PREFERRED if _is_shown(result, name))


def mean_first(metrics: Sequence[Metric]) -> list[Metric]:
    """Return *metrics* with the mean response time in front: verdicts are about it."""
    return sorted(metrics, key=lambda each: each.name != MEAN)


def _is_shown(result: SweepResult, name: str) -> bool:
    known = {
        result.estimate(point.number, server, name).value
        for point in result.done
        for server in result.servers
    } - {None}
    return bool(known) and not (name == "failed_fraction" and known == {0.0})


def table(result: SweepResult, metrics: Sequence[Metric]) -> dict[str, Any]:
    """Return the table of all points, a row for each point and server, as plain data."""
    parameters = result.plan.parameters
    heads = ["point", *(clean(each.title) for each in parameters), "server"]
    named = result.objectives
    judged = ["cost", *(f"slo {clean(name)}" for name in named)] if named else []
    figures = [*judged, *(each.title for each in metrics)]
    return {
        "heads": [*heads, *figures],
        "numeric": [True, *(p.kind != "text" for p in parameters), False, *[True] * len(figures)],
        "rows": [
            _row(result, point, server, metrics)
            for point in result.done
            for server in result.records[point.number].servers
        ],
    }


def _row(
    result: SweepResult, point: Point, server: str, metrics: Sequence[Metric]
) -> list[Sortable]:
    swept: list[Sortable] = [
        (text if value is None or value.number is None else value.number, text)
        for value, text in zip(point.values, values(point), strict=True)
    ]
    place: list[Sortable] = [(point.number, str(point.number)), *swept]
    found = ((each, result.estimate(point.number, server, each.name).value) for each in metrics)
    figures = [(_finite(value), show_value(_finite(value), each.kind)) for each, value in found]
    return [*place, (clean(server), clean(server)), *_outcomes(result, point, server), *figures]


def _outcomes(result: SweepResult, point: Point, server: str) -> list[Sortable]:
    """Return the cells of the cost of *server* and of each objective, if there are any."""
    if not result.objectives:
        return []
    judged = result.records[point.number].judgements
    found = {each.objective.name: each for each in judged if each.server == server}
    cost: float = result.records[point.number].costs[server]
    order = list(OUTCOMES)  # the text would sort kept before missed
    cells: list[Sortable] = [(cost, f"{cost:g}")]
    for name in result.objectives:
        one = found.get(name)
        cells.append((None, ABSENT) if one is None else (order.index(one.outcome), _judged(one)))
    return cells


def details(result: SweepResult, metrics: Sequence[Metric]) -> dict[str, Any]:
    """Return each point's own figures by its number, as plain data."""
    return {str(point.number): _details(result, point, metrics) for point in result.plan.points}


def _details(result: SweepResult, point: Point, metrics: Sequence[Metric]) -> dict[str, Any]:
    names = [clean(parameter.title) for parameter in result.plan.parameters]
    found = {
        "at": list(zip(names, values(point), strict=True)),
        "command": command(point),
        "changes": _changes(point),
    }
    one = result.records.get(point.number)
    if one is None:
        return found | {"error": clean(result.failures[point.number])}
    rows = [
        [each.title, *(_figure(result, point.number, server, each) for server in one.servers)]
        for each in metrics
    ]
    loads = [result.load(point.number, server) for server in one.servers]
    if any(load is not None for load in loads):
        rows.append(["offered load", *map(_load, loads)])
    judged = (each.sentence for each in one.judgements)
    said = (*judged, *one.verdicts, *one.warnings, *one.notes)
    return found | {
        "servers": [clean(server) for server in one.servers],
        "rows": rows,
        "said": list(map(clean, said)),
        "replications": one.replications,
    }


def command(point: Point) -> str:
    """Return the command that simulates *point* alone, in the folder of the page."""
    settings = (f"--set {shlex.quote(each)}" for each in _changes(point))
    return " ".join(["simsched run scenario.yaml", *settings])


def _changes(point: Point) -> list[str]:
    """Return what makes *point* of the scenario, as it stands after ``--set``."""
    return [f"{each.name}={each.text}" for each in point.settings]


def _figure(result: SweepResult, number: int, server: str, metric: Metric) -> str:
    found = result.estimate(number, server, metric.name)
    value, low, high = map(_finite, (found.value, found.low, found.high))
    return show(Estimate(value, low, high), metric.kind)


def _load(load: Load | None) -> str:
    return show_value(None if load is None else _finite(load.utilisation), "share")


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
