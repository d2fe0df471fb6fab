"""How long a sweep will take, told before it begins."""

from __future__ import annotations

import random

from simsched.errors import InputError, SimschedError
from simsched.experiment.sweep.cost import measured, weight
from simsched.experiment.sweep.plan import Plan, Point
from simsched.scenario import Scenario

_TRIED = 3
"""How many points a little is simulated of: the lightest, a middle one, the heaviest."""

MOST_WEIGHED = 2_000
"""Of more points than this, as many are weighed that are drawn, and stand for the others."""


def estimate(plan: Plan) -> tuple[float, bool]:
    """Return about how many seconds of one process *plan* takes, and whether that is the least.

    A little of some points is simulated, to see how fast that goes; the rest is foreseen from how
    many requests there will be. Where replications are added until intervals are narrow, it is at
    least so long. NaN where nothing could be simulated.
    """
    chance = random.Random(1)  # noqa: S311  points, not secrets; the same each time
    weighed = chance.sample(plan.points, min(len(plan.points), MOST_WEIGHED))
    found = [pair for point in weighed if (pair := _weighed(plan, point)) is not None]
    found.sort(key=lambda pair: pair[0])
    picked = {round(n * (len(found) - 1) / (_TRIED - 1)) for n in range(_TRIED)} if found else set()
    scenarios = [plan.scenario(found[position][1]) for position in sorted(picked)]
    try:
        pace = measured(scenarios)
    except SimschedError:
        return float("nan"), False
    total = sum(one for one, _ in found) * len(plan.points) / len(weighed)
    return pace.foresee(total), any(scenario.run.until is not None for scenario in scenarios)


def _weighed(plan: Plan, point: Point) -> tuple[float, Point] | None:
    try:
        scenario: Scenario = plan.scenario(point)
    except InputError:
        return None
    return weight(scenario), point
