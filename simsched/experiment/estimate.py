"""How long a sweep will take, told before it begins."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

from simsched.errors import InputError, SimschedError
from simsched.experiment.cost import Pace, shortened, weight
from simsched.experiment.runner import run
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


def measured(scenarios: Sequence[Scenario]) -> Pace:
    """Return the pace of a little of *scenarios*: a few hundred requests of each.

    The first is simulated once before, as what is slow at first says little of the rest.
    """
    pace = Pace()
    for scenario in scenarios[:1]:
        run([shortened(scenario)])
    for scenario in scenarios:
        little = shortened(scenario)
        begin = time.perf_counter()
        run([little])
        pace.learn(weight(little), time.perf_counter() - begin)
    return pace
