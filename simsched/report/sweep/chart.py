"""The figures of a sweep's page as Plotly's plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simsched.experiment.sweep.plan import Parameter, Point
from simsched.report.html.figure import label
from simsched.report.sweep.shown import title, values
from simsched.report.text import truncated
from simsched.scenario.metrics import Metric
from simsched.statistics.words.numbers import Unit, unit_of

_WIDE = 20.0
"""Numbers whose largest is so many times the smallest are drawn on a logarithmic axis."""

_STEEP = 30.0

LEGEND = {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0}


@dataclass(frozen=True)
class Abscissa:
    """The values of one parameter along an axis: numbers to scale, or words evenly spaced.

    ``places`` are those of the points, in the order of the axis.
    """

    parameter: Parameter
    points: tuple[Point, ...]
    places: tuple[float | str, ...]
    log: bool = False

    def layout(self) -> dict[str, Any]:
        """Return Plotly's layout of the axis."""
        kind = {"type": "log"} if self.log else {}
        if self.parameter.kind == "text":
            kind = {"type": "category"}
        return {"title": {"text": label(title(self.parameter))}, "zeroline": False, **kind}


def abscissa(parameter: Parameter, position: int, points: Sequence[Point]) -> Abscissa:
    """Return the axis of the parameter at *position*, along which *points* lie."""
    if parameter.kind == "text":
        words = tuple(label(truncated(values(point)[position], 24)) for point in points)
        return Abscissa(parameter, tuple(points), words)
    found = [
        (value.number, point)
        for point in points
        if (value := point.values[position]) is not None and value.number is not None
    ]
    found.sort(key=lambda pair: (pair[0], pair[1].number))
    numbers = tuple(number for number, _ in found)
    log = bool(numbers) and numbers[0] > 0 and numbers[-1] / numbers[0] >= _WIDE
    return Abscissa(parameter, tuple(point for _, point in found), numbers, log)


def ordinate(shown: Metric, largest: float | None, *, log: bool = False) -> dict[str, Any]:
    """Return the layout of an axis for *shown*, with the unit that suits the *largest* value."""
    unit = unit_for(shown, largest)
    counted = {"/s": "per second", "": ""}.get(unit.name, unit.name)
    text = f"{shown.title} ({counted})" if counted else shown.title
    if log:
        return {"title": {"text": text}, "type": "log", "automargin": True}
    return {"title": {"text": text}, "rangemode": "tozero", "automargin": True}


def unit_for(shown: Metric, largest: float | None) -> Unit:
    """Return the unit to show *shown* in."""
    return unit_of(largest or 1.0, shown.kind)


def is_steep(found: Sequence[float]) -> bool:
    """Return whether values differ so much that equal steps should be equal ratios."""
    positive = [value for value in found if value > 0]
    return len(positive) == len(found) > 0 and max(positive) / min(positive) >= _STEEP


def layout(height: int, **more: Any) -> dict[str, Any]:
    """Return a layout that all figures of the page share."""
    return {
        "height": height,
        "hovermode": "closest",
        "margin": {"t": 8, "r": 24, "b": 56, "l": 64},
        "legend": LEGEND,
        **more,
    }
