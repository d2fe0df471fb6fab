"""Many parameters: every point as a line across parallel axes, the last of which is a metric.

The page lets the reader choose points by the values that their lines have: it is given what it
needs for that under ``meta`` of the layout.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from textwrap import wrap
from typing import Any

from simsched.experiment.sweep.plan import Point
from simsched.experiment.sweep.result import SweepResult
from simsched.report.html.figure import Figure, View, label, layout
from simsched.report.html.palette import NEUTRAL
from simsched.report.sweep.axes import axis_title, is_steep, without_unit
from simsched.report.sweep.points import mean_first, ordered, values
from simsched.report.text import clean, truncated
from simsched.scenario.metrics import Metric
from simsched.scenario.number_format import show_value
from simsched.statistics.words.numbers import Unit, unit_of

# From low to high, blue to orange: colour-blind readers can distinguish them, on any page.
_COLORS = ("#1f78d1", "#5f86ad", "#85858a", "#b07f4a", "#c8690a")

_MOST_TICKS = 8
_MOST_ROWS = 3
_ROW = 14
# Figures of more lines than these together would make the page slow.
_MOST_LINES = 20_000

_STEPS = 4


@dataclass(frozen=True)
class _Scale:
    """The axis of a metric: its ends, in *unit*, and whether equal steps are equal ratios."""

    low: float
    high: float
    unit: Unit
    is_log: bool

    def height(self, value: float) -> float:
        """Return the height of *value* on the axis, from 0 to 1."""
        low, high, at = self.low, self.high, value / self.unit.size
        if low == high:
            return 0.5
        if self.is_log:
            low, high, at = math.log(low), math.log(high), math.log(at)
        return (at - low) / (high - low)

    def ticks(self, metric: Metric) -> dict[str, float]:
        """Return the heights of evenly spaced values, by what is written beside them."""
        if self.low == self.high:
            return {show_value(self.low * self.unit.size, metric.kind): 0.5}
        found = {}
        for step in range(_STEPS + 1):
            share = step / _STEPS
            ratio, span = self.high / self.low if self.is_log else 1.0, self.high - self.low
            at = self.low * ratio**share if self.is_log else self.low + share * span
            found[show_value(at * self.unit.size, metric.kind, 2)] = share
        return found


def _scale(known: Sequence[float], metric: Metric) -> _Scale:
    unit = unit_of(max(known, default=None) or 1.0, metric.kind)
    low, high = (end(known, default=0.0) / unit.size for end in (min, max))
    return _Scale(low, high, unit, metric.kind == "duration" and is_steep(known))


def parallel(result: SweepResult, metrics: Sequence[Metric]) -> Iterator[Figure]:
    """Yield the figure of a sweep over more than two parameters."""
    pairs = [(metric, server) for metric in mean_first(metrics) for server in result.servers]
    shown = pairs[: max(_MOST_LINES // len(result.done), len(result.servers))]
    yield Figure(
        id="parallel",
        title="All points across all parameters",
        alt=f"{len(result.done)} points, coloured by {shown[0][0].title}",
        views=tuple(_Lines(result, *each).view() for each in shown),
        lede=(
            "A line is a point. Its colour is its place on the last axis, from the lowest fifth in "
            "blue to the highest in orange; dotted lines have no figure."
        ),
        picks="Figure",
    )


class _Lines:
    """The points as lines that end at a metric of a server."""

    def __init__(self, result: SweepResult, metric: Metric, server: str) -> None:
        self._result = result
        self._metric = metric
        self._server = server
        found = ((p, result.estimate(p.number, server, metric.name).value) for p in result.done)
        self._found = [(p, v if v is not None and math.isfinite(v) else None) for p, v in found]
        self._known = [(point, value) for point, value in self._found if value is not None]
        self._scale = _scale([value for _, value in self._known], metric)
        orders = (ordered(result.done, n) for n in range(len(result.plan.parameters)))
        self._heights = [_spread(order) for order in orders]

    def view(self) -> View:
        """Return the lines on their axes."""
        name = f"{self._metric.title}: {truncated(self._server, 40)}"
        return View(name, list(self._bands()), self._layout())

    def _bands(self) -> Iterator[dict[str, Any]]:
        """Yield the lines, in one trace for each fifth of the points by the metric."""
        if without := [(point, value) for point, value in self._found if value is None]:
            dotted = {"color": NEUTRAL, "width": 1.0, "dash": "dot"}
            yield self._trace(without, "no figure", dotted)
        # Fifths of the points, not of the range: one slow point would leave the rest in one colour.
        fifths: dict[float, int] = {}
        for place, value in enumerate(sorted(value for _, value in self._known)):
            fifths.setdefault(value, place * len(_COLORS) // len(self._known))
        for band, color in enumerate(_COLORS):
            if own := [(p, value) for p, value in self._known if fifths[value] == band]:
                ends = (end(value for _, value in own) for end in (min, max))
                name = " to ".join(dict.fromkeys(show_value(e, self._metric.kind) for e in ends))
                yield self._trace(own, name, {"color": color, "width": 1.5})

    def _trace(
        self, points: Sequence[tuple[Point, float | None]], name: str, line: dict[str, Any]
    ) -> dict[str, Any]:
        x: list[float | None] = []
        y: list[float | None] = []
        for point, value in points:
            pairs = zip(self._heights, values(point), strict=True)
            end = None if value is None else round(self._scale.height(value), 4)
            x += [*map(float, range(len(self._heights) + 1)), None]
            y += [*(heights[text] for heights, text in pairs), end, None]
        return {
            "type": "scatter",
            "mode": "lines",
            "x": x,
            "y": y,
            "name": name,
            "line": line,
            "hoverinfo": "skip",
            "meta": {"points": [point.number for point, _ in points]},
        }

    def _layout(self) -> dict[str, Any]:
        """Return the layout: a vertical line for each parameter, and one for the metric."""
        names = [clean(each.title) for each in self._result.plan.parameters]
        metric = "<br>".join(map(label, self._metric.title.split()))
        units = [without_unit(list(heights))[0] for heights in self._heights]
        parameters = self._result.plan.parameters
        titles = [*map(_in_lines, map(axis_title, parameters, units)), metric]
        x = {
            "tickvals": list(range(len(titles))),
            "ticktext": titles,
            "range": [-0.15, len(titles) - 0.6],
            "showgrid": True,
            "automargin": True,  # on a narrow page they are turned upright
        }
        shown = layout(440, "", x=x, y={"visible": False, "range": [-0.05, 1.05]})
        margin = {"t": 8, "r": 64, "b": 80, "l": 24}
        own = [dict(zip(without_unit(list(h))[1], h.values(), strict=True)) for h in self._heights]
        ticks = [*own, self._scale.ticks(self._metric)]
        axes = [*({"name": n, "heights": h} for n, h in zip(names, self._heights, strict=True))]
        meta = {"axes": [*axes, self._metric_axis()]}
        return shown | {"margin": margin, "annotations": list(_ticks(ticks)), "meta": meta}

    def _metric_axis(self) -> dict[str, Any]:
        """Return what the page needs to know to choose points by the metric."""
        unit = f" ({self._scale.unit.name})" if self._scale.unit.name else ""
        scale = {"low": self._scale.low, "high": self._scale.high, "log": self._scale.is_log}
        return {"name": f"{self._metric.title}{unit}", **scale}


def _spread(order: Sequence[str]) -> dict[str, float]:
    """Return the height of each value, evenly spaced from 0 to 1."""
    return {text: round(number / max(len(order) - 1, 1), 6) for number, text in enumerate(order)}


def _in_lines(title: str) -> str:
    """Return *title* in lines, as there is little room below an axis."""
    lines = wrap(title, _ROW, break_on_hyphens=False)
    *first, last = lines[:_MOST_ROWS]
    left = " " + " ".join(lines[_MOST_ROWS:]) if lines[_MOST_ROWS:] else ""
    return "<br>".join(label(part) for part in (*first, truncated(f"{last}{left}", _ROW)))


def _ticks(heights: Sequence[Mapping[str, float]]) -> Iterator[dict[str, Any]]:
    for position, own in enumerate(heights):
        for text, height in islice(own.items(), 0, None, -(-len(own) // _MOST_TICKS)):
            yield {
                "x": position,
                "y": height,
                "text": label(truncated(text, 14)),
                "showarrow": False,
                "xanchor": "left",
                "xshift": 4,
                "font": {"size": 12},
                "bgcolor": "#ffffff",
            }
