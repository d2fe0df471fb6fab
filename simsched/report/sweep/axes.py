"""What the figures of sweeps and searches have in common: titles, scales, bands and lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from simsched.experiment.sweep.plan import Parameter
from simsched.report.html.palette import server_color
from simsched.report.text import clean
from simsched.scenario.metrics import Metric
from simsched.statistics.estimate import Estimate
from simsched.statistics.words.numbers import Unit
from simsched.units import NUMBER_PATTERN

# Values whose largest is so many times the smallest are drawn on a logarithmic scale.
_STEEP = 30.0


def axis_title(parameter: Parameter, unit: str) -> str:
    """Return the title of an axis of *parameter* in *unit*, as in ``database wait, ms``."""
    said = {"/s": ", per second", "": ""}.get(unit, f", {unit}")
    return f"{clean(parameter.title)}{said}"


_WRITTEN = re.compile(rf"({NUMBER_PATTERN}) ?([a-z/]+)")


def without_unit(texts: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the unit in which all *texts* are written, and each without it.

    The unit is "" and the texts are unchanged where they have none, or several.
    """
    found = [_WRITTEN.fullmatch(text) for text in texts]
    # Nothing is the same in every unit.
    units = {each[2] for each in found if each and float(each[1])}
    if len(units) != 1 or not all(found):
        return "", tuple(texts)
    return units.pop(), tuple(each[1] for each in found if each)


def metric_title(metric: Metric, unit: Unit) -> str:
    """Return the title of an axis of *metric* in *unit*."""
    counted = {"/s": "per second", "": ""}.get(unit.name, unit.name)
    return f"{metric.title} ({counted})" if counted else metric.title


def is_steep(found: Sequence[float]) -> bool:
    """Return whether values differ so much that equal steps should be equal ratios."""
    return bool(found) and min(found) > 0 and max(found) / min(found) >= _STEEP


def band(
    position: int, places: Sequence[float | str], found: Sequence[Estimate], size: float
) -> Iterator[dict[str, Any]]:
    """Yield the area between the ends of the intervals of a server, where there are several."""
    ends = [
        (x, one.low / size, one.high / size)
        for x, one in zip(places, found, strict=True)
        if one.low is not None and one.high is not None
    ]
    # A single point has no area; its hover text gives the interval.
    if len(ends) > 1:
        yield {
            "type": "scatter",
            "mode": "lines",
            "legendgroup": str(position),
            "x": [x for x, _, _ in ends] + [x for x, _, _ in reversed(ends)],
            "y": [low for _, low, _ in ends] + [high for _, _, high in reversed(ends)],
            "fill": "toself",
            "fillcolor": shade(position),
            "line": {"width": 0},
            "hoverinfo": "skip",
            "showlegend": False,
        }


def shade(position: int) -> str:
    """Return the colour of the server at *position*, mostly transparent."""
    return f"{server_color(position)}2a"


def upright(x0: float, x1: float, **look: Any) -> dict[str, Any]:
    """Return a shape from the bottom of a figure to its top: a band, or a line."""
    kind = "line" if x0 == x1 else "rect"
    place = {"xref": "x", "yref": "paper", "x0": x0, "x1": x1, "y0": 0, "y1": 1}
    return {"type": kind, **place, "layer": "below", **look}
