"""The points of two parameters in rows and columns, and where two servers are equal on them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simsched.experiment.sweep.plan import Point
from simsched.experiment.sweep.result import MEAN, SweepResult
from simsched.report.sweep.points import ordered, values
from simsched.workload.columns import Floats

_INK = "#10202c"

# A contour needs so many rows and columns.
_LEAST = 2

# The value of a tie that is no border: no contour comes near it.
_HARDLY = 1e-9


@dataclass(frozen=True)
class Grid:
    """The points of two parameters as rows and columns."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: dict[tuple[int, int], Point]

    def matrix(self, of: Mapping[int, Any], missing: Any = None) -> list[list[Any]]:
        """Return the value of each point in *of*, by row; *missing* where there is none."""
        found = {cell: of.get(point.number, missing) for cell, point in self.cells.items()}
        columns = range(len(self.columns))
        return [
            [found.get((row, column), missing) for column in columns]
            for row in range(len(self.rows))
        ]


def grid(points: Sequence[Point]) -> Grid:
    """Return *points*, which have two values each, as a grid in the order of their values."""
    columns, rows = ordered(points, 0), ordered(points, 1)
    cells = {(rows.index(values(p)[1]), columns.index(values(p)[0])): p for p in points}
    return Grid(tuple(columns), tuple(rows), cells)


def even(result: SweepResult, found: Grid) -> Iterator[dict[str, Any]]:
    """Yield a contour for each server: where its mean equals that of the best other one.

    Between points the logarithm of the ratio of the two is interpolated. For two servers one
    contour is enough. There is none where servers are equal and no other leads beyond.
    """
    if min(len(found.rows), len(found.columns)) < _LEAST:
        return
    servers = result.servers
    for server in servers[1:] if len(servers) == 2 else servers:  # noqa: PLR2004
        leads = {p.number: _lead(result, p.number, server) for p in found.cells.values()}
        sides = sided(np.array(found.matrix(leads, math.nan)))
        yield {
            "type": "contour",
            "z": [[None if math.isnan(side) else side for side in row] for row in sides.tolist()],
            "contours": {"start": 0, "end": 0, "size": 1, "coloring": "none"},
            "line": {"color": _INK, "width": 2.5, "smoothing": 0},
            "showlegend": False,
            "hoverinfo": "skip",
            "connectgaps": False,
        }


def _lead(result: SweepResult, number: int, server: str) -> float:
    """Return the logarithm of *server*'s mean over the best other one; NaN without both."""
    found = {name: result.estimate(number, name, MEAN).value for name in result.servers}
    means = {name: value for name, value in found.items() if value}
    others = [value for name, value in means.items() if name != server]
    return math.log(means[server] / min(others)) if server in means and others else math.nan


def sided(leads: Floats) -> Floats:
    """Return *leads*, (rows, columns), with ties moved to the side that alone surrounds them.

    A tie with different sides around it is a border, and stays.
    """
    from scipy.ndimage import binary_dilation, label

    found = leads.copy()
    regions, count = label(np.abs(leads) < _HARDLY)
    for number in range(1, count + 1):
        region = regions == number
        around = leads[binary_dilation(region) & ~region & ~np.isnan(leads)]
        sides = set(np.sign(around).tolist())
        if sides != {-1, 1}:
            found[region] = _HARDLY * sum(sides) or _HARDLY
    return found
