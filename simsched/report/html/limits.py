"""The limits of objectives, drawn into figures of the metrics that they limit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from simsched.experiment.result import Result
from simsched.report.html.figure import label
from simsched.report.html.palette import LIMIT
from simsched.report.text import truncated
from simsched.scenario.metrics import show_value
from simsched.statistics.slo import Objective
from simsched.statistics.words.numbers import Unit

_LINE_PIXELS = 16


def objectives_of(result: Result) -> list[Objective]:
    """Return the objectives by which the servers of *result* are judged, each limit once."""
    return distinct(each.objective for each in result.judgements)


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
    objectives: Sequence[Objective], unit: Unit, axis: Literal["x", "y"] = "x"
) -> dict[str, list[dict[str, Any]]]:
    """Return lines across an *axis* that is in *unit*, one at each limit, and their names.

    They are a part of a layout.
    """
    return {
        "shapes": [_line(each.limit.value / unit.size, axis) for each in objectives],
        "annotations": [_name(each, n, unit, axis) for n, each in enumerate(objectives)],
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


def _name(one: Objective, number: int, unit: Unit, axis: Literal["x", "y"]) -> dict[str, Any]:
    limit = one.limit
    text = f"{limit.metric.title} {limit.operator} {show_value(limit.value, limit.metric.kind)}"
    place = (
        # The names of limits near each other would stand on each other: each has a line of its own.
        {"x": limit.value / unit.size, "y": 1, "yref": "paper", "yshift": -_LINE_PIXELS * number}
        if axis == "x"
        else {"y": limit.value / unit.size, "x": 1, "xref": "paper"}
    )
    anchors = {"xanchor": "right", "yanchor": "top" if axis == "x" else "bottom", "xshift": -3}
    shown = truncated(text, 60)
    return {"text": label(shown), "showarrow": False, "font": {"size": 12}, **place, **anchors}
