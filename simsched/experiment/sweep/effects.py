"""Main effects: how a figure goes with one parameter, the others being alike.

Source: Box, Hunter & Hunter, Statistics for Experimenters, 2nd ed., 2005, section 5.4, with medians
in place of means: a server that does not keep up has no mean response time, and counts as slower
than any that does. So a setting that is no worse anywhere never looks worse. In a sample, whose
values hardly ever come twice, values are taken together in groups of about equal size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simsched.experiment.sweep.plan import Point, Value
from simsched.experiment.sweep.result import SweepResult
from simsched.experiment.sweep.series import Series
from simsched.statistics.estimate import Estimate

MOST_LEVELS = 12
"""A parameter with more numbers than this is cut into groups."""

GROUPS = 6
"""How many groups."""

SURE = 0.95
"""How sure it must be that the levels of a sample differ by more than chance."""


@dataclass(frozen=True, slots=True)
class Level:
    """One value of a parameter, or a group of them, and what a figure is there.

    Attributes:
        text: the value as it is written; of a group, the first and the last.
        number: the value, or the middle of the group; None where it is no number.
        found: the figure at each of the points, infinite where the server does not keep up; None
            where it cannot be told.
    """

    text: str
    number: float | None
    found: tuple[Estimate | None, ...]

    @property
    def values(self) -> list[float]:
        """What is told, of the points where it is."""
        return [one.value for one in self.found if one is not None and one.value is not None]

    @property
    def median(self) -> float | None:
        """The figure's median over the points; infinite where most do not keep up."""
        return _median([None if one is None else one.value for one in self.found])

    @property
    def ends(self) -> tuple[float, float] | None:
        """The medians of the lower and of the upper ends of the points' intervals."""
        low = _median([None if one is None else one.low for one in self.found])
        high = _median([None if one is None else one.high for one in self.found])
        return None if low is None or high is None else (low, high)

    @property
    def kept_up(self) -> int:
        """At how many points the figure is told and finite."""
        return sum(value != math.inf for value in self.values)


def _median(values: Sequence[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return float(np.median(told)) if told and len(told) == len(values) else None


def main_effect(
    result: SweepResult, series: Series, position: int, server: str, metric: str
) -> tuple[Level, ...]:
    """Return how *metric* of *server* goes with the parameter at *position*.

    Every level has the same settings of the other parameters, but for a sample, which has them at
    random; beside a design, what was drawn is left out. So are values that share too few settings
    with the others. Of one value alone nothing is told.
    """
    members: dict[str, list[Point]] = {}
    numbers: dict[str, float | None] = {}
    for point, value in _alike(result, position):
        members.setdefault(value.text, []).append(point)
        numbers[value.text] = value.number
    levels = [
        Level(
            texts[0] if len(texts) == 1 else f"{texts[0]} to {texts[-1]}",
            _middle([numbers[text] for text in texts]),
            tuple(_figure(series, p, server, metric) for text in texts for p in members[text]),
        )
        for texts in _grouped(numbers)
    ]
    return tuple(levels) if len(levels) > 1 else ()


def are_apart(result: SweepResult, levels: Sequence[Level]) -> bool:
    """Return whether *levels* differ by more than what chance may do.

    Of a whole design, what chance did is in the intervals of its points: the best and the worst
    level must be apart by them. In a sample chance also drew the other parameters; there the test
    of Kruskal & Wallis decides (Journal of the American Statistical Association 47, 1952,
    583-621), for which being slower than any is as good as a figure.
    """
    if result.is_sample:
        return _differ([level.values for level in levels if level.values])
    ends = [one.ends for one in levels if one.ends is not None]
    lows, highs = [low for low, _ in ends], [high for _, high in ends]
    return bool(ends) and min(highs) < max(lows)


def _differ(groups: Sequence[Sequence[float]]) -> bool:
    from scipy.stats import kruskal

    if len(groups) < 2 or len({value for group in groups for value in group}) < 2:  # noqa: PLR2004
        return False
    return float(kruskal(*groups).pvalue) < 1 - SURE


def _figure(series: Series, point: Point, server: str, metric: str) -> Estimate | None:
    found = series.estimate(point.number, server, metric)
    if found.value is not None:
        return found
    if metric.startswith("response_time") and series.is_overloaded(point.number, server):
        return Estimate(math.inf, math.inf, math.inf)
    return None


def _alike(result: SweepResult, position: int) -> list[tuple[Point, Value]]:
    """Return the points that are compared, with their values of the parameter."""
    points = result.designed or result.done
    pairs = [(p, value) for p in points if (value := p.values[position]) is not None]
    if result.is_sample:
        return pairs
    others = _others(pairs, len(result.plan.parameters))
    settings: dict[str, set[Setting]] = {}
    for point, value in pairs:
        settings.setdefault(value.text, set()).add(_setting(point, others))
    values, shared = _shared(settings)
    return [
        (point, value)
        for point, value in pairs
        if value.text in values and _setting(point, others) in shared
    ]


Setting = tuple[str | None, ...]
"""What the other parameters are."""


def _setting(point: Point, others: Sequence[int]) -> Setting:
    found = (point.values[n] for n in others)
    return tuple(None if value is None else value.text for value in found)


def _others(pairs: Sequence[tuple[Point, Value]], count: int) -> list[int]:
    """Return the parameters that do not just move along with this one, as those of a zip do."""
    values = {value.text for _, value in pairs}
    return [
        n
        for n in range(count)
        if len({(value.text, _setting(point, [n])) for point, value in pairs}) > len(values)
    ]


def _shared(settings: dict[str, set[Setting]]) -> tuple[set[str], set[Setting]]:
    """Return the values that are compared, and the settings that each of them has.

    Those that come with most settings first, as many as make the most points; rather more values.
    """
    ordered = sorted(settings, key=lambda text: -len(settings[text]))
    shared: set[Setting] = set()
    best: tuple[set[str], set[Setting]] = set(), set()
    for count, text in enumerate(ordered, 1):
        shared = settings[text] if count == 1 else shared & settings[text]
        if count > 1 and shared and count * len(shared) >= len(best[0]) * len(best[1]):
            best = set(ordered[:count]), shared
    return best


def _grouped(numbers: dict[str, float | None]) -> list[list[str]]:
    """Return the values one by one, or in groups where they are many numbers."""
    known = [(number, text) for text, number in numbers.items() if number is not None]
    if len(known) < len(numbers):
        return [[text] for text in numbers]
    ordered = [text for _, text in sorted(known)]
    if len(ordered) <= MOST_LEVELS:
        return [[text] for text in ordered]
    return [list(part) for part in np.array_split(np.array(ordered, dtype=object), GROUPS)]


def _middle(numbers: Sequence[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return float(np.mean(known)) if known else None
