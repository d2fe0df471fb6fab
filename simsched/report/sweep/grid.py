"""The points of two parameters, in rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simsched.experiment.sweep.plan import Point
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
