"""Main effects: how a figure goes with one parameter, on average over all the others.

Source: Box, Hunter & Hunter, Statistics for Experimenters, 2nd ed., 2005, section 5.4. In a sample,
whose values hardly ever come twice, values are taken together in groups of about equal size.
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
    members: dict[str, list[int]] = {}
    numbers: dict[str, float | None] = {}
    for point in result.done:
        if (value := point.values[position]) is not None:
            members.setdefault(value.text, []).append(point.number)
            numbers[value.text] = value.number
    return tuple(
        _level(
            texts,
            [number for text in texts if (number := numbers[text]) is not None],
            [series.estimate(n, server, metric).value for text in texts for n in members[text]],
        )
        for texts in _grouped(list(members), numbers)
    )


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
