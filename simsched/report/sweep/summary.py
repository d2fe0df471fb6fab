"""``summary.json`` of a sweep: what was swept, the verdict, what failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from simsched.experiment.record import Record
from simsched.experiment.sweep.knee import Knee, knees
from simsched.experiment.sweep.objectives import Design, cheapest
from simsched.experiment.sweep.plan import Plan, Point
from simsched.experiment.sweep.result import SweepResult
from simsched.report.summary import as_json, ends, finite
from simsched.report.sweep.points import values
from simsched.report.sweep.verdict import verdict
from simsched.report.text import clean
from simsched.statistics.estimate import Estimate
from simsched.statistics.words.numbers import counted

KIND = "sweep"
"""The value of ``kind``, which a run does not have."""


def document(result: SweepResult) -> dict[str, Any]:
    """Return what ``summary.json`` holds; all figures are in ``sweep.parquet``."""
    plan = result.plan
    return {
        "scenario": plan.name,
        "kind": KIND,
        "parameters": [asdict(parameter) for parameter in plan.parameters],
        "points": len(plan.points),
        "servers": list(result.servers),
        "verdicts": [sentence.removesuffix(".") for sentence in verdict(result)],
        "warnings": list(warnings(result)),
        "notes": list(plan.notes),
        "knees": {knee.server: _knee(knee) for knee in knees(result)},
        **_objectives(result),
        "failed": [
            {"point": number, "at": _settings(plan.points[number - 1], plan), "error": error}
            for number, error in result.failures.items()
        ],
    }


def _settings(point: Point, plan: Plan) -> str:
    """Return the settings of *point* by their paths, as in ``workload.open.rate 40/s``."""
    pairs = zip(plan.parameters, values(point), strict=True)
    return ", ".join(f"{clean(parameter.name)} {text}" for parameter, text in pairs)


def _objectives(result: SweepResult) -> dict[str, Any]:
    """Return the outcomes of the objectives at each point, and the cheapest that keep them."""
    if not result.objectives:
        return {}
    return {
        "objectives": [
            {
                "point": number,
                "server": one.server,
                "objective": one.objective.name,
                "limit": one.objective.text,
                "outcome": one.outcome,
                **ends(one.estimate),
                "sentence": one.sentence,
            }
            for number, record in result.records.items()
            for one in record.judgements
        ],
        "costs": {str(number): one.costs for number, one in result.records.items()},
        "cheapest": [
            {
                "at": dict(one.at),
                "cost": one.designs[0].cost if one.designs else None,
                "designs": [_design(each) for each in one.designs],
                "inconclusive": [_design(each) for each in one.unsettled],
            }
            for one in cheapest(result)
        ],
    }


def _design(one: Design) -> dict[str, Any]:
    return {"point": one.point.number, "server": one.server}


def to_json(result: SweepResult) -> str:
    """Return ``summary.json``: always the same bytes."""
    return as_json(document(result))


def warnings(result: SweepResult) -> Iterator[str]:
    """Yield the warnings, each kind of them once, with the first point that has it.

    A server that cannot keep up is not unexpected in a sweep: the figures show it.
    """
    points: dict[str, dict[int, str]] = {}
    for number, one in result.records.items():
        for text in _surprises(one):
            points.setdefault(_subject(text), {}).setdefault(number, text)
    for found in points.values():
        (number, text), *others = found.items()
        more = f" (similar at {counted(len(others), 'other point')})" if others else ""
        yield f"point {number}: {text}{more}"


def _surprises(one: Record) -> Iterator[str]:
    """Yield the warnings of *one* that are not about a server that cannot keep up."""
    for text in one.warnings:
        subjects = [name for name in one.servers if text.startswith((f"{name}: ", f"{name} "))]
        load = one.loads.get(max(subjects, key=len, default=""))
        if load is None or load.stable:
            yield text


def _subject(text: str) -> str:
    """Return what warnings have in common that differ only in server and figures."""
    said = text.partition(": ")[2] or text
    # Numbers differ from point to point, and the first words say what the warning is about.
    return "".join(character for character in said if character.isalpha())[:30]


def _knee(knee: Knee) -> dict[str, Any]:
    return {
        **ends(Estimate(None) if knee.rate is None else knee.rate),
        "theory": finite(knee.theory),
        "station": knee.station,
    }
