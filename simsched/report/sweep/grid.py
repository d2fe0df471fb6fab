"""The points of two parameters in rows and columns, and where two servers are even on them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simsched.experiment.sweep.plan import Point
from simsched.experiment.sweep.series import MEAN, Series
from simsched.report.sweep.shown import values


@dataclass(frozen=True)
class Grid:
    """The points of two parameters as rows and columns; a point of the third is left out."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: dict[tuple[int, int], Point]

    def matrix(self, of: dict[int, Any], missing: Any = None) -> list[list[Any]]:
        """Return what each point has among *of*, by row; *missing* where there is nothing."""
        return [
            [self._at(row, column, of, missing) for column in range(len(self.columns))]
            for row in range(len(self.rows))
        ]

    def _at(self, row: int, column: int, of: dict[int, Any], missing: Any) -> Any:
        point = self.cells.get((row, column))
        return missing if point is None else of.get(point.number, missing)


def grid(points: Sequence[Point]) -> Grid:
    """Return *points*, which have two values each, as a grid in the order of their values."""
    columns, rows = ordered(points, 0), ordered(points, 1)
    cells = {(rows.index(values(p)[1]), columns.index(values(p)[0])): p for p in points}
    return Grid(tuple(columns), tuple(rows), cells)


def ordered(points: Sequence[Point], position: int) -> list[str]:
    """Return the values at *position*: numbers by size, words as they first come."""
    known: dict[str, float | None] = {}
    for point in points:
        value = point.values[position]
        known[values(point)[position]] = None if value is None else value.number
    if any(number is None for number in known.values()):
        return list(known)
    return sorted(known, key=lambda text: known[text] or 0.0)


_INK = "#10202c"

_LEAST = 2
"""So many rows and columns a contour needs."""

_HARDLY = 1e-9
"""What a tie counts as that is no border: no contour comes near it."""

Cell = tuple[int, int]
"""A row and a column of the map."""


def even(series: Series, found: Grid) -> Iterator[dict[str, Any]]:
    """Yield a contour for each server: where its mean is that of the best other one.

    Between points the logarithm of the ratio of the two is interpolated. Of two servers one contour
    is enough. None is drawn where servers do the same and no other leads beyond.
    """
    if min(len(found.rows), len(found.columns)) < _LEAST:
        return
    servers = series.result.servers
    for server in servers[1:] if len(servers) == 2 else servers:  # noqa: PLR2004
        leads = {cell: _lead(series, p.number, server) for cell, p in found.cells.items()}
        sides = sided({cell: lead for cell, lead in leads.items() if lead is not None})
        yield {
            "type": "contour",
            "z": found.matrix({found.cells[cell].number: lead for cell, lead in sides.items()}),
            "contours": {"start": 0, "end": 0, "size": 1, "coloring": "none"},
            "line": {"color": _INK, "width": 2.5, "smoothing": 0},
            "showlegend": False,
            "hoverinfo": "skip",
            "connectgaps": False,
        }


def _lead(series: Series, number: int, server: str) -> float | None:
    """Return the logarithm of *server*'s mean over the best other one; None without both."""
    means = {
        name: value
        for name in series.result.servers
        if (value := series.estimate(number, name, MEAN).value)
    }
    others = [value for name, value in means.items() if name != server]
    return math.log(means[server] / min(others)) if server in means and others else None


def sided(leads: Mapping[Cell, float]) -> dict[Cell, float]:
    """Return *leads*, where ties with no more than one side around them belong to that."""
    found = dict(leads)
    ties = {cell for cell, lead in leads.items() if abs(lead) < _HARDLY}
    while ties:
        together = _together(ties)
        near = {cell for tie in together for cell in _beside(tie)}.intersection(leads)
        sides = {math.copysign(1, leads[cell]) for cell in near.difference(together)}
        if sides != {-1, 1}:
            found |= dict.fromkeys(together, _HARDLY * sum(sides) or _HARDLY)
    return found


def _together(ties: set[Cell]) -> list[Cell]:
    """Take from *ties* one, and those that hang together with it."""
    found = [ties.pop()]
    for tie in found:  # they become more meanwhile
        near = ties.intersection(_beside(tie))
        ties -= near
        found += near
    return found


def _beside(cell: Cell) -> list[Cell]:
    row, column = cell
    return [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
