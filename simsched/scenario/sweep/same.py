"""Points that come to the same scenario by a default: one sets it, the other leaves it away."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from simsched.errors import ScenarioError
from simsched.scenario.problem import Path
from simsched.scenario.scenario import Scenario
from simsched.scenario.sweep.settings import Settings, identity

Scenarios = Callable[[Settings], Scenario]
"""Gives the scenario of a point, or raises a ScenarioError."""


def distinct(points: Sequence[Settings], scenario: Scenarios) -> list[Settings]:
    """Return *points* without those whose scenario one of those before has.

    A scenario is made of few points only: of those that seem to be the same without what does
    nothing elsewhere.
    """
    idle = _idle(points, scenario)
    if not idle:
        return list(points)
    kept: list[Settings] = []
    alike: dict[frozenset[object], list[Settings]] = {}
    for point in points:
        rest = tuple(each for each in point if each.identity not in idle)
        rivals = alike.setdefault(identity(rest), [])
        if not any(_same(point, other, scenario) for other in rivals):
            kept.append(point)
            rivals.append(point)
    return kept


def _idle(points: Sequence[Settings], scenario: Scenarios) -> set[object]:
    """Return the settings that do nothing in the first point that has them."""
    sparse = _sparse(points)
    first: dict[object, tuple[Settings, Settings]] = {}
    for point in points if sparse else ():
        for each in point:
            if each.path in sparse and each.identity not in first:
                first[each.identity] = point, tuple(other for other in point if other != each)
    return {value for value, (one, other) in first.items() if _same(one, other, scenario)}


def _sparse(points: Sequence[Settings]) -> Collection[Path]:
    """Return the paths that the scenario has not, and some points have and others have not."""
    counts: dict[Path, int] = {}
    for point in points:
        for each in point:
            if each.was is None:
                counts[each.path] = counts.get(each.path, 0) + 1
    return {path for path, count in counts.items() if count < len(points)}


def _same(one: Settings, other: Settings, scenario: Scenarios) -> bool:
    try:
        return scenario(one) == scenario(other)
    except ScenarioError:
        return False
