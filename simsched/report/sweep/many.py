"""Many parameters: every point as a line across all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from simsched.experiment.sweep.plan import Parameter, Point
from simsched.experiment.sweep.series import MEAN, Series
from simsched.report.html.figure import Figure, View, label
from simsched.report.html.palette import NEUTRAL
from simsched.report.sweep.chart import layout
from simsched.report.sweep.grid import ordered
from simsched.report.sweep.shown import values
from simsched.report.text import truncated
from simsched.scenario.file.wording import short_names
from simsched.scenario.metrics import Metric, show_value

_HEIGHT = 440
_BANDS = 5
_COLORS = ("#00224e", "#43536b", "#7d7c78", "#bcaf6f", "#fee838")
"""Five steps of Cividis, from low to high."""

_MOST_TICKS = 8
_MOST_LINES = 3


def many(series: Series, metrics: Sequence[Metric]) -> Iterator[Figure]:
    """Yield the figures of a sweep over more than two parameters."""
    shown = next((m for m in metrics if m.name == MEAN), metrics[0])
    servers = series.result.servers
    yield Figure(
        id="parallel",
        title="All points across all parameters",
        alt=f"{len(series.result.done)} points, coloured by {shown.title}",
        views=tuple(_parallel(series, server, shown) for server in servers),
        lede=(
            f"A line is a point. The darkest fifth has the lowest {shown.title}, the brightest the "
            "highest; grey lines have none."
        ),
        picks="Server",
    )


def _parallel(series: Series, server: str, shown: Metric) -> View:
    """Return each point as a line, in one trace for each fifth of the points by *shown*."""
    result = series.result
    found = {p.number: series.estimate(p.number, server, shown.name).value for p in result.done}
    told = sorted(value for value in found.values() if value is not None)
    places = _Places(result.plan.parameters, result.done)
    edges = np.quantile(told, np.linspace(0, 1, _BANDS + 1)[1:-1]) if told else np.array([])
    bands: dict[int | None, list[Point]] = {}
    for point in result.done:
        value = found[point.number]
        band = None if value is None else int(np.searchsorted(edges, value))
        bands.setdefault(band, []).append(point)
    traces = [
        _lines(places, bands[band], band, _band_name(found, bands[band], shown))
        for band in (None, *range(_BANDS))
        if band in bands
    ]
    return View(truncated(server, 40), traces, places.layout())


def _band_name(found: dict[int, float | None], points: Sequence[Point], shown: Metric) -> str:
    told = [value for p in points if (value := found[p.number]) is not None]
    if not told:
        return "no figure"
    ends = (show_value(end, shown.kind) for end in (min(told), max(told)))
    return " to ".join(dict.fromkeys(ends))


def _lines(places: _Places, points: Sequence[Point], band: int | None, name: str) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for point in points:
        x += [*map(float, range(len(places.parameters))), None]
        y += [*places.of(point), None]
    color = NEUTRAL if band is None else _COLORS[band]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "name": name,
        "line": {"color": color, "width": 1 if band is None else 1.5},
        "hoverinfo": "skip",
    }


def _in_lines(name: str) -> str:
    """Return the short *name* of a path in lines, as there is little room below an axis."""
    *first, last = name.rsplit(".", _MOST_LINES - 1)
    return "<br>".join(label(truncated(part, 14)) for part in (*(f"{one}." for one in first), last))


class _Places:
    """Where each value lies on the upright line of its parameter, from 0 to 1."""

    def __init__(self, parameters: Sequence[Parameter], points: Sequence[Point]) -> None:
        self.parameters = parameters
        self._orders = [ordered(points, position) for position in range(len(parameters))]
        self._shares = [
            {text: n / max(len(order) - 1, 1) for n, text in enumerate(order)}
            for order in self._orders
        ]

    def of(self, point: Point) -> list[float]:
        """Return the places of *point*."""
        return [self._shares[n][text] for n, text in enumerate(values(point))]

    def layout(self) -> dict[str, Any]:
        """Return the layout: an upright line for each parameter, with some of its values."""
        short = short_names([parameter.name for parameter in self.parameters])
        names = list(map(_in_lines, short))
        return layout(
            _HEIGHT,
            margin={"t": 8, "r": 64, "b": 80, "l": 24},
            xaxis={
                "tickvals": list(range(len(names))),
                "ticktext": names,
                "range": [-0.15, len(names) - 0.6],
                "showgrid": True,
                "zeroline": False,
                "automargin": True,  # on a narrow page they are upright
            },
            yaxis={"visible": False, "range": [-0.05, 1.05]},
            annotations=list(self._ticks()),
        )

    def _ticks(self) -> Iterator[dict[str, Any]]:
        for position, order in enumerate(self._orders):
            step = -(-len(order) // _MOST_TICKS)
            for number in range(0, len(order), step):
                yield {
                    "x": position,
                    "y": number / max(len(order) - 1, 1),
                    "text": label(truncated(order[number], 14)),
                    "showarrow": False,
                    "xanchor": "left",
                    "xshift": 4,
                    "font": {"size": 12},
                    "bgcolor": "#ffffff",
                }
