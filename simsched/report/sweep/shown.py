"""How the parameters, points and servers of a sweep are written, in tables and as YAML."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from simsched.experiment.sweep.objectives import judgements
from simsched.experiment.sweep.plan import Parameter, Plan, Point
from simsched.experiment.sweep.result import SweepResult
from simsched.report.text import clean, truncated
from simsched.scenario.dumping import dump_plain
from simsched.scenario.sweep.loading import resolved
from simsched.statistics.slo import Judgement, Outcome, overall
from simsched.statistics.words.numbers import show

COUNTED = {"duration": "s", "rate": "/s", "number": "", "text": ""}
"""What the numbers of a parameter count, by its kind."""

ABSENT = "—"


def title(parameter: Parameter) -> str:
    """Return what an axis calls *parameter*: its path, and what its numbers count."""
    unit = COUNTED[parameter.kind]
    name = clean(parameter.name)
    return f"{name} ({unit.removeprefix('/') if unit == 's' else 'per second'})" if unit else name


def values(point: Point) -> tuple[str, ...]:
    """Return the values of *point* as they are written; a dash where the scenario has none."""
    return tuple(ABSENT if value is None else clean(value.text) for value in point.values)


def place(point: Point, parameters: tuple[Parameter, ...]) -> str:
    """Return where *point* lies, as in ``workload.open.rate 40/s, servers.a.workers 2``."""
    pairs = zip(parameters, values(point), strict=True)
    return ", ".join(f"{clean(parameter.name)} {text}" for parameter, text in pairs)


OUTCOMES: Mapping[Outcome, str] = MappingProxyType(
    {"pass": "kept", "fail": "missed", "inconclusive": "open"}
)
"""How a cell says whether objectives are kept."""


def standing_of(result: SweepResult, number: int, server: str) -> str:
    """Return how *server* stands to the objectives at the point *number*, as a cell.

    Of a single objective the figure follows with its interval; of several, which are not kept.
    """
    if number not in result.records:
        return ABSENT
    found = [each for each in judgements(result, number) if each.server == server]
    if not found:
        return ABSENT
    if len(found) == 1:
        return judged(found[0])
    outcome = overall(each.outcome for each in found)
    names = (truncated(each.objective.name, 24) for each in found if each.outcome == outcome)
    return OUTCOMES[outcome] + ("" if outcome == "pass" else f": {', '.join(names)}")


def judged(one: Judgement) -> str:
    """Return a judgement as a cell: the outcome, and the figure with its interval."""
    if one.estimate.value is None:
        return OUTCOMES[one.outcome]
    kind = one.objective.limit.metric.kind
    return f"{OUTCOMES[one.outcome]}: {show(one.estimate, kind)}"


def sweep_text(plan: Plan) -> str:
    """Return ``sweep.yaml``: the scenario, and every point written out.

    It gives the same points with the same numbers, whatever becomes of the files that the sweep was
    read from.
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
