"""The sweep as a file that can be simulated again, and its scenario without the sweep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simsched.experiment.sweep.plan import Plan
from simsched.scenario.dumping import dump_plain
from simsched.scenario.sweep.loading import resolved


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
