"""The limits of objectives, drawn into figures of the metrics that they limit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from simsched.experiment.result import Result
from simsched.report.html.figure import label
from simsched.report.html.palette import LIMIT
from simsched.report.text import truncated
from simsched.statistics.slo import Objective
from simsched.statistics.words import objectives as words
from simsched.statistics.words.numbers import Unit

_LINE_PIXELS = 16


def objectives_of(result: Result) -> list[Objective]:
    """Return the limits on metrics by which the servers of *result* are judged, each once."""
    every = (each.objective for each in result.judgements)
    return distinct(each for each in every if not each.is_change)


def distinct(objectives: Iterable[Objective]) -> list[Objective]:
    """Return *objectives* without those that have the same limit on the same requests."""
    return list({(each.limit, each.request): each for each in objectives}.values())


def limits_on(
    objectives: Iterable[Objective], prefix: str, request: str | None = None
) -> list[Objective]:
    """Return those that limit a metric that begins with *prefix*, of a class or of all requests."""
    return [
        each
        for each in objectives
        if each.limit.metric.name.startswith(prefix) and each.request == request
    ]


def drawn(
    objectives: Sequence[Objective], unit: Unit, highest: float, axis: Literal["x", "y"] = "x"
) -> dict[str, list[dict[str, Any]]]:
    """Return lines across an *axis* that is in *unit*, one at each limit, and their names.

    They are a part of a layout. The axis goes from 0 to about *highest*, or to the last limit.
    """
    places = [each.limit.value / unit.size for each in objectives]
    middle = max([highest, *places]) / 2
    return {
        "shapes": [_line(at, axis) for at in places],
        "annotations": [
            {"text": label(truncated(words.limit(each.limit, each.request), 60))}
            | _place(n, at, axis, is_early=at < middle)
            for n, (each, at) in enumerate(zip(objectives, places, strict=True))
        ],
    }


def _line(at: float, axis: Literal["x", "y"]) -> dict[str, Any]:
    other = "y" if axis == "x" else "x"
    return {
        "type": "line",
        f"{axis}ref": axis,
        f"{axis}0": at,
        f"{axis}1": at,
        f"{other}ref": "paper",
        f"{other}0": 0,
        f"{other}1": 1,
        "line": {"color": LIMIT, "width": 1.5, "dash": "dash"},
    }


def _place(number: int, at: float, axis: Literal["x", "y"], *, is_early: bool) -> dict[str, Any]:
    """Return where the name of a limit stands: beside its line, on the side with more room."""
    plain = {"showarrow": False, "font": {"size": 12}}
    if axis == "y":
        return plain | {"y": at, "x": 1, "xref": "paper", "xanchor": "right", "yanchor": "bottom"}
    side = {"xanchor": "left", "xshift": 3} if is_early else {"xanchor": "right", "xshift": -3}
    # The names of limits near each other would stand on each other: each has a line of its own.
    above = {"y": 1, "yref": "paper", "yanchor": "top", "yshift": -_LINE_PIXELS * number}
    return plain | {"x": at} | side | above
