"""Many parameters: every point as a line across parallel axes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from simsched.experiment.sweep.plan import Point
from simsched.experiment.sweep.result import MEAN, SweepResult
from simsched.report.html.figure import Figure, View, label, layout
from simsched.report.html.palette import NEUTRAL
from simsched.report.sweep.points import ordered, values
from simsched.report.text import truncated
from simsched.scenario.file.wording import short_names
from simsched.scenario.metrics import Metric
from simsched.scenario.number_format import show_value

# Five steps of Cividis, from low to high.
_COLORS = ("#00224e", "#43536b", "#7d7c78", "#bcaf6f", "#fee838")

Heights = dict[str, float]
"""The heights of the values of a parameter on its vertical line."""

_MOST_TICKS = 8
_MOST_LINES = 3


def parallel(result: SweepResult, metrics: Sequence[Metric]) -> Iterator[Figure]:
    """Yield the figure of a sweep over more than two parameters."""
    metric = next((each for each in metrics if each.name == MEAN), metrics[0])
    heights = [_heights(ordered(result.done, n)) for n in range(len(result.plan.parameters))]
    shown = _layout(result, heights)
    yield Figure(
        id="parallel",
        title="All points across all parameters",
        alt=f"{len(result.done)} points, coloured by {metric.title}",
        views=tuple(
            View(truncated(server, 40), list(_bands(result, server, metric, heights)), shown)
            for server in result.servers
        ),
        lede=(
            f"A line is a point. The darkest fifth has the lowest {metric.title}, the brightest "
            "the highest; grey lines have none."
        ),
        picks="Server",
    )


def _bands(
    result: SweepResult, server: str, metric: Metric, heights: Sequence[Heights]
) -> Iterator[dict[str, Any]]:
    """Yield the points as lines, in one trace for each fifth of the points by *metric*."""
    found = [(p, result.estimate(p.number, server, metric.name).value) for p in result.done]
    known = [(point, value) for point, value in found if value is not None]
    if without := [point for point, value in found if value is None]:
        yield _lines(heights, without, NEUTRAL, 1.0, "no figure")
    # Fifths of the points, not of the range: one slow point would leave the rest in one colour.
    fifths: dict[float, int] = {}
    for place, value in enumerate(sorted(value for _, value in known)):
        fifths.setdefault(value, place * len(_COLORS) // len(known))
    for band, color in enumerate(_COLORS):
        if own := [(p, value) for p, value in known if fifths[value] == band]:
            ends = (end(value for _, value in own) for end in (min, max))
            name = " to ".join(dict.fromkeys(show_value(end, metric.kind) for end in ends))
            yield _lines(heights, [point for point, _ in own], color, 1.5, name)


def _lines(
    heights: Sequence[Heights], points: Sequence[Point], color: str, width: float, name: str
) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for point in points:
        x += [*map(float, range(len(heights))), None]
        y += [*(each[text] for each, text in zip(heights, values(point), strict=True)), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "name": name,
        "line": {"color": color, "width": width},
        "hoverinfo": "skip",
    }


def _heights(order: Sequence[str]) -> Heights:
    """Return the height of each value, evenly spaced from 0 to 1."""
    return {text: number / max(len(order) - 1, 1) for number, text in enumerate(order)}


def _layout(result: SweepResult, heights: Sequence[Heights]) -> dict[str, Any]:
    """Return the layout: a vertical line for each parameter, with some of its values."""
    names = list(map(_in_lines, short_names([each.name for each in result.plan.parameters])))
    x = {
        "tickvals": list(range(len(names))),
        "ticktext": names,
        "range": [-0.15, len(names) - 0.6],
        "showgrid": True,
        "automargin": True,  # on a narrow page they are turned upright
    }
    shown = layout(440, "", x=x, y={"visible": False, "range": [-0.05, 1.05]})
    margin = {"t": 8, "r": 64, "b": 80, "l": 24}
    return shown | {"margin": margin, "annotations": list(_ticks(heights))}


def _in_lines(name: str) -> str:
    """Return the short *name* of a path in lines, as there is little room below an axis."""
    *first, last = name.rsplit(".", _MOST_LINES - 1)
    return "<br>".join(label(truncated(part, 14)) for part in (*(f"{one}." for one in first), last))


def _ticks(heights: Sequence[Heights]) -> Iterator[dict[str, Any]]:
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
