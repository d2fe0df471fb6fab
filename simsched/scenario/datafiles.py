"""Columns of the CSV files that stand beside a scenario, read within bounds."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from simsched.errors import Fault
from simsched.scenario.base import complaint
from simsched.scenario.headers import column_names
from simsched.scenario.problem import Problem, Unknown, dotted
from simsched.scenario.reading import UnreadableError, read
from simsched.scenario.wording import quote
from simsched.units import nanoseconds

if TYPE_CHECKING:
    import _csv

MOST_ROWS = 100_000
"""The most values that are observed, and the most rows that the files of a scenario have."""

MOST_COLUMNS = 100
"""The most columns that a scenario reads, counting one again for each unit."""


class DataFiles:
    """The data files of one scenario, kept while it is read.

    ``directory`` is what the names of files are relative to.
    """

    def __init__(self, directory: Path = Path()) -> None:
        self._directory = directory
        self._outcomes: dict[tuple[str, str, str], tuple[int, ...] | PydanticCustomError] = {}
        self._rows_left = MOST_ROWS
        self._columns: dict[Path, tuple[str, ...]] = {}

    def path(self, file: str) -> Path:
        """Return the absolute path of *file*."""
        return Path(os.path.abspath(self._directory / file))  # noqa: PTH100  keeps symbolic links

    def trace_columns(self, path: Path) -> tuple[str, ...]:
        """Return the names of the columns of the trace in the file *path*.

        Raises:
            UnreadableError: it cannot be read, or is neither CSV nor Parquet.
        """
        if path not in self._columns:
            self._columns[path] = column_names(path)
        return self._columns[path]

    def columns_of_trace(self) -> tuple[str, ...] | None:
        """Return the columns of the trace of the scenario, or None where none has been read."""
        return next(iter(self._columns.values()), None)

    def durations(self, file: str, column: str, unit: str) -> tuple[int, ...]:
        """Return the durations in a column, in nanoseconds.

        Raises:
            PydanticCustomError: the complaint about the file or what stands in it.
        """
        key = (file, column, unit)
        if key not in self._outcomes:
            self._outcomes[key] = self._outcome(file, column, unit)
        outcome = self._outcomes[key]
        if isinstance(outcome, PydanticCustomError):
            raise outcome
        return outcome

    def _outcome(self, file: str, column: str, unit: str) -> tuple[int, ...] | PydanticCustomError:
        if len(self._outcomes) >= MOST_COLUMNS:
            return complaint(Problem((), f"more than {MOST_COLUMNS} columns of files are too many"))
        try:
            durations = _read(self._directory / file, column, unit, self._rows_left)
        except PydanticCustomError as error:
            return error
        self._rows_left -= len(durations)
        return durations


def _read(path: Path, column: str, unit: str, most: int) -> tuple[int, ...]:
    try:
        rows = csv.reader(io.StringIO(read(path), newline=""), strict=True)
        return _durations(rows, path, column, unit, most)
    except UnreadableError as error:
        message = f"{quote(str(path))} cannot be used: {error.message}"
        raise complaint(Problem(("file",), message, error.hint)) from None
    except csv.Error as error:
        fault = Fault(str(path), f"not CSV: {error}", rows.line_num)
        raise _elsewhere(fault) from None


def _durations(rows: _csv.Reader, path: Path, column: str, unit: str, most: int) -> tuple[int, ...]:
    position = _position(next(rows, []), column)
    durations: list[int] = []
    faults: list[Fault] = []
    for row in filter(None, rows):
        if len(durations) + len(faults) == most:
            raise complaint(Problem(("file",), f"more than {most} rows are too many"))
        try:
            durations.append(_duration(row, position, unit))
        except ValueError as error:
            faults.append(Fault(str(path), str(error), rows.line_num, path=dotted((column,))))
    if faults:
        raise _elsewhere(*faults)
    if not durations:
        raise complaint(Problem(("file",), "the file has no rows under its header"))
    return tuple(durations)


def _position(header: list[str], column: str) -> int:
    names = [name.strip() for name in header]
    if column not in names:
        unknown = Unknown(column, tuple(names), "columns")
        raise complaint(Problem(("column",), "the file has no such column", unknown=unknown))
    if names.count(column) > 1:
        raise complaint(Problem(("column",), "the file has several columns of this name"))
    return names.index(column)


def _duration(row: list[str], position: int, unit: str) -> int:
    if position >= len(row):
        raise ValueError("the row ends before this column")
    return nanoseconds(row[position].strip(), unit)


def _elsewhere(*faults: Fault) -> PydanticCustomError:
    return complaint(Problem(("file",), "\n".join(map(str, faults)), elsewhere=faults))
