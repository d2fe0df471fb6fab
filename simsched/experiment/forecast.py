"""Estimates of how long runs and sweeps take, from a small part that is simulated first."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simsched.engine import machine_code
from simsched.engine.choice import COMPILED_S, REFERENCE_S, WORTH_COMPILING
from simsched.errors import InputError, SimschedError
from simsched.experiment.cost import (
    FIXED,
    LITTLE,
    Pace,
    phases,
    requests,
    shortened,
    simulations,
    weight,
)
from simsched.experiment.runner import run
from simsched.scenario import Scenario

if TYPE_CHECKING:
    from simsched.experiment.sweep.plan import Plan, Point

# How many points are tried: the lightest, a middle one, the heaviest.
_TRIED = 3

MOST_WEIGHED = 2_000
"""Of more points than this, a random sample of this size is weighed."""

SHORT = 30.0
"""Work of fewer seconds than this is not measured first."""

SIMULATION_S = 0.004
"""The most seconds that a simulation takes besides its requests, with all figures."""

ENOUGH_S = 0.3
"""The least seconds of a useful measurement: a shorter one measures mostly fixed costs."""


def estimate(plan: Plan) -> tuple[float, bool]:
    """Return about how many seconds of one process *plan* takes, and whether that is a minimum.

    A part of some points is simulated to measure the speed; the rest follows from the number of
    requests. With a stopping rule, it is a minimum. NaN if nothing could be simulated.
    """
    found, total = _all_weighed(plan)
    picked = {round(n * (len(found) - 1) / (_TRIED - 1)) for n in range(_TRIED)} if found else set()
    scenarios = [plan.scenario(found[position][1]) for position in sorted(picked)]
    try:
        pace = measured(scenarios)
    except SimschedError:
        return float("nan"), False
    return pace.foresee(total), any(scenario.run.until is not None for scenario in scenarios)


def of_sweep(plan: Plan) -> tuple[float, bool] | None:
    """Return what :func:`estimate` does; None if it is certainly less than half a minute."""
    found, total = _all_weighed(plan)
    if total * (REFERENCE_S + SIMULATION_S / FIXED) < SHORT or not found:
        return None
    seconds, at_least = estimate(plan)
    return None if math.isnan(seconds) else (seconds, at_least)


def _all_weighed(plan: Plan) -> tuple[list[tuple[float, Point]], float]:
    """Return some points with their weights, the lightest first, and the weight of all."""
    # Weighing a point makes its scenario, which takes milliseconds: too long for a million.
    chance = random.Random(1)  # noqa: S311  points, not secrets; the same each time
    weighed = chance.sample(plan.points, min(len(plan.points), MOST_WEIGHED))
    found = [pair for point in weighed if (pair := _weighed(plan, point)) is not None]
    found.sort(key=lambda pair: pair[0])
    return found, sum(one for one, _ in found) * len(plan.points) / len(weighed)


def _weighed(plan: Plan, point: Point) -> tuple[float, Point] | None:
    try:
        scenario: Scenario = plan.scenario(point)
    except InputError:
        return None
    return weight(scenario), point


def of_run(scenarios: Sequence[Scenario]) -> float | None:
    """Return about how many seconds a run of the prepared *scenarios* takes.

    None if that is certainly less than half a minute. With a stopping rule, it is a minimum.
    """
    simulated = sum(map(simulations, scenarios))
    most = sum(map(weight, scenarios)) * _slowest(scenarios) + simulated * SIMULATION_S
    if most < SHORT:
        return None
    try:
        seconds = measured(scenarios[:_TRIED]).foresee(sum(map(weight, scenarios)))
    except SimschedError:  # the run itself will report it
        return None
    return most if math.isnan(seconds) else seconds


def _slowest(scenarios: Sequence[Scenario]) -> float:
    """Return how many seconds a phase takes at most, on an ordinary machine, with all figures."""
    whole = sum(map(phases, scenarios))
    may_be_slow = any(
        each.run.engine == "simpy"
        or (each.run.engine == "auto" and whole < max(WORTH_COMPILING.values()))
        for each in scenarios
    )
    return REFERENCE_S if may_be_slow or not machine_code.is_available() else 10 * COMPILED_S


def measured(scenarios: Sequence[Scenario]) -> Pace:
    """Return the speed of a part of *scenarios*, on the engine that the whole of them gets.

    The first is simulated once before, to leave out what is slow only once. Scenarios that cannot
    be shortened, such as recordings, are not measured.
    """
    pace, whole = Pace(), sum(map(phases, scenarios))
    # The first run imports modules and may compile an engine, which the whole pays for once.
    for scenario in filter(_can_be_shortened, scenarios[:1]):
        run([shortened(scenario)], timelines="none", phases=whole)
    for scenario in filter(_can_be_shortened, scenarios):
        pace.learn(*_tried(scenario, whole))
    return pace


def _can_be_shortened(scenario: Scenario) -> bool:
    return requests(shortened(scenario)) <= 2 * LITTLE


def _tried(scenario: Scenario, whole: float) -> tuple[float, float]:
    """Return the weight of a part of *scenario* that is long enough, and its seconds.

    Each part is timed twice: the first time may have compiled what shorter parts do not use.
    """
    most = LITTLE
    while True:
        little = shortened(scenario, most)
        seconds = min(_timed(little, whole) for _ in range(2))
        if seconds >= ENOUGH_S or requests(scenario) <= most:
            return weight(little), seconds
        # Too short to measure: mostly the fixed costs of a run.
        most *= 10


def _timed(scenario: Scenario, whole: float) -> float:
    start = time.perf_counter()
    run([scenario], timelines="none", phases=whole)
    return time.perf_counter() - start
