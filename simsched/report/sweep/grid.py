"""Points as rows and columns, and what the maps of a sweep are drawn with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simsched.experiment.sweep.plan import Parameter, Point
from simsched.report.html.figure import label, layout
from simsched.report.html.palette import NEUTRAL
from simsched.report.sweep.axes import axis_title, without_unit
from simsched.report.sweep.points import ordered, values
from simsched.report.text import truncated

_ROW = 34
_FRAME = 170
# Maps of more cells do not show their values, which would overlap.
_MOST_WRITTEN = 150

HATCH = {"shape": "/", "fgcolor": NEUTRAL, "bgcolor": "rgba(0,0,0,0)", "size": 8}

Cell = tuple[int, int]
"""A row and a column."""


@dataclass(frozen=True)
class Grid:
    """Points by the values of the first two parameters, as rows and columns."""

    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: Mapping[Cell, Point]

    def matrix(self, of: Mapping[int, Any], missing: Any = None) -> list[list[Any]]:
        """Return the value of each point in *of*, by row; *missing* where there is none."""
        found = {cell: of.get(point.number, missing) for cell, point in self.cells.items()}
        columns = range(len(self.columns))
        return [
            [found.get((row, column), missing) for column in columns]
            for row in range(len(self.rows))
        ]

    def where(self, numbers: Sequence[int]) -> list[Cell]:
        """Return the cells of the points of those *numbers*."""
        return [cell for cell, point in self.cells.items() if point.number in set(numbers)]

    def layout(self) -> dict[str, Any]:
        """Return the layout of a map."""
        across, up = self.parameters[:2]
        x, y = _axis(across, self.columns), _axis(up, self.rows)
        return layout(_FRAME + _ROW * max(len(self.rows), 4), "", x=x, y=y)

    def written(self, texts: Mapping[int, str]) -> dict[str, Any]:
        """Return the part of a map that writes *texts* into its cells, if there is room."""
        if len(self.columns) * len(self.rows) > _MOST_WRITTEN:
            return {}
        return {"text": self.matrix(texts, ""), "texttemplate": "%{text}"}

    def hover(self, texts: Mapping[int, str]) -> dict[str, Any]:
        """Return the part of a map that shows *texts* below the pointer."""
        return {"customdata": self.matrix(texts), "hovertemplate": "%{customdata}<extra></extra>"}

    def heatmap(self, numbers: Mapping[int, float]) -> dict[str, Any]:
        """Return a map of *numbers* by point."""
        gaps = {"xgap": 2, "ygap": 2, "hoverongaps": False}
        return {"type": "heatmap", "z": self.matrix(numbers), **gaps}

    def classes(self, numbers: Mapping[int, int], colors: Sequence[str]) -> dict[str, Any]:
        """Return a map in which points have *numbers*, each shown in its own one of *colors*."""
        steps = max(len(colors), 1)
        return self.heatmap(numbers) | {
            "zmin": -0.5,
            "zmax": len(colors) - 0.5,
            "colorscale": [
                [edge / steps, color]
                for position, color in enumerate(colors)
                for edge in (position, position + 1)
            ],
            "showscale": False,
        }


def grid(parameters: tuple[Parameter, ...], every: Sequence[Point], shown: Sequence[Point]) -> Grid:
    """Return the points *shown* as a grid, with the rows and columns of *every* point."""
    columns, rows = ordered(every, 0), ordered(every, 1)
    cells = {(rows.index(values(p)[1]), columns.index(values(p)[0])): p for p in shown}
    return Grid(parameters, tuple(columns), tuple(rows), cells)


def outlined(cells: Sequence[Cell], name: str, **look: Any) -> Iterator[dict[str, Any]]:
    """Yield *cells* with a line around each, filled as *look* says."""
    if not cells:
        return
    x: list[float | None] = []
    y: list[float | None] = []
    for row, column in cells:
        x += [column - 0.48, column + 0.48, column + 0.48, column - 0.48, column - 0.48, None]
        y += [row - 0.48, row - 0.48, row + 0.48, row + 0.48, row - 0.48, None]
    yield {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "fill": "toself",
        "line": {"color": NEUTRAL, "width": 1},
        "name": name,
        "hoverinfo": "skip",
        **look,
    }


def keys(colors: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the legend of *colors* by what they mean; a map has none of its own."""
    for name, color in colors.items():
        yield {
            "type": "scatter",
            "mode": "markers",
            "x": [None],
            "y": [None],
            "name": label(truncated(name, 30)),
            "marker": {"symbol": "square", "size": 12, "color": color},
        }


def _axis(parameter: Parameter, texts: Sequence[str]) -> dict[str, Any]:
    unit, figures = without_unit(texts)
    return {
        "title": {"text": label(axis_title(parameter, unit))},
        "tickvals": list(range(len(texts))),
        "ticktext": [label(truncated(text, 20)) for text in figures],
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
        "range": [-0.5, len(texts) - 0.5],
    }
