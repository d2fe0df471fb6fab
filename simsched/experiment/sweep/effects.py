"""Main effects: how a figure goes with one parameter, on average over all the others.

Source: Box, Hunter & Hunter, Statistics for Experimenters, 2nd ed., 2005, section 5.4. In a sample,
whose values hardly ever come twice, values are taken together in groups of about equal size.
How much of the differences between points a parameter tells is the correlation ratio, and the F
test of a one-way analysis of variance says whether chance alone would tell as much (Fisher,
Statistical Methods for Research Workers, 1925, sections 40 to 45). What other parameters do counts
as chance there, so the test is slow to say yes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simsched.experiment.sweep.result import SweepResult
from simsched.experiment.sweep.series import Series

MOST_LEVELS = 12
"""A parameter with more numbers than this is cut into groups."""

GROUPS = 6
"""How many groups."""


@dataclass(frozen=True, slots=True)
class Level:
    """One value of a parameter, or a group of them, and what a figure is there on average.

    Attributes:
        text: the value as it is written; of a group, the first and the last.
        number: the value, or the middle of the group; None where it is no number.
        mean: the figure's mean over the points; None where no point tells it.
        points: how many points tell it, of how many there are.
    """

    text: str
    number: float | None
    mean: float | None
    points: tuple[int, int]


def main_effect(
    result: SweepResult, series: Series, position: int, server: str, metric: str
) -> tuple[Level, ...]:
    """Return how *metric* of *server* goes with the parameter at *position*."""
    return tuple(_level(*group) for group in _groups(result, series, position, server, metric))


@dataclass(frozen=True, slots=True)
class Strength:
    """How much of the differences of a figure between points a parameter tells, in [0, 1].

    ``p_value`` is how likely it would tell as much by chance.
    """

    share: float
    p_value: float


def strength(
    result: SweepResult, series: Series, position: int, server: str, metric: str
) -> Strength | None:
    """Return how much the parameter at *position* tells of *metric*; None where nothing can be.

    The figure must be positive: its logarithm is looked at, as effects mostly multiply.
    """
    groups = [
        np.log([value for value in found if value])
        for *_, found in _groups(result, series, position, server, metric)
    ]
    told = [group for group in groups if len(group)]
    every = np.concatenate(told) if told else np.array([])
    between, within = len(told) - 1, len(every) - len(told)
    total = float(np.sum((every - every.mean()) ** 2)) if len(every) else 0.0
    if between < 1 or within < 1 or not total:
        return None
    from scipy.special import fdtrc

    unexplained = sum(float(np.sum((group - group.mean()) ** 2)) for group in told)
    share = 1 - unexplained / total
    if not unexplained:
        return Strength(1.0, 0.0)
    ratio = (total - unexplained) / between / (unexplained / within)
    return Strength(share, float(fdtrc(between, within, ratio)))


Group = tuple[list[str], list[float], list[float | None]]
"""Values as they are written and as numbers, and the figure at each point that has one of them."""


def _groups(
    result: SweepResult, series: Series, position: int, server: str, metric: str
) -> list[Group]:
    members: dict[str, list[int]] = {}
    numbers: dict[str, float | None] = {}
    for point in result.done:
        if (value := point.values[position]) is not None:
            members.setdefault(value.text, []).append(point.number)
            numbers[value.text] = value.number
    return [
        (
            texts,
            [number for text in texts if (number := numbers[text]) is not None],
            [series.estimate(n, server, metric).value for text in texts for n in members[text]],
        )
        for texts in _grouped(list(members), numbers)
    ]


def _grouped(texts: list[str], numbers: dict[str, float | None]) -> list[list[str]]:
    """Return the values one by one, or in groups where they are many numbers."""
    known = [(number, text) for text in texts if (number := numbers[text]) is not None]
    if len(known) < len(texts):
        return [[text] for text in texts]
    ordered = [text for _, text in sorted(known)]
    if len(ordered) <= MOST_LEVELS:
        return [[text] for text in ordered]
    return [list(part) for part in np.array_split(np.array(ordered, dtype=object), GROUPS)]


def _level(texts: Sequence[str], numbers: Sequence[float], found: Sequence[float | None]) -> Level:
    told = [value for value in found if value is not None]
    return Level(
        texts[0] if len(texts) == 1 else f"{texts[0]} to {texts[-1]}",
        float(np.mean(numbers)) if numbers else None,
        float(np.mean(told)) if told else None,
        (len(told), len(found)),
    )
